"""The simulated payer in FHIR R4: a Claim in; a ClaimResponse at once, payments later.

A CoverageEligibilityRequest is answered at once, or queued and answered later.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from clinic_deploy.simulator import entitlement
from clinic_deploy.simulator.behaviour import Answer, answers, verdict
from clinic_deploy.simulator.store import Mail, Taken
from payer_formats.answers import ClaimVerdict, Remittance
from payer_formats.claim import Claim
from payer_formats.fhir.answering import remittance_bytes, verdict_bytes
from payer_formats.fhir.claims_in import read_claim
from payer_formats.fhir.entitling import asks, read_request, response_bytes
from payer_formats.fhir.outcomes import outcome

CURRENCY = "CAD"
MEDIA_TYPE = "application/fhir+json"


def taken(raw: bytes, at: datetime, number: Callable[[], int]) -> Taken:
    """Return the answers to a Claim; to what is none, what is wrong with it."""
    if asks(raw):
        return _entitled(raw, at, number)
    read = read_claim(raw)
    if read.claim is None:
        return Taken(content_type=MEDIA_TYPE, body=outcome(read.findings))
    claim, own = read.claim, f"F{number():010}"
    by_time: defaultdict[float, list[Answer]] = defaultdict(list)
    for each in answers(claim, own):
        by_time[each.after].append(each)
    later = [
        mail
        for after, together in sorted(by_time.items())
        for mail in _mail(claim, own, after, together, at, number)
    ]
    body = _verdict(claim, verdict(claim, own), at)
    return Taken(content_type=MEDIA_TYPE, body=body, later=tuple(later))


def _entitled(raw: bytes, at: datetime, number: Callable[[], int]) -> Taken:
    inquiry, findings = read_request(raw)
    if inquiry is None:
        return Taken(content_type=MEDIA_TYPE, body=outcome(findings))
    told = entitlement.answer(inquiry, entitlement.FHIR_BENEFITS)
    body = response_bytes(told, created=at.date(), currency=CURRENCY)
    if entitlement.scenario(inquiry) != "late":
        return Taken(content_type=MEDIA_TYPE, body=body)
    first = response_bytes(entitlement.queued(inquiry), created=at.date(), currency=CURRENCY)
    later = (_one(entitlement.LATE, number(), body),)
    return Taken(content_type=MEDIA_TYPE, body=first, later=later)


def _mail(  # noqa: PLR0913, PLR0917 (private, called in one way)
    claim: Claim,
    own: str,
    after: float,
    together: list[Answer],
    at: datetime,
    number: Callable[[], int],
) -> list[Mail]:
    if together[0].decided.decision == "pended":
        held = ClaimVerdict(reference=claim.id, verdict="pended", payer_reference=own)
        return [_one(after, number(), _verdict(claim, held, at))]
    decided = tuple(each.decided for each in together)
    remittance = Remittance(
        identity="",
        payer_id=claim.payer.id,
        payer_name=claim.payer.name,
        paid_minor=sum(each.paid_minor for each in decided) + sum(e.off_by for e in together),
        currency=claim.currency,
        claims=decided,
        trace=f"PAY{number():09}",
        paid_on=at.date(),
    )
    mail = _one(after, number(), remittance_bytes(remittance, created=at.date()))
    return [mail] * (2 if any(each.again for each in together) else 1)


def _verdict(claim: Claim, said: ClaimVerdict, at: datetime) -> bytes:
    return verdict_bytes(said, payer_id=claim.payer.id, created=at.date(), currency=claim.currency)


def _one(after: float, number: int, body: bytes) -> Mail:
    return Mail(after=after, content_type=MEDIA_TYPE, name=f"{number:09}.json", body=body)
