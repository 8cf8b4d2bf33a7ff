"""Reading a 271, a payer's answer about eligibility (ASC X12 005010X279A1)."""

from collections.abc import Iterator
from dataclasses import replace

from payer_formats.amounts import minor_of
from payer_formats.answers import Benefit, Eligibility
from payer_formats.findings import quoted
from payer_formats.x12.elements import Reading, first, is_a, parts
from payer_formats.x12.syntax import Segment, Separators, TransactionSet

PLAN = "30"
"""The service type that stands for the plan as a whole."""
ACTIVE = frozenset("12345")
INACTIVE = frozenset("678")
KINDS = {
    **dict.fromkeys(ACTIVE, "active"),
    **dict.fromkeys(INACTIVE, "inactive"),
    "A": "coinsurance",
    "B": "copay",
    "C": "deductible",
    "D": "description",
    "E": "exclusion",
    "F": "limit",
    "G": "out_of_pocket",
    "H": "unlimited",
    "I": "not_covered",
    "L": "primary_care_provider",
    "R": "other_payer",
    "V": "cannot_process",
}
"""EB01, the kinds of benefit that a clinic's desk looks for; others are ``other``."""
PERIODS = {
    "7": "day",
    "22": "service_year",
    "23": "calendar_year",
    "24": "year_to_date",
    "25": "contract",
    "26": "episode",
    "27": "visit",
    "29": "remaining",
    "32": "lifetime",
    "34": "month",
    "35": "week",
}
"""EB06; another code stands as it is."""
IN_NETWORK = {"Y": True, "N": False}
LOOPS = {"20": "2100A", "21": "2100B", "22": "2100C", "23": "2100D"}
"""By HL03: the payer, the clinic, the subscriber, the dependent."""
BENEFIT_LOOPS = {"22": "2110C", "23": "2110D"}
LONGEST_SERVICE = 2
WHOLE_PERCENT = 100


def read_271(separators: Separators, one: TransactionSet) -> tuple[Eligibility, ...]:
    """Return an answer for each person it speaks of; where it refuses to answer, one for all."""
    levels = parts(one.segments, "HL")[1]
    payer = first(one.segments, "NM1", "PR")
    asked = first(one.segments, "BHT").at(3)
    insured = first(one.segments, "NM1", "IL")
    people = [level for level in levels if level[0].at(3) in {"22", "23"} and _tells(level)]
    found: list[Eligibility] = []
    for level in people or [one.segments]:
        insured = first(level, "NM1", "IL") if first(level, "NM1", "IL").position else insured
        found.append(_answer(Reading(separators), payer, insured, level))
    found = [replace(each, trace=each.trace or asked) for each in found]
    return tuple(found)


def _tells(level: list[Segment]) -> bool:
    return any(segment.id in {"EB", "AAA"} for segment in level)


def _answer(
    reading: Reading, payer: Segment, insured: Segment, level: list[Segment]
) -> Eligibility:
    benefits = tuple(_benefits(reading, parts(level, "EB")[1]))
    rejected = tuple(_rejected(level))
    rejections = tuple(code for code, _ in rejected)
    if not benefits and not rejections:
        reading.error("NOTHING_TOLD", "it neither answers nor refuses to", level[0])
    return Eligibility(
        payer_id=payer.at(9),
        member_id=insured.at(9),
        active=_active(benefits),
        benefits=benefits,
        subscriber_name=f"{insured.at(4)} {insured.at(3)}".strip(),
        group_number=first(level, "REF", "6P").at(2),
        trace=first(level, "TRN", "2").at(2),
        rejections=rejections,
        rejected_in=tuple(loop for _, loop in rejected),
        findings=reading.findings,
    )


def _rejected(level: list[Segment]) -> Iterator[tuple[str, str]]:
    """Yield why it is rejected (AAA03), and the loop that says so: of a person or a benefit."""
    who = loop = ""
    for segment in level:
        if segment.id == "HL":
            who, loop = segment.at(3), LOOPS.get(segment.at(3), "")
        elif segment.id == "EB":
            loop = BENEFIT_LOOPS.get(who, loop)
        elif segment.id == "AAA":
            yield segment.at(3), loop


def _benefits(reading: Reading, loops: list[list[Segment]]) -> Iterator[Benefit]:
    for loop in loops:
        eb = loop[0]
        code = reading.required(eb, 1)
        quantity = reading.whole(eb, 10, absent=0) if eb.at(10) else None
        said = [eb.at(5), *(each.at(1) for each in loop if is_a(each, "MSG"))]
        yield Benefit(
            kind=KINDS.get(code, "other"),
            code=code,
            services=_services(reading, eb),
            minor=reading.optional_amount(eb, 7),
            percent=_percent(reading, eb),
            quantity=quantity,
            in_network=IN_NETWORK.get(eb.at(12)),
            period=PERIODS.get(eb.at(6), eb.at(6)),
            text=" ".join(filter(None, said)),
        )


def _services(reading: Reading, eb: Segment) -> tuple[str, ...]:
    told, repetition = eb.at(3), reading.separators.repetition
    services = told.split(repetition) if repetition else [told]
    if any(len(each) > LONGEST_SERVICE for each in services):
        detail = f"{quoted(told)} are no service types apart by the declared {quoted(repetition)}"
        reading.error("BAD_COMPOSITE", detail, eb, 3)
    return tuple(filter(None, services))


def _percent(reading: Reading, eb: Segment) -> int | None:
    """Return EB08, written as a part of one: .2 is 20 per cent."""
    if not eb.at(8):
        return None
    percent = minor_of(eb.at(8))
    if percent is None or not 0 <= percent <= WHOLE_PERCENT:
        reading.warn("PERCENT", f"{quoted(eb.at(8))} is no whole per cent of one", eb, 8)
        return None
    return percent


def _active(benefits: tuple[Benefit, ...]) -> bool | None:
    """Say whether cover is in force: what is told of the plan decides, else any service's."""
    told = [each for each in benefits if each.code in ACTIVE | INACTIVE]
    plan = [each for each in told if not each.services or PLAN in each.services]
    return any(each.code in ACTIVE for each in plan or told) if told else None
