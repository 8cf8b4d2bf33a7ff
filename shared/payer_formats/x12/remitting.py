"""Writing an 835 (ASC X12 005010X221A1) from ``Remittance``s, as a payer does.

What is written is what is there, balanced or not: a simulated payer makes mistakes on purpose.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from payer_formats.amounts import text_of
from payer_formats.answers import Remittance, RemittedClaim, RemittedLine
from payer_formats.claim import Adjustment, Provider
from payer_formats.x12.remittance import DOLLARS
from payer_formats.x12.writing import Envelope, SetWriter, written

VERSION = "005010X221A1"
TRIPLES = 6
"""Reasons that one CAS segment holds; and pairs that one PLB holds."""
REMARKS = 5


def write_835(
    envelope: Envelope, remittances: Sequence[Remittance], payer: Provider, payee: Provider
) -> bytes:
    """Return an interchange with a set for each remittance, all from one payer to one payee.

    Of the payer its address and tax number are taken; the guide requires both.
    """
    sets = (_set(n, each, payer, payee) for n, each in enumerate(remittances, start=1))
    return written(envelope, "HP", VERSION, sets)


def _set(number: int, remittance: Remittance, payer: Provider, payee: Provider) -> SetWriter:
    out = SetWriter("835", number)
    method = remittance.method or "NON"
    paid_on = _text(remittance.paid_on)
    amount = text_of(remittance.paid_minor)
    out.add("BPR", "I", amount, "C", method, *[""] * 11, paid_on)
    # TRN03 is ten characters: 1, for a tax number, and the number.
    originator = payer.tax_id or remittance.payer_id
    out.add("TRN", "1", remittance.trace, f"1{originator:0>9.9}")
    if remittance.currency != DOLLARS:
        out.add("CUR", "PR", remittance.currency)
    if paid_on:
        out.add("DTM", "405", paid_on)
    out.add("N1", "PR", remittance.payer_name, "XV", remittance.payer_id)
    if payer.address:
        address = payer.address
        out.add("N3", address.line, address.line2)
        abroad = "" if address.country == "US" else address.country
        out.add("N4", address.city, address.region, address.postal_code, abroad)
    out.add("PER", "BL", payer.name)
    out.add("N1", "PE", payee.name, "XX", payee.npi)
    if remittance.claims:
        out.add("LX", 1)
    for claim in remittance.claims:
        _claim(out, claim)
    year_end = f"{remittance.paid_on.year}1231" if remittance.paid_on else ""
    kept = remittance.provider_adjustments
    for start in range(0, len(kept), TRIPLES):
        pairs: list[str | list[str]] = []
        for each in kept[start : start + TRIPLES]:
            pairs += [[each.reason, each.reference], text_of(each.minor)]
        out.add("PLB", payee.npi, year_end, *pairs)
    return out


def _claim(out: SetWriter, claim: RemittedClaim) -> None:
    charge, paid = text_of(claim.charge_minor), text_of(claim.paid_minor)
    owed = text_of(claim.client_minor) if claim.client_minor else ""
    out.add("CLP", claim.reference, claim.code, charge, paid, owed, "12", claim.payer_reference)
    _adjustments(out, claim.adjustments)
    first, _, last = claim.patient_name.rpartition(" ")
    member = ("MI", claim.member_id) if claim.member_id else ()
    out.add("NM1", "QC", "1", last, first, "", "", "", *member)
    if claim.remarks:
        out.add("MOA", "", "", *claim.remarks[:REMARKS])
    if claim.day:
        out.add("DTM", "232", _text(claim.day))
    for line in claim.lines:
        _line(out, line)


def _line(out: SetWriter, line: RemittedLine) -> None:
    service = ["HC", line.procedure, *line.modifiers]
    charge, paid = text_of(line.charge_minor), text_of(line.paid_minor)
    out.add("SVC", service, charge, paid, "", line.units)
    if line.day:
        out.add("DTM", "472", _text(line.day))
    _adjustments(out, line.adjustments)
    if line.reference:
        out.add("REF", "6R", line.reference)
    if line.allowed_minor is not None:
        out.add("AMT", "B6", text_of(line.allowed_minor))
    for remark in line.remarks:
        out.add("LQ", "HE", remark)


def _adjustments(out: SetWriter, adjustments: Iterable[Adjustment]) -> None:
    for group, alike in groupby(adjustments, key=lambda each: each.group):
        together = list(alike)
        for start in range(0, len(together), TRIPLES):
            triples: list[str] = []
            for each in together[start : start + TRIPLES]:
                triples += [each.reason, text_of(each.minor), str(each.quantity or "")]
            out.add("CAS", group, *triples)


def _text(day: date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""
