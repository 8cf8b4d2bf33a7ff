"""The second opinion: a process of its own, which may be killed, hang or babble."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import eventlet
import pytest

from billing.claim_ports import Opinion
from billing.second_opinion.client import SecondOpinion
from billing.second_opinion.wire import MOST_BYTES
from payer_formats.answers import ClaimVerdict, Remittance, RemittedClaim
from payer_formats.claim import (
    Accident,
    Adjustment,
    Claim,
    Diagnosis,
    Payer,
    Person,
    PriorPayment,
    Provider,
    ServiceLine,
    Subscriber,
)
from payer_formats.fhir.answering import remittance_bytes, verdict_bytes
from payer_formats.fhir.claims_out import claim_bytes
from payer_formats.fhir.outcomes import outcome
from payer_formats.fhir.requests import (
    EligibilityAsked,
    InvoiceCharge,
    InvoiceTotals,
    coverage_bytes,
    eligibility_bytes,
    invoice_bytes,
)
from payer_formats.findings import Finding
from payer_formats.x12.writing import Envelope, SetWriter, written

MASSAGE = (Path(__file__).parents[1] / "samples" / "massage_97124.837").read_bytes()
EXAMPLES = sorted(
    (Path(__file__).parents[4] / "shared/tests/unit/payer_formats/samples/fhir").glob("*.json")
)
DAY = date(2026, 11, 28)
SENT = datetime(2026, 11, 28, 9, 30)
ANNE = Person(last_name="Roy", first_name="Anne", birth_date=date(1980, 2, 29), sex="F")
POLICY = Subscriber(person=ANNE, member_id="AB9876", group_number="G1")
PAYER = Payer(id="SUN", name="Sun Life")
CLINIC = Provider(name="Harbour Clinic", npi="1215954003")
CHARGE = Adjustment(group="PR", reason="2", minor=2300, quantity=1)
CLAIM = Claim(
    id="INV-1001",
    charge_minor=11500,
    currency="CAD",
    payer=PAYER,
    billing=CLINIC,
    rendering=Provider(name="Chen", first_name="Li", taxonomy="225700000X"),
    subscriber=POLICY,
    diagnoses=(Diagnosis(code="M5450"),),
    lines=(
        ServiceLine(
            number=1, procedure="97124", charge_minor=11500, units=4, day=DAY, pointers=(1,)
        ),
    ),
    frequency="corrected",
    payer_reference="P9",
    accident=Accident(kind="auto", day=DAY, claim_number="BX1", region="BC"),
    prior=(
        PriorPayment(
            payer=Payer(id="PBC", name="Pacific Blue Cross"),
            subscriber=POLICY,
            paid_minor=9200,
            paid_on=DAY,
            payer_reference="PBC-7",
            adjustments=(CHARGE,),
        ),
    ),
    note="Second of two",
)
DECIDED = RemittedClaim(
    reference="INV-1001",
    decision="paid",
    charge_minor=11500,
    paid_minor=9200,
    payer_reference="P9",
    adjustments=(CHARGE,),
    remarks=("As agreed",),
)
REMITTANCE = Remittance(
    identity="",
    payer_id="SUN",
    payer_name="Sun Life",
    paid_minor=9200,
    currency="CAD",
    claims=(DECIDED,),
    trace="T-9",
    paid_on=DAY,
)
ASKED = EligibilityAsked(
    id="E1", payer=PAYER, provider=CLINIC, subscriber=POLICY, day=DAY, services=("MT",)
)
PENDED = ClaimVerdict(reference="INV-1001", verdict="pended", payer_reference="P9")
TOTALS = InvoiceTotals(
    number="7", status="issued", net_minor=9450, gross_minor=9923, currency="CAD"
)
WRITTEN = {
    "claim": claim_bytes(CLAIM, created=DAY),
    "remittance": remittance_bytes(REMITTANCE, created=DAY),
    "coverage": coverage_bytes(POLICY, PAYER),
    "eligibility": eligibility_bytes(ASKED, created=DAY),
    "verdict": verdict_bytes(PENDED, payer_id="SUN", created=DAY, currency="CAD"),
    "outcome": outcome([Finding(code="FOCAL", text="one must be", where="Claim.insurance")]),
    "invoice": invoice_bytes(
        TOTALS,
        (InvoiceCharge(description="Massage", net_minor=9450),),
        issued=DAY,
        issuer="Harbour Clinic",
    ),
}


@pytest.fixture
def second() -> Iterator[SecondOpinion]:
    opinion = SecondOpinion()
    yield opinion
    opinion.close()


def python(program: str, seconds: float = 1) -> SecondOpinion:
    """Return a client whose worker is a program of one line."""
    return SecondOpinion(seconds=seconds, command=(sys.executable, "-c", program))


def slow() -> bytes:
    """Return an interchange that takes pyx12 long enough to be killed in the middle of it."""
    lines = MASSAGE.decode().replace("\r", "").replace("\n", "").split("~")
    first = next(at for at, line in enumerate(lines) if line.startswith("HL*2*"))
    last = next(at for at, line in enumerate(lines) if line.startswith("SE*"))
    return "~".join([*lines[:first], *(lines[first:last] * 150), *lines[last:]]).encode()


@pytest.mark.parametrize("name", WRITTEN)
def test_what_we_write_in_fhir_is_approved_of(second: SecondOpinion, name: str) -> None:
    assert second.ask("fhir", WRITTEN[name]) == Opinion(given=True)


def test_the_official_examples_are_approved_of(second: SecondOpinion) -> None:
    said = {path.stem: second.ask("fhir", path.read_bytes()) for path in EXAMPLES}
    assert len(said) == 7
    assert set(said.values()) == {Opinion(given=True)}


def test_what_is_wrong_is_told_and_where(second: SecondOpinion) -> None:
    wrong = WRITTEN["claim"].replace(b'"created": "2026-11-28"', b'"created": "yesterday"', 1)
    said = second.ask("fhir", wrong)
    assert said.given
    assert {each.severity for each in said.findings} == {"warning"}
    assert "created" in said.findings[0].where
    assert second.ask("fhir", b"hello").findings[0].code == "NOT_JSON"
    assert not second.ask("fhir", b'{"resourceType": "Nothing"}').given
    assert second.ask("x12", MASSAGE) == Opinion(given=True)
    said = second.ask("x12", MASSAGE.replace(b"SE*", b"SE*9"))
    assert [each.where for each in said.findings] == ["ST"]
    assert second.ask("x12", b"hello").findings[0].code == "NO_ISA"


def test_of_an_eligibility_request_pyx12_has_no_opinion(second: SecondOpinion) -> None:
    envelope = Envelope(sender="CLINIC", receiver="PAYER", control=1, at=SENT)
    one = SetWriter("270", 1, "005010X279A1")
    one.add("BHT", "0022", "13", "E1", "20261128", "0930")
    said = second.ask("x12", written(envelope, "HS", "005010X279A1", [one]))
    assert not said.given
    assert said.reason.startswith("Map not found")


def test_a_worker_killed_in_the_middle_is_replaced(second: SecondOpinion) -> None:
    second.ask("x12", MASSAGE)
    first = second.pid
    assert first
    asking = eventlet.spawn(second.ask, "x12", slow())
    began = cpu(first)
    until(lambda: cpu(first) > began + 0.1)
    os.kill(first, signal.SIGKILL)
    assert asking.wait().given
    assert second.pid not in {None, first}


def test_others_go_on_while_a_file_is_looked_at(second: SecondOpinion) -> None:
    asking = eventlet.spawn(second.ask, "x12", slow())
    turns = 0
    while not asking.dead:
        turns += 1
        eventlet.sleep(0.001)
    assert asking.wait().given
    assert turns > 20


def test_files_are_looked_at_one_after_another(second: SecondOpinion) -> None:
    asking = [eventlet.spawn(second.ask, "fhir", raw) for raw in WRITTEN.values()]
    assert [each.wait() for each in asking] == [Opinion(given=True)] * len(WRITTEN)


def test_who_waits_too_long_for_others_gets_no_opinion() -> None:
    busy = SecondOpinion(seconds=0.05)
    with busy._turn:
        assert busy.ask("fhir", b"{}").reason == "other files are being looked at"


def test_a_worker_that_hangs_is_killed_and_another_is_started() -> None:
    hanging = python("import time; time.sleep(600)", seconds=0.3)
    said = hanging.ask("x12", MASSAGE)
    assert said == Opinion(given=False, reason="no answer in 0.3 s")
    assert hanging.pid is None


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("pass", "the worker ended while it looked"),
        ("print('{')", "the worker failed: JSONDecodeError"),
        ("print('[]')", "the worker failed: TypeError"),
        ("print('x' * 1_000_000)", "the answer is too long"),
    ],
)
def test_a_worker_that_babbles_gives_no_opinion(program: str, reason: str) -> None:
    babbling = python(f"import sys; sys.stdin.buffer.readline(); {program}", seconds=20)
    assert babbling.ask("fhir", b"{}") == Opinion(given=False, reason=reason)
    assert babbling.pid is None


def test_a_program_that_is_not_there_gives_no_opinion() -> None:
    absent = SecondOpinion(command=("/nowhere/python",))
    assert absent.ask("fhir", b"{}").reason == "the worker failed: FileNotFoundError"


def test_a_file_that_is_too_large_is_not_asked_about(second: SecondOpinion) -> None:
    assert not second.ask("x12", b"I" * (MOST_BYTES + 1)).given
    assert second.pid is None


def test_the_worker_ends_with_the_service() -> None:
    program = (
        "import sys; from billing.second_opinion.client import SecondOpinion\n"
        "second = SecondOpinion(); second.ask('fhir', b'{}')\n"
        "assert not {'pyx12', 'fhir', 'pydantic'} & set(sys.modules)\n"
        "print(second.pid)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, timeout=60
    )
    assert not ended.stderr
    worker = int(ended.stdout)
    until(lambda: not Path(f"/proc/{worker}").exists())


def test_closing_ends_the_worker_and_asking_again_starts_another(second: SecondOpinion) -> None:
    assert second.ask("fhir", WRITTEN["outcome"]).given
    first = second.pid
    second.close()
    assert not Path(f"/proc/{first}").exists()
    assert second.ask("fhir", WRITTEN["outcome"]).given


def worker(change: str) -> SecondOpinion:
    """Return a client of the true worker with something of it changed."""
    program = (
        "import runpy, time; from billing.second_opinion import opinions, wire\n"
        f"{change}\nrunpy.run_module('billing.second_opinion', run_name='__main__')"
    )
    return python(program, seconds=20)


def test_a_worker_that_has_been_idle_ends_and_another_is_started() -> None:
    idle = worker("wire.IDLE_SECONDS = 0.2")
    assert idle.ask("fhir", WRITTEN["outcome"]).given
    first = idle.pid
    until(lambda: Path(f"/proc/{first}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z")
    assert idle.ask("fhir", WRITTEN["outcome"]).given
    assert idle.pid != first
    idle.close()


def test_a_worker_that_hangs_ends_even_when_nobody_waits_for_it() -> None:
    hanging = worker("wire.SECONDS = 0.1; opinions.OPINIONS['fhir'] = lambda raw: time.sleep(600)")
    said = hanging.ask("fhir", b"{}")
    assert said == Opinion(given=False, reason="the worker ended while it looked")


def test_what_a_library_prints_is_not_an_answer() -> None:
    loud = worker("opinions.OPINIONS['fhir'] = lambda raw: print('hello', flush=True) or []")
    assert loud.ask("fhir", b"{}") == Opinion(given=True)
    loud.close()


def cpu(pid: int) -> float:
    """Return the seconds of processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        eventlet.sleep(0.005)
