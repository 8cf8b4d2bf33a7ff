"""Writes professional claims as one 837P interchange (X12 005010X222A1).

It writes what the scrubber lets pass. A billing provider, a subscriber and a patient stand once
each, before all the claims they share. Loops are named as the guide numbers them.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from payer_formats.amounts import text_of
from payer_formats.claim import (
    Address,
    Adjustment,
    Claim,
    Payer,
    Person,
    PriorPayment,
    Provider,
    ServiceLine,
    Subscriber,
)
from payer_formats.x12.professional_codes import (
    ACCIDENTS,
    FILING,
    FREQUENCIES,
    RANKS,
    RELATIONSHIPS,
    TRIPLETS,
    VERSION,
)
from payer_formats.x12.writing import Element, Envelope, SetWriter, written

Key = TypeVar("Key", bound=Hashable)
LONGEST_NOTE = 80
MODIFIERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitter:
    """Who sends the file, and whom to ask about it; ``id`` as the receiver gave it."""

    name: str
    id: str
    contact: str
    phone: str


def write(
    claims: Sequence[Claim], envelope: Envelope, submitter: Submitter, receiver: Payer
) -> bytes:
    """Return an interchange of one set; ``receiver`` is the payer or the clearing house."""
    one = SetWriter("837", 1, VERSION)
    at = envelope.at
    reference = f"{envelope.control:09}"
    one.add("BHT", "0019", "00", reference, f"{at:%Y%m%d}", f"{at:%H%M}", "CH")
    one.add("NM1", "41", "2", submitter.name, *_blank(4), "46", submitter.id)
    one.add("PER", "IC", submitter.contact, "TE", submitter.phone)
    one.add("NM1", "40", "2", receiver.name, *_blank(4), "46", receiver.id)
    _Tree(one).write(claims)
    return written(envelope, "HC", VERSION, [one])


class _Tree:
    """The hierarchy of HL segments: 20 billing provider, 22 subscriber, 23 patient."""

    def __init__(self, one: SetWriter) -> None:
        self.one = one
        self.count = 0

    def write(self, claims: Iterable[Claim]) -> None:
        for (provider, currency), billed in _grouped(claims, _billing_key):
            at = self._level("", "20", child=True)
            _billing(self.one, provider, currency)
            for _, insured in _grouped(billed, _subscriber_key):
                self._subscriber(at, insured)

    def _subscriber(self, parent: str, claims: list[Claim]) -> None:
        dependants = claims[0].patient is not None
        at = self._level(parent, "22", child=dependants)
        _subscriber(self.one, claims[0])
        if not dependants:
            self._claims(claims)
            return
        for _, treated in _grouped(claims, _patient_key):
            self._level(at, "23", child=False)
            _patient(self.one, treated[0])
            self._claims(treated)

    def _claims(self, claims: list[Claim]) -> None:
        for claim in claims:
            _claim(self.one, claim)

    def _level(self, parent: str, code: str, *, child: bool) -> str:
        self.count += 1
        self.one.add("HL", self.count, parent, code, "1" if child else "0")
        return str(self.count)


def _grouped(
    claims: Iterable[Claim], key: Callable[[Claim], Key]
) -> Iterable[tuple[Key, list[Claim]]]:
    """Return the claims by a key, keys and claims in the order they first came."""
    groups: dict[Key, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(key(claim), []).append(claim)
    return groups.items()


def _billing_key(claim: Claim) -> tuple[Provider, str]:
    return claim.billing, claim.currency


def _subscriber_key(claim: Claim) -> tuple[Subscriber, Payer, str, str, bool]:
    number = _accident_number(claim) if claim.patient is None else ""
    return claim.subscriber, claim.payer, _filing(claim), number, claim.patient is None


def _patient_key(claim: Claim) -> tuple[Person, str]:
    return claim.treated, _accident_number(claim)


def _billing(one: SetWriter, provider: Provider, currency: str) -> None:
    """Loops 2000A and 2010AA."""
    if provider.taxonomy:
        one.add("PRV", "BI", "PXC", provider.taxonomy)
    if currency != "USD":
        one.add("CUR", "85", currency)
    _provider(one, "85", provider)
    _address(one, provider.address)
    if provider.tax_id:
        one.add("REF", "EI", provider.tax_id)


def _subscriber(one: SetWriter, claim: Claim) -> None:
    """Loops 2000B, 2010BA and 2010BB."""
    subscriber, payer = claim.subscriber, claim.payer
    own = RELATIONSHIPS["self"] if claim.patient is None else ""
    rank = RANKS[subscriber.rank - 1]
    one.add("SBR", rank, own, subscriber.group_number, *_blank(5), _filing(claim))
    _person(one, "IL", subscriber.person, "MI", subscriber.member_id)
    if claim.patient is None:
        _accident_reference(one, claim)
    one.add("NM1", "PR", "2", payer.name, *_blank(4), "PI", payer.id)
    if claim.billing.number:
        one.add("REF", "G2", claim.billing.number)


def _patient(one: SetWriter, claim: Claim) -> None:
    """Loops 2000C and 2010CA."""
    relationship = claim.subscriber.relationship
    one.add("PAT", RELATIONSHIPS["other" if relationship == "self" else relationship])
    _person(one, "QC", claim.treated)
    _accident_reference(one, claim)


def _claim(one: SetWriter, claim: Claim) -> None:
    """Loops 2300 to 2430."""
    place: Element = [claim.place_of_service, "B", FREQUENCIES[claim.frequency]]
    accident = claim.accident
    cause = [ACCIDENTS[accident.kind], "", "", accident.region] if accident else ""
    charge = text_of(claim.charge_minor)
    one.add("CLM", claim.id, charge, "", "", place, "Y", "A", "Y", "Y", "", cause)
    _date(one, "431", claim.onset)
    _date(one, "439", accident.day if accident else None)
    if claim.authorization:
        one.add("REF", "G1", claim.authorization)
    if claim.payer_reference:
        one.add("REF", "F8", claim.payer_reference)
    if claim.note:
        one.add("NTE", "ADD", claim.note[:LONGEST_NOTE])
    _diagnoses(one, claim)
    _providers(one, claim)
    for prior in claim.prior:
        _prior(one, prior)
    for line in claim.lines:
        _line(one, claim, line)


def _diagnoses(one: SetWriter, claim: Claim) -> None:
    codes: list[Element] = []
    for diagnosis in claim.diagnoses:
        qualifier = "BF" if codes else "BK"
        if diagnosis.system == "ICD10":
            qualifier = f"A{qualifier}"
        codes.append([qualifier, diagnosis.code])
    if codes:
        one.add("HI", *codes)


def _providers(one: SetWriter, claim: Claim) -> None:
    """Loops 2310A to 2310C; who renders is named only where it is not who bills."""
    for code, provider in (
        ("DN", claim.referring),
        ("82", claim.rendering if claim.rendering != claim.billing else None),
        ("77", claim.facility),
    ):
        if provider is None:
            continue
        _provider(one, code, provider)
        if code == "82" and provider.taxonomy:
            one.add("PRV", "PE", "PXC", provider.taxonomy)
        if code == "77":
            _address(one, provider.address)
        if provider.number:
            one.add("REF", "G2", provider.number)


def _prior(one: SetWriter, prior: PriorPayment) -> None:
    """Loops 2320, 2330A and 2330B: what an earlier payer made of the claim."""
    subscriber, payer = prior.subscriber, prior.payer
    relationship = RELATIONSHIPS[subscriber.relationship]
    rank = RANKS[subscriber.rank - 1]
    one.add("SBR", rank, relationship, subscriber.group_number, *_blank(5), FILING["other"])
    _adjustments(one, prior.adjustments)
    one.add("AMT", "D", text_of(prior.paid_minor))
    one.add("OI", "", "", "Y", "", "", "Y")
    person = subscriber.person
    name = (person.last_name, person.first_name, person.middle_name)
    one.add("NM1", "IL", "1", *name, "", "", "MI", subscriber.member_id)
    _address(one, person.address)
    one.add("NM1", "PR", "2", payer.name, *_blank(4), "PI", payer.id)
    if not prior.lines:
        _date(one, "573", prior.paid_on)
    if prior.payer_reference:
        one.add("REF", "F8", prior.payer_reference)


def _line(one: SetWriter, claim: Claim, line: ServiceLine) -> None:
    """Loops 2400 and 2430."""
    padding = _blank(MODIFIERS - len(line.modifiers))
    service = ["HC", line.procedure, *line.modifiers, *padding, line.description]
    charge = text_of(line.charge_minor)
    pointers = [str(pointer) for pointer in line.pointers]
    one.add("LX", line.number)
    one.add("SV1", service, charge, "UN", line.units, "", "", pointers)
    if line.through is None:
        _date(one, "472", line.day)
    else:
        one.add("DTP", "472", "RD8", f"{line.day:%Y%m%d}-{line.through:%Y%m%d}")
    if line.reference:
        one.add("REF", "6R", line.reference)
    for prior in claim.prior:
        for paid in prior.lines:
            if paid.number == line.number:
                procedure = ["HC", paid.procedure or line.procedure]
                units = paid.units or line.units
                one.add("SVD", prior.payer.id, text_of(paid.paid_minor), procedure, "", units)
                _adjustments(one, paid.adjustments)
                _date(one, "573", prior.paid_on)


def _adjustments(one: SetWriter, adjustments: Iterable[Adjustment]) -> None:
    """CAS segments: one for each group, of at most six reasons."""
    groups: dict[str, list[Adjustment]] = {}
    for each in adjustments:
        groups.setdefault(each.group, []).append(each)
    for group, reasons in groups.items():
        for start in range(0, len(reasons), TRIPLETS):
            triplets: list[Element] = []
            for each in reasons[start : start + TRIPLETS]:
                triplets += [each.reason, text_of(each.minor), str(each.quantity or "")]
            one.add("CAS", group, *triplets)


def _provider(one: SetWriter, code: str, provider: Provider) -> None:
    kind = "1" if provider.is_person else "2"
    number = ("XX", provider.npi) if provider.npi else ()
    one.add("NM1", code, kind, provider.name, provider.first_name, *_blank(3), *number)


def _person(
    one: SetWriter, code: str, person: Person, qualifier: str = "", number: str = ""
) -> None:
    name = (person.last_name, person.first_name, person.middle_name)
    one.add("NM1", code, "1", *name, "", "", qualifier, number)
    _address(one, person.address)
    if person.birth_date is not None:
        one.add("DMG", "D8", f"{person.birth_date:%Y%m%d}", person.sex)


def _address(one: SetWriter, address: Address | None) -> None:
    if address is None:
        return
    one.add("N3", address.line, address.line2)
    postal = address.postal_code.replace(" ", "").replace("-", "")
    country = "" if address.country == "US" else address.country
    one.add("N4", address.city, address.region, postal, country)


def _date(one: SetWriter, qualifier: str, day: date | None) -> None:
    if day is not None:
        one.add("DTP", qualifier, "D8", f"{day:%Y%m%d}")


def _accident_reference(one: SetWriter, claim: Claim) -> None:
    if number := _accident_number(claim):
        one.add("REF", "Y4", number)


def _accident_number(claim: Claim) -> str:
    return claim.accident.claim_number if claim.accident else ""


def _filing(claim: Claim) -> str:
    return FILING[claim.accident.kind if claim.accident else "other"]


def _blank(count: int) -> tuple[str, ...]:
    return ("",) * count
