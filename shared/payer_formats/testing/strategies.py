"""Answers of payers as hypothesis makes them: ones that a payer could send, and that balance."""

from datetime import date, datetime

from hypothesis import strategies as st

from payer_formats.answers import (
    Benefit,
    ClaimVerdict,
    Eligibility,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
    RemittedLine,
    SetVerdict,
    Verdict,
)
from payer_formats.claim import (
    Address,
    Adjustment,
    Claim,
    Payer,
    Person,
    Provider,
    Relationship,
    ServiceLine,
    Subscriber,
)
from payer_formats.findings import Finding
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.x12.eligibility import KINDS, PERIODS
from payer_formats.x12.remittance import DECISIONS
from payer_formats.x12.writing import Envelope

SENT_AT = datetime(2026, 11, 28, 9, 30)  # noqa: DTZ001 (X12 writes wall time, without a zone)
ENVELOPE = Envelope(sender="PAYER", receiver="CLINIC", control=7, at=SENT_AT)
CLINIC = Provider(name="HARBOUR MASSAGE", npi="1215954003", tax_id="123456789")
PAYER = Payer(id="60054", name="A PAYER")
REMITTER = Provider(
    name="A PAYER",
    tax_id="987654321",
    address=Address(
        line="1 MAIN STREET", city="SEATTLE", region="WA", postal_code="98101", country="US"
    ),
)
ANSWERED: list[Verdict] = ["accepted", "accepted_with_errors", "rejected"]
CATEGORIES: dict[Verdict, str] = {"accepted": "A2", "rejected": "A7", "pended": "P1"}
RELATIONSHIPS: list[Relationship] = ["self", "spouse", "child", "other"]
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def words(least: int = 1, most: int = 12) -> st.SearchStrategy[str]:
    """Return text as X12's basic character set has it, without separators."""
    return st.text(_LETTERS, min_size=least, max_size=most)


amounts = st.integers(-1_000_000, 1_000_000)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
adjustments = st.lists(
    st.builds(
        Adjustment,
        group=st.sampled_from(["CO", "OA", "PI", "PR"]),
        reason=words(most=5),
        minor=amounts,
        quantity=st.integers(0, 99),
    ),
    max_size=9,
).map(tuple)


@st.composite
def lines(draw: st.DrawFn) -> RemittedLine:
    """Return a line that balances."""
    charge, reasons = draw(amounts), draw(adjustments)
    return RemittedLine(
        procedure=draw(words(most=5)),
        charge_minor=charge,
        paid_minor=charge - total(reasons),
        adjustments=reasons,
        modifiers=tuple(draw(st.lists(words(2, 2), max_size=4))),
        units=draw(st.integers(0, 99)),
        day=draw(st.none() | days),
        reference=draw(words(0)),
        remarks=tuple(draw(st.lists(words(2, 5), max_size=3))),
        allowed_minor=draw(st.none() | amounts),
    )


@st.composite
def claims(draw: st.DrawFn) -> RemittedClaim:
    """Return a claim that balances, and whose lines come to its charge."""
    inside = tuple(draw(st.lists(lines(), max_size=3)))
    reasons = draw(adjustments)
    charge = sum(each.charge_minor for each in inside) if inside else draw(amounts)
    code = draw(st.sampled_from(sorted(DECISIONS)))
    everything = reasons + tuple(each for line in inside for each in line.adjustments)
    return RemittedClaim(
        reference=draw(words()),
        decision=DECISIONS[code],
        code=code,
        charge_minor=charge,
        paid_minor=charge - total(everything),
        client_minor=sum(each.minor for each in everything if each.group == "PR"),
        payer_reference=draw(words(0)),
        adjustments=reasons,
        lines=inside,
        remarks=tuple(draw(st.lists(words(2, 5), max_size=5))),
        member_id=draw(words()),
        patient_name=f"{draw(words())} {draw(words())}",
        day=draw(st.none() | days),
    )


@st.composite
def remittances(draw: st.DrawFn) -> Remittance:
    """Return a remittance that balances and pays nothing or more."""
    inside = tuple(draw(st.lists(claims(), max_size=3)))
    made = st.builds(ProviderAdjustment, reason=words(2, 2), minor=amounts, reference=words(0))
    kept = draw(st.lists(made, max_size=8))
    rest = sum(each.paid_minor for each in inside) - sum(each.minor for each in kept)
    paid = max(rest, 0)
    if rest != paid:
        # X221A1 carries a balance below nothing forward (PLB*FB), so that the payment is nothing.
        kept.append(ProviderAdjustment(reason="FB", minor=rest))
    return Remittance(
        identity="",
        payer_id=draw(words()),
        payer_name=draw(words()),
        paid_minor=paid,
        currency=draw(st.sampled_from(["USD", "CAD"])),
        claims=inside,
        trace=draw(words()),
        paid_on=draw(days),
        payee_id=CLINIC.npi,
        method=draw(st.sampled_from(["ACH", "CHK", "NON"])),
        provider_adjustments=tuple(kept),
    )


def total(reasons: tuple[Adjustment, ...]) -> int:
    """Return what adjustments come to."""
    return sum(each.minor for each in reasons)


@st.composite
def errors(draw: st.DrawFn) -> Finding:
    """Return an error of a segment, an element or a component, as a 999 tells it."""
    where = draw(st.sampled_from(["CLM", "CLM05", "CLM05-1", "N401", "SV101-2"]))
    return Finding(
        code=draw(st.sampled_from(["1", "2", "3", "I6"])),
        text="",
        where=where,
        position=draw(st.integers(1, 999)),
        reference=draw(words()),
    )


@st.composite
def group_verdicts(draw: st.DrawFn) -> tuple[SetVerdict, ...]:
    """Return what a 999 says of a group, and of each of its sets."""
    group = draw(words(most=9))
    inside = tuple(
        SetVerdict(
            level="set",
            verdict=draw(st.sampled_from(ANSWERED)),
            group=group,
            set=draw(words(4, 9)),
            codes=tuple(draw(st.lists(words(most=3), max_size=5))),
            errors=tuple(draw(st.lists(errors(), max_size=3))),
        )
        for _ in range(draw(st.integers(1, 3)))
    )
    told = {each.verdict for each in inside}
    verdict = inside[0].verdict if len(told) == 1 else "accepted_with_errors"
    return SetVerdict(level="group", verdict=verdict, group=group), *inside


@st.composite
def claim_verdicts(draw: st.DrawFn) -> ClaimVerdict:
    """Return what a 277CA says of a claim."""
    verdict = draw(st.sampled_from(list(CATEGORIES)))
    more = draw(st.lists(st.integers(1, 999), min_size=1, max_size=3, unique=True))
    return ClaimVerdict(
        reference=draw(words()),
        verdict=verdict,
        codes=tuple(f"{CATEGORIES[verdict]}:{each}" for each in more),
        text=draw(words(0)),
        payer_reference=draw(words(0)),
        amount_minor=draw(amounts),
        day=draw(days),
    )


def claim_sent(reference: str) -> Claim:
    """Return a claim that an acknowledgement may speak of."""
    line = ServiceLine(
        number=1, procedure="97124", charge_minor=12000, units=3, day=date(2026, 11, 3)
    )
    return Claim(
        id=reference,
        charge_minor=12000,
        currency="CAD",
        payer=PAYER,
        billing=CLINIC,
        subscriber=Subscriber(person=Person(last_name="DOE", first_name="JANE"), member_id="M-1"),
        lines=(line,),
    )


@st.composite
def benefits(draw: st.DrawFn) -> Benefit:
    """Return one thing that a 271 says."""
    code = draw(st.sampled_from(sorted(KINDS)))
    return Benefit(
        kind=KINDS[code],
        code=code,
        services=tuple(draw(st.lists(words(most=2), max_size=3))),
        minor=draw(st.none() | amounts),
        percent=draw(st.none() | st.integers(0, 100)),
        quantity=draw(st.none() | st.integers(0, 99)),
        in_network=draw(st.none() | st.booleans()),
        period=draw(st.sampled_from(["", *PERIODS.values()])),
        text=draw(words(0)),
    )


@st.composite
def eligibilities(draw: st.DrawFn) -> Eligibility:
    """Return an answer about one subscriber; whether it is active follows from its benefits."""
    inside = tuple(draw(st.lists(benefits(), max_size=4)))
    return Eligibility(
        payer_id=draw(words()),
        member_id=draw(words()),
        active=None,
        benefits=inside,
        subscriber_name=f"{draw(words())} {draw(words())}",
        group_number=draw(words(0)),
        trace=draw(words()),
        rejections=tuple(draw(st.lists(words(2, 2), min_size=0 if inside else 1, max_size=2))),
    )


people = st.builds(
    Person,
    last_name=words(),
    first_name=words(),
    middle_name=words(0),
    birth_date=days,
    sex=st.sampled_from(["F", "M", "U"]),
)


@st.composite
def inquiries(draw: st.DrawFn) -> EligibilityInquiry:
    """Return a question about a subscriber, or about somebody on their policy."""
    relationship = draw(st.sampled_from(RELATIONSHIPS))
    subscriber = Subscriber(
        person=draw(people),
        member_id=draw(words()),
        group_number=draw(words(0)),
        relationship=relationship,
    )
    return EligibilityInquiry(
        trace=draw(words()),
        payer=PAYER,
        provider=Provider(name=CLINIC.name, npi=CLINIC.npi),
        subscriber=subscriber,
        day=draw(days),
        patient=None if relationship == "self" else draw(people),
        services=tuple(draw(st.lists(words(2, 2), min_size=1, max_size=3))),
    )
