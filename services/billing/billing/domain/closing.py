"""The end of a claim from which nothing more is expected: the rest is the client's to pay."""

from billing.domain.claim import moved, outstanding
from billing.domain.ledger import AR_CLIENT, AR_PAYER, Posting
from billing.domain.settlement import Source, owing_more
from clinic_contracts.billing.claims import ClaimState
from clinic_contracts.billing.events import ClaimChanged
from clinic_contracts.billing.requests import ClaimView, InvoiceView
from clinic_contracts.money import Money


def given_up(
    claim: ClaimView, invoice: InvoiceView, state: ClaimState, source: Source
) -> tuple[ClaimView, ClaimChanged, InvoiceView, tuple[Posting, ...]]:
    """Return the claim in that state, its event, the invoice, and what moves to the client.

    Raises IllegalTransition.
    """
    rest = outstanding(claim)
    nothing = Money(amount_minor=0, currency=rest.currency)
    ended, event = moved(
        claim,
        [state],
        source.cause,
        outstanding=nothing,
        moved_to_client=claim.moved_to_client + rest,
    )
    if not rest.amount_minor:
        return ended, event, invoice, ()
    text = f"the claim to {claim.carrier} is {state}: {source.cause.word}"
    owing = owing_more(invoice, rest, text, claim.id, source)
    postings = (
        Posting(AR_CLIENT, rest.amount_minor, invoice.id, location_id=invoice.location_id),
        Posting(
            AR_PAYER,
            -rest.amount_minor,
            invoice.id,
            location_id=invoice.location_id,
            payer=claim.carrier,
        ),
    )
    return ended, event, owing, postings
