"""The second opinion at work: what it refuses waits for somebody, what it fails at goes."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import eventlet
import pytest

from billing.claim_ports import Batch, Built, File, Leaving, Mail, Named, Opinion
from billing.payers.profiles import Profiles, profiles
from billing.payers.reading import read_file
from billing.payers.tongues import Numbers, build_file
from billing.second_opinion.client import SecondOpinion
from billing.use_cases import answers, claiming, looking, sending
from clinic_contracts.billing import claims as c
from clinic_contracts.billing import requests as r
from clinic_contracts.booking.events import LocationChanged
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import ServiceUnavailable
from clinic_runtime.testing import eventually
from payer_formats.answers import Remittance, RemittedClaim
from payer_formats.claim import Address, Adjustment, Provider
from payer_formats.findings import Finding
from payer_formats.x12.remitting import write_835
from payer_formats.x12.writing import Envelope

X12 = "application/edi-x12"
WRONG = Finding(code="5", text="too long", where="NM103", position=4, severity="warning")
REFUSED = Opinion(given=True, findings=(WRONG,))
PERSON = c.ClaimPerson(
    name="Ada Sample",
    birth_date=date(1970, 5, 4),
    sex="F",
    address=c.ClaimAddress(line="2 Oak", city="Victoria", region="BC", postal_code="V8T1A1"),
)


@dataclass
class Way:
    """A way to a payer, and what a library says of files on it."""

    opinion_of: Callable[[bytes], Opinion] = lambda _raw: Opinion(given=True)
    sent: list[Batch] = field(default_factory=list)
    looked_at: list[bytes] = field(default_factory=list)
    away: bool = False

    def send(self, batch: Batch) -> list[File]:
        if self.away:
            raise ServiceUnavailable("away")
        self.sent.append(batch)
        return []

    def fetch(self, cursor: str) -> Mail:
        return Mail(files=[], cursor=cursor)

    @property
    def reaches(self) -> Callable[[str], bool]:
        return lambda _payer_id: True

    def ask(self, _kind: str, raw: bytes) -> Opinion:
        self.looked_at.append(raw)
        return self.opinion_of(raw)


def numbers(claims: Sequence[Leaving], _payer: str, _control: int, _sequence: int) -> Built:
    """Return a file of a number a line, said to be X12."""
    raw = "\n".join(each.claim.number for each in claims).encode()
    named = {each.claim.number: Named(reference=each.claim.number) for each in claims}
    return Built(file=File(name="f", content_type=X12, raw=raw), named=named)


def desk(office: Any, way: Way, later: int = 0) -> Any:
    plain = office.desk()
    return replace(
        plain,
        build_file=numbers,
        second_opinion=way.ask,
        now=plain.now + timedelta(seconds=later),
    )


def carry(office: Any, way: Way, later: int = 0) -> int:
    """Do what the timer does."""
    sending.make_batches(desk(office, way, later), way)
    return sending.send_batches(desk(office, way, later), way)


def queued(office: Any, number: int = 1) -> r.ClaimView:
    claim = office.claim(office.invoice(number))
    return claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())


def reread(office: Any, claim: r.ClaimView) -> r.ClaimView:
    found = office.desk().claims.claim(claim.id)
    assert found is not None
    return found  # type: ignore[no-any-return]  # an office is a test's


def alarms(office: Any) -> list[tuple[str, str]]:
    listed = claiming.list_alarms(c.ListAlarms(), office.desk()).items
    return [(each.claim_id, each.code) for each in listed]


def test_a_file_that_is_refused_is_not_sent_until_somebody_says_so(office: Any) -> None:
    way, claim = Way(lambda _raw: REFUSED), queued(office)
    assert carry(office, way) == 0
    held = reread(office, claim)
    assert (held.state, held.batch_id) == ("validated", None)
    (told,) = held.findings
    assert (told.code, told.where, told.position) == ("SECOND_OPINION", "NM103", 4)
    assert (told.severity, bool(told.fix)) == ("warning", True)
    assert "file 1" in held.history[-1].cause
    assert alarms(office) == [(claim.id, "held")]
    assert carry(office, way, later=3600) == 0
    assert len(way.looked_at) == 1

    claiming.validate_claim(c.ActOnClaim(claim_id=claim.id), office.desk())
    assert alarms(office) == [(claim.id, "held")]
    claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())
    assert carry(office, way) == 1
    assert len(way.looked_at) == 1
    sent = reread(office, claim)
    assert (sent.state, sent.findings) == ("submitted", held.findings)
    assert sent.history[-1].cause == "sent as file 2; no second opinion: sent all the same"
    assert alarms(office) == []


def test_a_held_claim_that_is_mended_is_looked_at_anew(office: Any) -> None:
    way, claim = Way(lambda _raw: REFUSED), queued(office)
    carry(office, way)
    claiming.change_claim(c.ChangeClaim(claim_id=claim.id, note="mended"), office.desk())
    assert reread(office, claim).findings == ()
    claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())
    way.opinion_of = lambda _raw: Opinion(given=True)
    assert carry(office, way) == 1
    assert len(way.looked_at) == 2
    assert reread(office, claim).history[-1].cause == "sent as file 2"


def test_a_payer_that_departs_from_the_standard_is_sent_what_it_wants(office: Any) -> None:
    way, claim = Way(lambda _raw: REFUSED), queued(office)
    apart = Profiles(tuple(replace(each, second_opinion=False) for each in profiles().all))
    at = replace(desk(office, way), looks_at=apart.looks_at)
    sending.make_batches(at, way)
    assert sending.send_batches(at, way) == 1
    assert way.looked_at == []
    assert reread(office, claim).state == "submitted"


def test_a_held_claim_may_be_voided(office: Any) -> None:
    way, claim = Way(lambda _raw: REFUSED), queued(office)
    carry(office, way)
    request = c.ActOnClaimBecause(claim_id=claim.id, reason="paid by hand")
    assert claiming.void_claim(request, office.desk()).state == "voided"
    assert alarms(office) == []
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_of_many_in_a_file_only_the_one_it_is_about_is_held(office: Any) -> None:
    claims = [queued(office, number) for number in range(3)]
    bad = claims[1].number.encode()
    way = Way(lambda raw: REFUSED if bad in raw else Opinion(given=True))
    assert carry(office, way) == 2
    assert [reread(office, each).state for each in claims] == [
        "submitted",
        "validated",
        "submitted",
    ]
    assert [len(each.claim_ids) for each in way.sent] == [1, 1]
    assert carry(office, way, later=3600) == 0

    another = queued(office, 4)
    claiming.submit_claim(c.ActOnClaim(claim_id=claims[1].id), office.desk())
    assert carry(office, way) == 2
    assert {reread(office, each).state for each in (claims[1], another)} == {"submitted"}


def test_a_process_that_ends_between_refusing_and_parting_loses_no_claim(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = [queued(office, number) for number in range(2)]
    bad = claims[0].number.encode()
    way = Way(lambda raw: REFUSED if bad in raw else Opinion(given=True))
    sending.make_batches(desk(office, way), way)

    def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_make", dies)
        with pytest.raises(SystemExit):
            sending.send_batches(desk(office, way), way)
    assert [reread(office, each).state for each in claims] == ["queued", "queued"]
    assert carry(office, way) == 1
    assert [reread(office, each).state for each in claims] == ["validated", "submitted"]


def test_a_file_without_an_opinion_goes_and_that_is_told(office: Any) -> None:
    way, claim = Way(lambda _raw: Opinion(given=False, reason="no answer in 10 s")), queued(office)
    assert carry(office, way) == 1
    sent = reread(office, claim)
    assert (sent.state, sent.findings) == ("submitted", ())
    assert sent.history[-1].cause == "sent as file 1; no second opinion: no answer in 10 s"


def test_a_file_that_does_not_arrive_is_looked_at_once(office: Any) -> None:
    way = Way(away=True)
    queued(office)
    for minute in range(3):
        assert carry(office, way, later=61 * minute) == 0
    way.away = False
    assert carry(office, way, later=300) == 1
    assert len(way.looked_at) == 1


@pytest.fixture
def second() -> Iterator[SecondOpinion]:
    opinion = SecondOpinion()
    yield opinion
    opinion.close()


WHOLE = "1 Main, Victoria, BC V8T 1A1"


def to_an_x12_payer(office: Any, address: str = WHOLE) -> r.ClaimView:
    known = CoverageChanged(
        coverage_id="pol_1", client_id="cli_1", kind="extended_health", carrier="Harbour Mutual",
        group_number="G-1", member_id="M-1", percent=80, order=1, benefit_year_start="01-01",
    )  # fmt: skip
    office.know("pol_1", known, seq=2)
    where = LocationChanged(
        location_id="loc_1",
        name="Fernwood",
        timezone="America/Vancouver",
        address=address,
        tax_region="CA-BC",
    )
    office.know("loc_1", where, seq=2)
    claim = office.claim(office.invoice())
    line = c.ClaimLine(procedure="97124", charge=claim.charge, units=4, minutes=60, pointers=(1,))
    change = c.ChangeClaim(claim_id=claim.id, lines=(line,), diagnoses=("M5450",), person=PERSON)
    claiming.change_claim(change, office.desk())
    return claiming.submit_claim(c.ActOnClaim(claim_id=claim.id), office.desk())


def in_x12(office: Any, ask: Any) -> Any:
    """Return a desk that writes claims in the tongues of their payers."""

    def built(claims: Sequence[Leaving], payer_id: str, control: int, sequence: int) -> Built:
        at = office.desk().now
        return build_file(claims, payer_id, Numbers(control, sequence, at), profiles())

    return replace(office.desk(), build_file=built, second_opinion=ask)


def test_what_we_write_is_approved_of_and_carried(office: Any, second: SecondOpinion) -> None:
    claim, way = to_an_x12_payer(office), Way()
    sending.make_batches(in_x12(office, second.ask), way)
    assert sending.send_batches(in_x12(office, second.ask), way) == 1
    assert reread(office, claim).history[-1].cause == "sent as file 1"


def test_what_pyx12_refuses_is_held_with_its_word(office: Any, second: SecondOpinion) -> None:
    """A location's address is free text; one without a city has no N401."""
    claim, way = to_an_x12_payer(office, "1 Main"), Way()
    at = in_x12(office, second.ask)
    sending.make_batches(at, way)
    assert sending.send_batches(at, way) == 0
    held = reread(office, claim)
    assert held.state == "validated"
    assert "N401" in {each.where for each in held.findings}, held.findings
    assert alarms(office) == [(claim.id, "held")]


def test_a_worker_killed_in_the_middle_holds_nothing_up(office: Any) -> None:
    started = "import os, sys, time; sys.stdin.buffer.readline(); time.sleep(600)"
    second = SecondOpinion(seconds=30, command=(sys.executable, "-c", started))
    claim, way = queued(office), Way()
    at = replace(desk(office, way), second_opinion=second.ask)
    sending.make_batches(at, way)
    carrying = eventlet.spawn(sending.send_batches, at, way)
    killed: list[int | None] = [None]
    for _ in range(2):  # it is replaced once
        eventually(lambda: second.pid not in killed, timeout=30)
        assert second.pid
        killed.append(second.pid)
        os.kill(second.pid, signal.SIGKILL)
    assert carrying.wait() == 1
    cause = reread(office, claim).history[-1].cause
    assert cause == "sent as file 1; no second opinion: the worker ended while it looked"


def paid(claim: r.ClaimView, trace: str = "EFT-1") -> bytes:
    decided = RemittedClaim(
        reference=claim.number,
        decision="paid",
        code="1",
        charge_minor=11500,
        paid_minor=9200,
        payer_reference="ICN1",
        adjustments=(Adjustment(group="PR", reason="2", minor=2300),),
        day=claim.service_date,
    )
    remittance = Remittance(
        identity="", payer_id="PORTAL", payer_name="Carrier", paid_minor=9200, currency="CAD",
        claims=(decided,), trace=trace, paid_on=date(2026, 12, 9), method="ACH",
    )  # fmt: skip
    payer = Provider(
        name="Carrier",
        tax_id="123456789",
        address=Address(line="1 Main", city="Victoria", region="BC", postal_code="V8T1A1"),
    )
    envelope = Envelope(sender="PAYER", receiver="US", control=7, at=datetime(2026, 12, 9, 8, 0))
    return write_835(envelope, [remittance], payer, Provider(name="Fernwood", npi="1234567893"))


def take(office: Any, raw: bytes) -> Any:
    return answers.take_file(raw, X12, replace(office.desk(), read_file=read_file))


def test_a_file_is_taken_in_first_and_looked_at_after(office: Any) -> None:
    way, claim = Way(lambda _raw: REFUSED), queued(office)
    carry(office, Way())
    file = take(office, paid(claim))
    assert (file.state, file.findings, way.looked_at) == ("posted", (), [])
    ledger = list(office.database["ledger"].find())

    assert looking.look_at_files(desk(office, way)) == 1
    assert looking.look_at_files(desk(office, way, later=3600)) == 0
    looked_at = office.desk().claims.file(file.id)
    assert way.looked_at == [paid(claim)]
    assert [(each.code, each.severity) for each in looked_at.findings] == [
        ("SECOND_OPINION", "warning")
    ]
    assert replace(looked_at, findings=()) == file
    assert list(office.database["ledger"].find()) == ledger
    assert take(office, paid(claim)).state == "duplicate"


def test_what_was_not_taken_in_is_not_looked_at(office: Any) -> None:
    way = Way()
    assert take(office, b"hello").state == "quarantined"
    assert looking.look_at_files(desk(office, way)) == 0


def test_so_many_files_are_looked_at_in_a_round(office: Any) -> None:
    way, claim = Way(lambda _raw: Opinion(given=False, reason="busy")), queued(office)
    carry(office, Way())
    for number in range(7):
        take(office, paid(claim, f"EFT-{number}"))
    assert looking.look_at_files(desk(office, way)) == 5
    assert looking.look_at_files(desk(office, way)) == 2
    assert looking.look_at_files(desk(office, way, later=3600)) == 0
    assert len(set(way.looked_at)) == 7
    assert {row["opinion"] for row in office.database["files"].find()} == {"busy"}


def test_a_process_that_ends_while_it_looks_leaves_the_file_to_the_next(office: Any) -> None:
    def ends(_raw: bytes) -> Opinion:
        raise SystemExit

    claim = queued(office)
    carry(office, Way())
    take(office, paid(claim))
    with pytest.raises(SystemExit):
        looking.look_at_files(desk(office, Way(ends)))
    way = Way()
    assert looking.look_at_files(desk(office, way)) == 0
    assert looking.look_at_files(desk(office, way, later=121)) == 1
