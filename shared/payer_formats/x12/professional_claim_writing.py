"""Writes one claim of an 837P, its lines, and what earlier payers made of it (2300 to 2430)."""

from collections.abc import Iterable

from payer_formats.amounts import text_of
from payer_formats.claim import Adjustment, Claim, PriorPayment, ServiceLine
from payer_formats.x12.professional_codes import (
    ACCIDENTS,
    FILING,
    FREQUENCIES,
    RANKS,
    RELATIONSHIPS,
    TRIPLETS,
)
from payer_formats.x12.professional_party_writing import (
    add_address,
    add_date,
    add_provider,
    blank,
)
from payer_formats.x12.writing import Element, SetWriter

LONGEST_NOTE = 80
MODIFIERS = 4


def add_claim(one: SetWriter, claim: Claim) -> None:
    """Add a claim: loops 2300 to 2430."""
    place: Element = [claim.place_of_service, "B", FREQUENCIES[claim.frequency]]
    accident = claim.accident
    cause = [ACCIDENTS[accident.kind], "", "", accident.region] if accident else ""
    charge = text_of(claim.charge_minor)
    one.add("CLM", claim.id, charge, "", "", place, "Y", "A", "Y", "Y", "", cause)
    add_date(one, "431", claim.onset)
    add_date(one, "439", accident.day if accident else None)
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
        add_provider(one, code, provider)
        if code == "82" and provider.taxonomy:
            one.add("PRV", "PE", "PXC", provider.taxonomy)
        if code == "77":
            add_address(one, provider.address)
        if provider.number:
            one.add("REF", "G2", provider.number)


def _prior(one: SetWriter, prior: PriorPayment) -> None:
    """Loops 2320, 2330A and 2330B: what an earlier payer made of the claim."""
    subscriber, payer = prior.subscriber, prior.payer
    relationship = RELATIONSHIPS[subscriber.relationship]
    rank = RANKS[subscriber.rank - 1]
    one.add("SBR", rank, relationship, subscriber.group_number, *blank(5), FILING["other"])
    _adjustments(one, prior.adjustments)
    one.add("AMT", "D", text_of(prior.paid_minor))
    one.add("OI", "", "", "Y", "", "", "Y")
    person = subscriber.person
    name = (person.last_name, person.first_name, person.middle_name)
    one.add("NM1", "IL", "1", *name, "", "", "MI", subscriber.member_id)
    add_address(one, person.address)
    one.add("NM1", "PR", "2", payer.name, *blank(4), "PI", payer.id)
    if not prior.lines:
        add_date(one, "573", prior.paid_on)
    if prior.payer_reference:
        one.add("REF", "F8", prior.payer_reference)


def _line(one: SetWriter, claim: Claim, line: ServiceLine) -> None:
    """Loops 2400 and 2430."""
    padding = blank(MODIFIERS - len(line.modifiers))
    service = ["HC", line.procedure, *line.modifiers, *padding, line.description]
    charge = text_of(line.charge_minor)
    pointers = [str(pointer) for pointer in line.pointers]
    one.add("LX", line.number)
    one.add("SV1", service, charge, "UN", line.units, "", "", pointers)
    if line.through is None:
        add_date(one, "472", line.day)
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
                add_date(one, "573", prior.paid_on)


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
