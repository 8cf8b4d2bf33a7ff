"""Billing's records as FHIR resources, under the ids by which they are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from zoneinfo import ZoneInfo

from billing.claim_ports import Leaving, Policy
from billing.domain.claim import decision
from billing.fhir_ports import HandedIn
from billing.payers import incoming
from billing.payers.outgoing import names, outgoing
from billing.payers.profiles import Profile, Profiles
from clinic_contracts.billing.claims import ClaimDetails, ClaimFinding, ClaimSettlement
from clinic_contracts.billing.requests import ClaimView, InvoiceView
from payer_formats.answers import ClaimVerdict, RemittedClaim, Verdict
from payer_formats.claim import Adjustment, Claim, Payer, Person, Relationship, Subscriber
from payer_formats.fhir import systems
from payer_formats.fhir.answering import response_bytes, verdict_bytes
from payer_formats.fhir.building import iso
from payer_formats.fhir.claims_in import read_claim
from payer_formats.fhir.claims_out import claim_bytes
from payer_formats.fhir.element import Notes
from payer_formats.fhir.requests import InvoiceCharge, InvoiceTotals, coverage_bytes, invoice_bytes
from payer_formats.fhir.syntax import parse, written

OWN_PROCEDURES = "urn:clinicops:procedure"
RELATIONSHIPS: Mapping[str, Relationship] = {"self": "self", "spouse": "spouse", "child": "child"}
SAID: Mapping[str, Verdict] = {
    "queued": "accepted",
    "submitted": "accepted",
    "received": "accepted",
    "accepted": "accepted",
    "pended": "pended",
    "adjudicated": "pended",
    "appealed": "pended",
    "rejected": "rejected",
}
"""What is said of a claim, by its state, while no decision stands."""


@dataclass(frozen=True, slots=True)
class Resources:
    """Makes and reads them; ``profiles`` say in which system a payer's procedures are."""

    profiles: Profiles

    def claim(self, leaving: Leaving) -> bytes:
        """Return a claim as its payer would get it in FHIR, whatever tongue its payer speaks."""
        claim = leaving.claim
        profile = self.profiles.by_id(claim.payer_id)
        raw = claim_bytes(
            outgoing(leaving, profile),
            created=claim.created_at.date(),
            procedures=_procedures(profile),
        )
        return _named(raw, claim.id)

    def response(self, claim: ClaimView) -> bytes | None:
        """Return the ClaimResponse of what its payer last said; None before it was queued."""
        payer_id, currency = claim.payer_id or claim.carrier, claim.charge.currency
        last = claim.history[-1].at if claim.history else claim.created_at
        made = decision(claim)
        if made is not None:
            steps = (each.at for each in claim.history if each.file_id == made.file_id)
            raw = response_bytes(
                _remitted(claim, made),
                payer_id=payer_id,
                created=next(steps, last).date(),
                currency=currency,
            )
        elif claim.state in SAID:
            raw = verdict_bytes(
                _verdict(claim), payer_id=payer_id, created=last.date(), currency=currency
            )
        else:
            return None
        return _named(raw, claim.id)

    def coverage(self, policy: Policy) -> bytes:
        """Return a policy; of a holder who is not the client billing knows the first name alone."""
        kept = policy.coverage
        client = _person(policy.client.name)
        own = kept.relationship == "self"
        holder = Person(
            last_name="", first_name=kept.holder_first_name, birth_date=kept.holder_birth_date
        )
        raw = coverage_bytes(
            Subscriber(
                person=client if own else holder,
                member_id=kept.member_id,
                group_number=kept.group_number,
                rank=kept.order,
                relationship=RELATIONSHIPS.get(kept.relationship, "other"),
            ),
            Payer(id="", name=kept.carrier),
            None if own else client,
        )
        period = {"start": iso(kept.valid_from), "end": iso(kept.valid_to)}
        return _named(raw, kept.coverage_id, period=period)

    def invoice(self, invoice: InvoiceView) -> bytes:
        """Return an invoice, dated at the clinic; ``balanced`` once payers have paid as well."""
        totals = InvoiceTotals(
            number=invoice.number,
            status=_status(invoice),
            net_minor=invoice.subtotal.amount_minor,
            gross_minor=invoice.total.amount_minor,
            currency=invoice.total.currency,
        )
        charges = tuple(
            InvoiceCharge(description=line.description, net_minor=line.amount.amount_minor)
            for line in invoice.lines
        )
        raw = invoice_bytes(
            totals, charges, issued=_issued(invoice), issuer=invoice.parties.location_name
        )
        return _named(raw, invoice.id)

    def handed_in(self, raw: bytes) -> HandedIn:
        """Return what a Claim resource says; never raises for what it holds."""
        read = read_claim(raw)
        found = tuple(ClaimFinding(**asdict(each)) for each in read.findings)
        return HandedIn(claim=read.claim, findings=found)

    def differences(self, told: Claim, claim: ClaimView) -> Sequence[ClaimFinding]:
        """Return what a resource says otherwise than the claim, and may not change."""
        return incoming.differences(told, claim)

    def filled(self, told: Claim, details: ClaimDetails) -> ClaimDetails:
        """Return a claim's details with what a resource says; raises Invalid for its limits."""
        return incoming.filled(told, details)


def _named(raw: bytes, id_: str, **more: object) -> bytes:
    """Return a resource of ours under a record's id, which FHIR spells without ``_``."""
    values = parse(raw, Notes()).values
    kind = values["resourceType"]
    return written({"resourceType": kind, **values, "id": id_.replace("_", "-"), **more})


def _procedures(profile: Profile | None) -> str:
    if profile is None:
        return OWN_PROCEDURES
    return systems.CPT if profile.tongue == "x12" else profile.procedure_system


def _remitted(claim: ClaimView, made: ClaimSettlement) -> RemittedClaim:
    paid = made.paid.amount_minor + made.overpaid.amount_minor
    return RemittedClaim(
        reference=claim.number,
        decision="paid" if paid else "denied",
        charge_minor=claim.charge.amount_minor,
        paid_minor=paid,
        payer_reference=claim.payer_reference,
        adjustments=tuple(
            Adjustment(group=each.group, reason=each.reason, minor=each.amount.amount_minor)
            for each in made.adjustments
        ),
        remarks=made.explanation,
    )


def _verdict(claim: ClaimView) -> ClaimVerdict:
    verdict = SAID[claim.state]
    told = claim.findings if verdict == "rejected" else ()
    return ClaimVerdict(
        reference=claim.number,
        verdict=verdict,
        codes=tuple(each.code for each in told),
        text=told[0].text if told else "",
        payer_reference=claim.payer_reference,
        amount_minor=claim.charge.amount_minor,
    )


def _person(name: str) -> Person:
    first, last = names(name)
    return Person(last_name=last, first_name=first)


def _status(invoice: InvoiceView) -> str:
    if invoice.status == "void":
        return "cancelled"
    payers_owe = invoice.payer_portion.amount_minor > invoice.payer_paid.amount_minor
    return "balanced" if invoice.status == "paid" and not payers_owe else "issued"


def _issued(invoice: InvoiceView) -> date:
    return invoice.issued_at.astimezone(ZoneInfo(invoice.parties.timezone)).date()
