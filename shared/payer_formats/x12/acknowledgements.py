"""Reading what a payer says of a file on its way in: TA1, 999 and 277CA.

TA1: ASC X12.5; 999: 005010X231A1; 277CA: 005010X214. Codes are kept as they are; the words for
them are the clinic's to load.
"""

from dataclasses import replace

from payer_formats.answers import Acknowledgement, ClaimVerdict, SetVerdict, Verdict
from payer_formats.findings import Finding, quoted
from payer_formats.x12.elements import Reading, first, identity_of, parts
from payer_formats.x12.syntax import Group, Interchange, Segment, TransactionSet

VERDICTS: dict[str, Verdict] = {
    "A": "accepted",
    "E": "accepted_with_errors",
    "P": "accepted_with_errors",
    "R": "rejected",
    "M": "rejected",
    "W": "rejected",
    "X": "rejected",
}
"""TA104, IK501 and AK901. P is a group of which a set was rejected; M, W, X: security."""
HAS_ELEMENT_ERRORS = "8"
"""IK304: the errors are those of the segment's elements, which IK4 names."""
CATEGORIES: dict[str, Verdict] = {
    "A0": "accepted",
    "A1": "accepted",
    "A2": "accepted",
    "A3": "rejected",
    "A4": "rejected",
    "A5": "accepted",
    "A6": "rejected",
    "A7": "rejected",
    "A8": "rejected",
    "D": "rejected",
    "E": "rejected",
    "P": "pended",
    "R": "pended",
}
"""STC01-1: A0 forwarded, A1 received, A2 taken in, A3 not processable, A4 not found, A5 split, A6
to A8 missing, invalid or contradictory; whole families: D, E errors, P pending, R asks for more."""
ACTIONS = frozenset({"U", "WQ"})
"""STC03: the claim is refused, or goes on."""
WORST: tuple[Verdict, ...] = ("rejected", "pended", "accepted_with_errors", "accepted")


def read_ta1(interchange: Interchange, ta1: Segment) -> Acknowledgement:
    """Return what is said of an interchange as a whole."""
    reading = Reading(interchange.separators)
    note = ta1.at(5)
    verdict = SetVerdict(
        level="interchange",
        verdict=_verdict(reading, ta1, 4),
        interchange=reading.required(ta1, 1),
        codes=() if note in {"", "000"} else (note,),
    )
    identity = identity_of("TA1", interchange.sender, interchange.control, *ta1.elements)
    return Acknowledgement(
        kind="TA1", identity=identity, sets=(verdict,), findings=reading.findings
    )


def read_999(interchange: Interchange, group: Group, one: TransactionSet) -> Acknowledgement:
    """Return what is said of a group and its sets, with the segments and elements in error."""
    reading = Reading(interchange.separators)
    head, loops = parts(one.segments, "AK2")
    about = reading.only(head, "AK1")
    told = reading.only(one.segments, "AK9")
    number = reading.required(about, 2)
    sets = tuple(_set(reading, number, loop) for loop in loops)
    whole = SetVerdict(
        level="group",
        verdict=_verdict(reading, told, 1),
        group=number,
        codes=tuple(filter(None, map(told.at, range(5, 10)))),
    )
    refused = sum(each.verdict == "rejected" for each in sets)
    received, accepted = reading.whole(told, 3, absent=0), reading.whole(told, 4, absent=0)
    if received - accepted != refused and whole.verdict != "rejected":
        detail = f"{accepted} of {received} sets accepted, {refused} named as rejected"
        reading.warn("ACK_COUNT", detail, told, 4)
    return Acknowledgement(
        kind="999",
        identity=_identity("999", interchange, group, one),
        sets=(whole, *sets),
        findings=reading.findings,
    )


def read_277ca(interchange: Interchange, group: Group, one: TransactionSet) -> Acknowledgement:
    """Return what is said of each claim; of the batch as a whole, a verdict by its own number.

    The number of the batch (TRN02 of the receiver's level) is BHT03 of the 837.
    """
    reading = Reading(interchange.separators)
    claims: list[ClaimVerdict] = []
    batches: list[SetVerdict] = []
    for level in parts(one.segments, "HL")[1]:
        kind = level[0].at(3)
        if kind == "PT" or first(level, "NM1", "QC").position:
            claims += [_claim(reading, loop) for loop in parts(level, "TRN")[1]]
        elif kind == "21":
            batches += _batch(reading, level)
        elif kind == "19":
            _provider(reading, level)
    if not claims and not batches:
        st = first(one.segments, "ST")
        reading.error("NOTHING_TOLD", "it speaks of no claim and no batch", st)
    return Acknowledgement(
        kind="277CA",
        identity=_identity("277CA", interchange, group, one),
        sets=tuple(batches),
        claims=tuple(claims),
        findings=reading.findings,
    )


def _set(reading: Reading, group: str, loop: list[Segment]) -> SetVerdict:
    told = reading.only(loop, "IK5")
    _, errors = parts((each for each in loop if each.id != "IK5"), "IK3")
    return SetVerdict(
        level="set",
        verdict=_verdict(reading, told, 1),
        group=group,
        set=reading.required(loop[0], 2),
        codes=tuple(filter(None, map(told.at, range(2, 7)))),
        errors=tuple(each for error in errors for each in _errors(reading, error)),
    )


def _errors(reading: Reading, loop: list[Segment]) -> list[Finding]:
    """Return the errors of one IK3: of the segment's elements where they are named, else its own.

    ``position`` counts the segments of our set from ST; ``reference`` is our claim's number.
    """
    ik3 = loop[0]
    separator = reading.separators.component
    ours = next((each.at(1) for each in loop if each.at(1).startswith(f"CLM01{separator}")), "")
    segment = Finding(
        code=ik3.at(4),
        text=f"segment {quoted(ik3.at(1))} is refused with {quoted(ik3.at(4))}",
        where=ik3.at(1),
        position=reading.whole(ik3, 2, absent=0),
        reference=ours.partition(separator)[2],
    )
    elements = [_element(reading, segment, each) for each in loop if each.id == "IK4"]
    if elements and segment.code == HAS_ELEMENT_ERRORS:
        return elements
    return [segment, *elements]


def _element(reading: Reading, segment: Finding, ik4: Segment) -> Finding:
    number, _, component = ik4.at(1).partition(reading.separators.component)
    where = f"{segment.where}{number:>02}"
    if component:
        where = f"{where}-{component.partition(reading.separators.component)[0]}"
    value = f" {quoted(ik4.at(4))}" if ik4.at(4) else ""
    detail = f"{quoted(where)}{value} is refused with {quoted(ik4.at(3))}"
    return replace(segment, code=ik4.at(3), text=detail, where=where)


def _batch(reading: Reading, level: list[Segment]) -> list[SetVerdict]:
    number = first(level, "TRN").at(2)
    told = [_status(reading, each) for each in level if each.id == "STC"]
    if not told:
        return []
    codes = tuple(code for _, each in told for code in each)
    verdict = min((verdict for verdict, _ in told), key=WORST.index)
    return [SetVerdict(level="set", verdict=verdict, set=number, codes=codes)]


def _provider(reading: Reading, level: list[Segment]) -> None:
    """Note a refusal of all that one provider sent, for which no claim is named."""
    for stc in level:
        if stc.id == "STC":
            verdict, codes = _status(reading, stc)
            if verdict == "rejected":
                who = quoted(first(level, "NM1", "85").at(9))
                detail = f"all claims of provider {who} are refused: {', '.join(codes)}"
                reading.warn("PROVIDER_REJECTED", detail, stc, 1)


def _claim(reading: Reading, loop: list[Segment]) -> ClaimVerdict:
    """Return the verdict of the worst STC, of the claim (the first ones) or of its lines."""
    reference = reading.required(loop[0], 2)
    reading.reference = reference
    stc = reading.required_first(loop, "STC")
    told = [_status(reading, each) for each in loop if each.id == "STC"]
    claim = ClaimVerdict(
        reference=reference,
        verdict=min((verdict for verdict, _ in told), key=WORST.index, default="pended"),
        codes=tuple(dict.fromkeys(code for _, each in told for code in each)),
        text=" ".join(filter(None, (each.at(12) for each in loop if each.id == "STC"))),
        payer_reference=first(loop, "REF", "1K").at(2),
        amount_minor=reading.optional_amount(stc, 4),
        day=reading.day(stc, 2) if stc.at(2) else None,
    )
    reading.reference = ""
    return claim


def _status(reading: Reading, stc: Segment) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict and the codes of STC01, 10 and 11; the first one decides."""
    codes: list[str] = []
    for number in (1, 10, 11):
        if number == 1 or stc.at(number):
            parts_told = reading.components(stc, number, least=2, code=2)
            codes.append(":".join(filter(None, parts_told[:3])))
    category = codes[0][:2]
    verdict = CATEGORIES.get(category) or CATEGORIES.get(category[:1])
    if verdict is None:
        detail = f"{quoted(category)} is no category of an acknowledgement"
        reading.error("ACK_CATEGORY", detail, stc, 1)
    elif stc.at(3) in ACTIONS and (stc.at(3) == "U") != (verdict == "rejected"):
        detail = f"{quoted(stc.at(3))} says otherwise than category {quoted(category)}"
        reading.warn("ACK_CONTRADICTION", detail, stc, 3)
    return verdict or "pended", tuple(codes)


def _verdict(reading: Reading, segment: Segment, number: int) -> Verdict:
    verdict = VERDICTS.get(segment.at(number))
    if verdict is None:
        told = f"{quoted(segment.at(number))} is no verdict of an acknowledgement"
        reading.error("ACK_VERDICT", told, segment, number)
    return verdict or "rejected"


def _identity(kind: str, interchange: Interchange, group: Group, one: TransactionSet) -> str:
    """Return what tells it from others, body included: senders begin their numbers anew."""
    body = (word for segment in one.segments for word in (*segment.elements, "\x1e"))
    return identity_of(kind, interchange.sender, interchange.control, group.control, *body)
