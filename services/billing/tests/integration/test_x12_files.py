"""Real 835 bytes through the real reader: posted once whatever happens, or quarantined whole."""

import base64
import sys
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import eventlet
import pytest

from billing.payers.reading import read_file
from billing.service import BillingService
from billing.testing import sent
from billing.use_cases import answers
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.errors import ServiceUnavailable
from clinic_runtime.ids import ulid
from clinic_runtime.rpc import RpcClient
from clinic_runtime.runner import run
from clinic_runtime.testing import eventually, process_of, running
from payer_formats.answers import Read, Remittance, RemittedClaim, RemittedLine
from payer_formats.claim import Address, Adjustment, Provider
from payer_formats.findings import Finding
from payer_formats.x12.remitting import write_835
from payer_formats.x12.writing import Envelope

ENVELOPE = Envelope(sender="PAYER", receiver="CLINIC", control=7, at=datetime(2026, 12, 9, 8, 0))
KEY = base64.b64encode(b"k" * 32).decode()


def an_835(*claims: r.ClaimView, paid: int = 9200) -> bytes:
    rest = 11500 - paid
    adjustments = (Adjustment(group="PR", reason="2", minor=rest),)
    decided = tuple(
        RemittedClaim(
            reference=claim.number,
            decision="paid",
            charge_minor=11500,
            paid_minor=paid,
            client_minor=rest,
            payer_reference=f"ICN{number}",
            code="1",
            lines=(
                RemittedLine(
                    procedure="97124",
                    charge_minor=11500,
                    paid_minor=paid,
                    adjustments=adjustments,
                    day=claim.service_date,
                ),
            ),
            day=claim.service_date,
        )
        for number, claim in enumerate(claims)
    )
    remittance = Remittance(
        identity="",
        payer_id="PORTAL",
        payer_name="Carrier",
        paid_minor=paid * len(claims),
        currency="CAD",
        claims=decided,
        trace="EFT-1",
        paid_on=date(2026, 12, 9),
        method="ACH",
    )
    payer = Provider(
        name="Carrier",
        tax_id="123456789",
        address=Address(line="1 Main", city="Victoria", region="BC", postal_code="V8T1A1"),
    )
    payee = Provider(name="Fernwood", npi="1234567893")
    return write_835(ENVELOPE, [remittance], payer, payee)


def take(office: Any, raw: bytes) -> f.FileView:
    office.files[raw] = read_file(raw, "application/edi-x12")
    return answers.take_file(raw, "application/edi-x12", office.desk())


def test_an_835_is_posted_and_its_twin_is_not(office: Any) -> None:
    claims = [sent(office, number) for number in range(3)]
    raw = an_835(*claims)
    first = take(office, raw)
    assert (first.state, first.unmatched, first.findings) == ("posted", 0, ())
    assert take(office, raw.replace(b"~\n", b"~\r\n")).state == "duplicate"
    stored = office.database["claims"].find({}, {"state": 1})
    assert {row["state"]["state"] for row in stored} == {"paid"}
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_a_remittance_that_stands_in_its_file_twice_is_posted_once(office: Any) -> None:
    claim = sent(office)
    raw = an_835(claim)
    file = take(office, raw + raw)
    assert file.state == "posted"
    found = office.desk().claims.claim(claim.id)
    assert (found.paid.amount_minor, len(found.settlements)) == (9200, 1)
    assert take(office, raw).state == "duplicate"
    assert office.findings() == dict.fromkeys(office.findings(), 0)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"*92*", b"*92.01*", "BALANCE"),
        (b"*I*92*", b"*I*91.99*", "BALANCE"),
        (b"*I*92*", b"*I*-92*", "NEGATIVE"),
        (b"IEA*1*", b"IEA*2*", "COUNT_MISMATCH"),
        (b"IEA*1*000000007", b"IEA*1*000000008", "CONTROL_MISMATCH"),
    ],
)
def test_an_835_that_is_off_by_anything_posts_nothing(
    office: Any, old: bytes, new: bytes, code: str
) -> None:
    claim = sent(office)
    raw = an_835(claim)
    assert old in raw
    spoilt = raw.replace(old, new, 1)
    file = take(office, spoilt)
    assert file.state == "quarantined"
    assert any(code in each.code for each in file.findings), file.findings
    assert office.desk().claims.raw(file.id) == spoilt
    assert office.database["ledger"].count_documents({"_id": {"$regex": "^remittance:"}}) == 0


def test_what_pays_somebody_else_is_kept_aside_unless_it_decides_claims_of_ours(
    office: Any,
) -> None:
    claim = sent(office)
    elsewhere = an_835(claim).replace(b"*XX*1234567893", b"*XX*1245319599")
    stranger = elsewhere.replace(claim.number.encode(), b"NOT-OURS")
    file = take(office, stranger)
    assert (file.state, [each.code for each in file.findings]) == (
        "quarantined",
        ["PAYEE_UNKNOWN"],
    )
    file = take(office, elsewhere)
    assert (file.state, file.unmatched) == ("posted", 0)
    assert [(each.code, each.severity) for each in file.findings] == [("PAYEE_UNKNOWN", "warning")]
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def test_what_was_kept_aside_is_taken_in_once_what_kept_it_is_mended(office: Any) -> None:
    claim = sent(office)
    raw = an_835(claim)
    office.files[raw] = Read(format="x12", findings=(Finding(code="X", text="not known yet"),))
    for _ in range(2):
        kept = answers.take_file(raw, "application/edi-x12", office.desk())
        assert (kept.state, [each.code for each in kept.findings]) == ("quarantined", ["X"])
    file = take(office, raw)
    assert (file.state, file.findings) == ("posted", ())
    assert take(office, raw).state == "duplicate"
    assert office.desk().claims.file(file.id).state == "posted"
    assert office.findings() == dict.fromkeys(office.findings(), 0)


def started(log: Path) -> bool:
    return "service.started" in log.read_text()


class Caller:
    name = "caller"
    rpc = RpcClient()


@pytest.fixture
def rpc(amqp_uri: str) -> Any:
    with running(Caller, {"amqp_uri": amqp_uri}) as container:
        yield next(each for each in container.dependencies if isinstance(each, RpcClient))


def test_a_process_killed_while_it_posts_has_posted_once(
    office: Any, rpc: RpcClient, amqp_uri: str, mongo_uri: str, tmp_path: Path
) -> None:
    claims = [sent(office, number) for number in range(40)]
    raw = an_835(*claims)
    config = {
        "amqp_uri": amqp_uri,
        "mongo_uri": mongo_uri,
        "database": office.database.name,
        "file_key": KEY,
        "max_workers": 20,
    }
    asked = {
        "content_base64": base64.b64encode(raw).decode(),
        "content_type": "application/edi-x12",
    }

    def post(timeout: float = 1.0) -> str:
        context = CallContext(actor="key:payer", correlation_id=ulid(), operation_id=ulid())
        try:
            state: str = rpc.call(op.TAKE_FILE, asked, context, timeout)["state"]
        except ServiceUnavailable:
            return "away"
        return state

    ledger = office.database["ledger"]
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        with process_of(__file__, config, folder) as process:
            eventually(partial(started, folder / "log"), timeout=30)
            threads = [eventlet.spawn(post) for _ in range(5)]
            eventlet.sleep(0.004 * number)  # each time a little further into it
            process.kill()
            for thread in threads:
                thread.wait()
    folder = tmp_path / "last"
    folder.mkdir()
    with process_of(__file__, config, folder):
        eventually(lambda: post() in {"posted", "duplicate"}, timeout=30)
        assert post() == "duplicate"
    assert ledger.count_documents({"_id": {"$regex": "^remittance:"}}) == 1
    assert office.database["claims"].count_documents({"state.state": "paid"}) == 40
    assert office.findings() == dict.fromkeys(office.findings(), 0)


if __name__ == "__main__":
    run(BillingService, Path(sys.argv[1]))
