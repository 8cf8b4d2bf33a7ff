"""The scrubber: what is wrong with claims before a payer says so.

For claims on their way out, and for those that somebody sent. Limits are those of the 837P guide
(X12 005010X222A1), which the other tongues keep within.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from payer_formats.amounts import text_of
from payer_formats.claim import Adjustment, Claim, PriorPayment, ServiceLine
from payer_formats.findings import Finding, Severity, quoted
from payer_formats.numbers import is_npi, is_phn
from payer_formats.scrub_diagnoses import faults
from payer_formats.units import TIMED, Rule, units_of

MOST_LINES = 50
MOST_DIAGNOSES = 12
MOST_POINTERS = 4
MOST_MODIFIERS = 4
LONGEST_ID = 20
MOST_PAYERS = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a payer asks for that others do not; X12 payers ask for the first two.

    ``npi``: providers are identified by US National Provider Identifiers. ``icd10cm``: every line
    points at a diagnosis in ICD-10-CM. ``timed``: how timed units follow from minutes, None where
    they are not checked.
    """

    npi: bool = True
    icd10cm: bool = True
    timed: Rule | None = None


X12 = Demands()
ELSEWHERE = Demands(npi=False, icd10cm=False)
"""BC's public payers: numbers and diagnoses of their own."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """Demands, as of a day, and how bad a bad NPI is."""

    demands: Demands
    today: date
    npi_severity: Severity


def scrub(
    claims: Sequence[Claim],
    *,
    today: date,
    inbound: bool = False,
    demands: Demands = X12,
    positions: Sequence[int] = (),
) -> list[Finding]:
    """Return what is wrong with claims that go, or came, in one file.

    A bad NPI is an error on the way out and a warning on the way in. ``positions`` are where the
    claims stand in the file they came in, one for each, for the findings to say.
    """
    rules = _Rules(demands, today, "warning" if inbound else "error")
    findings = list(_batch(claims))
    for claim, position in zip(claims, positions or [0] * len(claims), strict=True):
        findings += [replace(each, position=position) for each in _claim(claim, rules)]
    return findings


def _batch(claims: Sequence[Claim]) -> Iterator[Finding]:
    for number, count in Counter(claim.id for claim in claims).items():
        if count > 1:
            yield Finding(
                code="DUPLICATE_CLAIM",
                text=f"claim number {quoted(number)} is used {count} times",
                where="CLM01",
                reference=number,
                fix="give each claim a number of its own",
            )
    currencies = sorted({claim.currency for claim in claims})
    if len(currencies) > 1:
        yield Finding(
            code="CURRENCY_MIX",
            text=f"claims in {' and '.join(currencies)} stand together",
            where="CUR02",
            fix="send the claims of each currency apart",
        )


def _claim(claim: Claim, rules: _Rules) -> Iterator[Finding]:
    yield from _whole(claim)
    yield from _dates(claim, rules.today)
    yield from _diagnoses(claim, icd10cm=rules.demands.icd10cm, today=rules.today)
    if rules.demands.npi:
        yield from _npis(claim, rules.npi_severity)
    if rules.demands.timed is not None:
        yield from _timed(claim, rules.demands.timed)
    yield from _health_numbers(claim)
    for line in claim.lines:
        yield from _line(claim, line, rules)
    for prior in claim.prior:
        yield from _coordination(claim, prior)


def _whole(claim: Claim) -> Iterator[Finding]:
    if not 1 <= len(claim.id) <= LONGEST_ID:
        text = f"claim number {quoted(claim.id)} has {len(claim.id)} characters"
        yield _found(claim, "CLAIM_ID", text, "CLM01", fix=f"1 to {LONGEST_ID} characters")
    if claim.charge_minor < 0:
        text = f"the charge is {text_of(claim.charge_minor)}"
        yield _found(claim, "AMOUNT", text, "CLM02", fix="charges are not negative")
    total = sum(line.charge_minor for line in claim.lines)
    if claim.charge_minor != total:
        charge = text_of(claim.charge_minor)
        text = f"the charge is {charge}, its lines come to {text_of(total)}"
        yield _found(claim, "CHARGE_SUM", text, "CLM02", fix=text_of(total))
    if not 1 <= len(claim.lines) <= MOST_LINES:
        text = f"the claim has {len(claim.lines)} lines"
        fix = f"1 to {MOST_LINES} lines; split the claim"
        yield _found(claim, "LINE_COUNT", text, "LX", fix=fix)
    for number, count in Counter(line.number for line in claim.lines).items():
        if count > 1:
            text = f"line number {number} is used {count} times"
            yield _found(claim, "LINE_NUMBER", text, "LX01", line=number, fix="count from 1")
    if not 1 <= claim.subscriber.rank <= MOST_PAYERS:
        text = f"the payer is number {claim.subscriber.rank} in the order of payers"
        yield _found(claim, "PAYER_RANK", text, "SBR01", fix=f"1 to {MOST_PAYERS}, 1 pays first")
    if claim.frequency != "original" and not claim.payer_reference:
        text = f"a {claim.frequency} claim without the payer's number of the claim it is about"
        fix = "give the number from the remittance, or send an original claim"
        yield _found(claim, "FREQUENCY_REFERENCE", text, "REF*F8", fix=fix)


def _dates(claim: Claim, today: date) -> Iterator[Finding]:
    told = [("DTP*472", line.through or line.day, line.number) for line in claim.lines]
    told += [("DTP*439", claim.accident.day, 0)] if claim.accident else []
    told += [("DTP*431", claim.onset, 0)] if claim.onset else []
    for where, day, line in told:
        if day > today:
            text = f"{day.isoformat()} lies in the future"
            yield _found(claim, "FUTURE_DATE", text, where, line=line, fix="claim what was done")
    for line_ in claim.lines:
        if line_.through is not None and line_.through < line_.day:
            text = f"{line_.through.isoformat()} is before {line_.day.isoformat()}"
            yield _found(claim, "DATE", text, "DTP*472", line=line_.number, fix="turn the span")


def _diagnoses(claim: Claim, *, icd10cm: bool, today: date) -> Iterator[Finding]:
    count = len(claim.diagnoses)
    if count > MOST_DIAGNOSES or (icd10cm and not count):
        text = f"the claim has {count} diagnoses"
        yield _found(claim, "DX_COUNT", text, "HI", fix=f"1 to {MOST_DIAGNOSES} diagnoses")
    # A day that could not be read is date.min, and has its finding already.
    day = min((line.day for line in claim.lines if line.day > date.min), default=today)
    for number, diagnosis in enumerate(claim.diagnoses, 1):
        for fault in faults(diagnosis, day, icd10cm=icd10cm):
            yield _found(claim, fault.code, fault.text, f"HI{number:02}", fix=fault.fix)


def _npis(claim: Claim, severity: Severity) -> Iterator[Finding]:
    for code, who, provider in (
        ("85", "billing", claim.billing),
        ("82", "rendering", claim.rendering),
        ("DN", "referring", claim.referring),
        ("77", "facility", claim.facility),
    ):
        if provider is None or not (provider.npi or code == "85") or is_npi(provider.npi):
            continue
        text = f"the {who} provider's NPI is {quoted(provider.npi)}"
        fix = "ten digits with the check digit that NPPES gave"
        yield _found(claim, "NPI_INVALID", text, f"NM1*{code}", fix=fix, severity=severity)


def _health_numbers(claim: Claim) -> Iterator[Finding]:
    for number in dict.fromkeys(
        (claim.subscriber.person.health_number, claim.treated.health_number)
    ):
        if number and not is_phn(number):
            text = f"a personal health number ends in {quoted(number[-4:])} and fails its check"
            fix = "ten digits, as on the BC Services Card"
            yield _found(claim, "PHN_INVALID", text, "health_number", fix=fix)


def _timed(claim: Claim, rule: Rule) -> Iterator[Finding]:
    """Check a day's units against its minutes, for the lines that tell minutes."""
    timed = [line for line in claim.lines if line.procedure in TIMED and line.minutes > 0]
    for day in dict.fromkeys(line.day for line in timed):
        minutes: Counter[str] = Counter()
        units: Counter[str] = Counter()
        for line in timed:
            if line.day == day:
                minutes[line.procedure] += line.minutes
                units[line.procedure] += line.units
        for procedure, allowed in units_of(minutes, rule).items():
            if units[procedure] != allowed:
                told = f"{minutes[procedure]} minutes of {procedure} on {day.isoformat()}"
                text = f"{told} are charged as {units[procedure]} units"
                number = next(line.number for line in timed if line.procedure == procedure)
                yield _found(claim, "UNITS", text, "SV104", line=number, fix=str(allowed))


def _line(claim: Claim, line: ServiceLine, rules: _Rules) -> Iterator[Finding]:
    def found(code: str, text: str, where: str, fix: str) -> Finding:
        return _found(claim, code, text, where, line=line.number, fix=fix)

    if not line.procedure:
        yield found("PROCEDURE", "the line names no procedure", "SV101", "give its code")
    if line.units < 1:
        yield found("UNITS", f"units are {line.units}", "SV104", "1 or more")
    if line.charge_minor < 0:
        text = f"the charge is {text_of(line.charge_minor)}"
        yield found("AMOUNT", text, "SV102", "charges are not negative")
    if len(line.modifiers) > MOST_MODIFIERS:
        text = f"the line has {len(line.modifiers)} modifiers"
        yield found("MODIFIER_COUNT", text, "SV101", f"at most {MOST_MODIFIERS}")
    if len(line.pointers) > MOST_POINTERS:
        text = f"the line points at {len(line.pointers)} diagnoses"
        yield found("POINTER_COUNT", text, "SV107", f"at most {MOST_POINTERS}")
    count = len(claim.diagnoses)
    astray = [str(pointer) for pointer in line.pointers if not 1 <= pointer <= count]
    if astray or (rules.demands.icd10cm and not line.pointers):
        told = f"points at diagnosis {', '.join(astray)}" if astray else "points at no diagnosis"
        fix = f"the claim has {count}" if count else "name a diagnosis"
        yield found("DX_POINTER", f"the line {told}", "SV107", fix)


def _coordination(claim: Claim, prior: PriorPayment) -> Iterator[Finding]:
    """Check what an earlier payer decided (X12 005010X222A1, 1.4.4, coordination of benefits)."""
    whole = _sum(prior.adjustments)
    if prior.lines:
        paid = sum(line.paid_minor for line in prior.lines) - whole
        if paid != prior.paid_minor:
            text = (
                f"{prior.payer.name} paid {text_of(prior.paid_minor)}; "
                f"its lines less the claim's adjustments are {text_of(paid)}"
            )
            yield _found(claim, "COB_BALANCE", text, "AMT*D", fix=text_of(paid))
    adjusted = whole + sum(_sum(line.adjustments) for line in prior.lines)
    if claim.charge_minor != prior.paid_minor + adjusted:
        text = (
            f"the charge is {text_of(claim.charge_minor)}; {prior.payer.name} paid "
            f"{text_of(prior.paid_minor)} and adjusted {text_of(adjusted)}"
        )
        yield _found(claim, "COB_BALANCE", text, "CAS", fix="charge = paid + adjustments")


def _sum(adjustments: Sequence[Adjustment]) -> int:
    return sum(each.minor for each in adjustments)


def _found(  # noqa: PLR0913 (a finding's parts)
    claim: Claim,
    code: str,
    text: str,
    where: str,
    *,
    fix: str,
    line: int = 0,
    severity: Severity = "error",
) -> Finding:
    return Finding(
        code=code,
        text=text,
        where=where,
        line=line,
        reference=claim.id,
        fix=fix,
        severity=severity,
    )
