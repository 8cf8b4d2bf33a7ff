"""Claims' own history, as reports read it."""

from datetime import datetime

from billing.domain.claim_report import Dealt, Reason
from billing.repository.collections import Document

FIELDS = {
    f"state.{name}": 1
    for name in ("carrier", "charge", "paid", "history.state", "history.at", "settlements")
}


def dealt_of(document: Document) -> Dealt:
    """Return a claim as it was dealt with."""
    state = document["state"]
    return Dealt(
        payer=state["carrier"],
        charge=int(state["charge"]["amount_minor"]),
        # Claims of earlier releases were kept without what was paid, and without a history.
        paid=int(state.get("paid", {}).get("amount_minor", 0)),
        steps=tuple(
            (step["state"], datetime.fromisoformat(step["at"]).date())
            for step in state.get("history", ())
        ),
        denials=tuple(
            tuple(_reason(each) for each in made.get("adjustments", ()))
            for made in state.get("settlements", ())
            if not made.get("undone") and not _paid(made)
        ),
    )


def _reason(adjustment: Document) -> Reason:
    code = f"{adjustment['group']}-{adjustment['reason']}"
    return Reason(code, int(adjustment["amount"]["amount_minor"]))


def _paid(made: Document) -> int:
    return int(made["paid"]["amount_minor"]) + int(made["overpaid"]["amount_minor"])
