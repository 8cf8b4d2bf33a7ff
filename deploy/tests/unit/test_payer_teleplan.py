"""The simulated payer in Teleplan: what it writes is read back as it was asked for, to the cent."""

import os
import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from clinic_deploy.simulator import teleplan
from clinic_deploy.simulator.behaviour import HELD, LATE, SCENARIOS, SOON
from clinic_deploy.simulator.doors import Payer, Server, Watched
from clinic_deploy.simulator.store import Store, Taken, UnreadableError
from payer_formats.answers import Read, RemittedClaim
from payer_formats.claim import Claim, Diagnosis, Person, Provider, ServiceLine, Subscriber
from payer_formats.claim import Payer as Insurer
from payer_formats.inquiry import EligibilityInquiry
from payer_formats.teleplan.reading import read_answers
from payer_formats.teleplan.submission import Sender, Vendor, batch, eligibility_batch

AT = datetime(2026, 12, 9, 8, tzinfo=UTC)
PHN = "9698658215"
VENDOR = Vendor(
    number="T0001", software="CLINICOPS", version="1", installed=date(2026, 11, 1), name="ClinicOps"
)
SENDER = Sender(data_centre="T0001", vendor=VENDOR)


def claim(asked: str, *charges: int, phn: str = PHN, payee: str = "A1234") -> Claim:
    told = charges or (2300,)
    ada = Person(last_name="Sample", first_name="Ada", birth_date=date(1970, 5, 4), sex="F")
    return Claim(
        id=f"C-{asked}",
        charge_minor=sum(told),
        currency="CAD",
        payer=Insurer(id="MSP", name="MSP"),
        billing=Provider(name="Fernwood", number=payee),
        rendering=Provider(name="Ames", first_name="Robin", number="00567"),
        subscriber=Subscriber(person=ada, member_id=phn),
        diagnoses=(Diagnosis(code="7245", system="ICD9"),),
        lines=tuple(
            ServiceLine(
                number=number,
                procedure="09948",
                charge_minor=charge,
                units=1,
                day=date(2026, 12, 1),
            )
            for number, charge in enumerate(told, 1)
        ),
        note=asked,
    )


def taken(*claims: Claim) -> Taken:
    sent = batch(SENDER, claims, 100)
    assert len(sent.sent) == sum(len(each.lines) for each in claims), sent.findings
    numbers = count(1)
    return teleplan.taken(sent.raw, AT, lambda: next(numbers))


def read(done: Taken) -> list[tuple[float, Read]]:
    return [(mail.after, read_answers(mail.body)) for mail in done.later]


def errors(told: Read) -> list[str]:
    every = [*told.findings, *(each for r in told.remittances for each in r.findings)]
    return [each.code for each in every if each.severity == "error"]


def decided(done: Taken) -> list[tuple[float, RemittedClaim]]:
    return [
        (after, each)
        for after, told in read(done)
        for remittance in told.remittances
        for each in remittance.claims
    ]


WAYS = {
    "pay": [(SOON, "S01", "paid", 2300)],
    "deny": [(SOON, "S02", "denied", 0)],
    "short": [(SOON, "S02", "paid", 2070)],
    "pend": [(SOON, "S04", "pended", 0), (HELD, "S01", "paid", 2300)],
    "reverse": [
        (SOON, "S02", "paid", 2070),
        (HELD, "S02", "reversed", -2070),
        (HELD, "S01", "paid", 2300),
    ],
    "duplicate": [(SOON, "S01", "paid", 2300)] * 2,
    "late": [(LATE, "S01", "paid", 2300)],
    "reject": [],
    "unbalanced": [(SOON, "S01", "paid", 2300)],
    "refuse": [(SOON, "S03", "refused", 0)],
    "withhold": [(SOON, "S01", "paid", 2300)],
}


def test_every_way_is_tried() -> None:
    assert WAYS.keys() == {*SCENARIOS, *teleplan.OWN_SCENARIOS}


@pytest.mark.parametrize("charges", [(2300,), (1300, 1000)])
@pytest.mark.parametrize("name", sorted(WAYS))
def test_a_claim_is_decided_as_its_comment_asks(name: str, charges: tuple[int, ...]) -> None:
    done = taken(claim(name.upper(), *charges))
    assert done.body == b""
    told = [(after, each.code, each.decision, each.paid_minor) for after, each in decided(done)]
    assert told == WAYS[name]
    assert {each.payer_reference for _, each in decided(done)} <= {"T00010000101"}
    wrong = {"TELEPLAN_TOTAL"} if name == "unbalanced" else set()
    assert {code for _, each in read(done) for code in errors(each)} == wrong


def test_a_long_note_is_looked_at_as_a_comment_is() -> None:
    done = taken(claim("seen twice that day, with a referral: try DENY"))
    assert [each.decision for _, each in decided(done)] == ["denied"]


def test_what_the_first_edit_turns_back_is_named_by_its_number() -> None:
    done = taken(claim("REJECT"), claim("PAY"))
    after, first = read(done)[0]
    assert after < SOON
    (told,) = first.acknowledgements
    assert [(each.payer_reference, each.verdict, each.codes) for each in told.claims] == [
        ("T00010000101", "rejected", (teleplan.REJECTED_CODE,))
    ]
    assert [each.payer_reference for _, each in decided(done)] == ["T00010000102"]


def test_a_wrong_health_number_is_turned_back() -> None:
    sent = batch(SENDER, [claim("PAY")], 100).raw.replace(PHN.encode(), b"9698658216")
    numbers = count(1)
    (mail,) = teleplan.taken(sent, AT, lambda: next(numbers)).later
    ((told,),) = (each.claims for each in read_answers(mail.body).acknowledgements)
    assert told.codes == (teleplan.NO_PHN_CODE,)


@given(
    asked=st.lists(st.sampled_from(sorted({*WAYS} - {"unbalanced"})), min_size=1, max_size=8),
    charges=st.lists(st.integers(0, 99_999), min_size=1, max_size=4),
    payees=st.lists(st.sampled_from(["A1234", "B1234"]), min_size=8, max_size=8),
)
def test_remittances_of_any_claims_together_add_up(
    asked: list[str], charges: list[int], payees: list[str]
) -> None:
    claims = [
        replace(claim(name.upper(), *charges, payee=payee), id=f"C{number}")
        for number, (name, payee) in enumerate(zip(asked, payees, strict=False))
    ]
    told = [each for _, each in read(taken(*claims))]
    assert [code for each in told for code in errors(each)] == []
    for remittance in (one for each in told for one in each.remittances):
        withheld = sum(each.minor for each in remittance.provider_adjustments)
        paid = sum(each.paid_minor for each in remittance.claims)
        assert paid - withheld == remittance.paid_minor >= 0


def test_a_duplicate_is_the_same_bytes_and_others_have_each_their_identity() -> None:
    done = taken(claim("DUPLICATE"), claim("PAY"), claim("PEND"))
    identities = [each.identity for _, told in read(done) for each in told.remittances]
    assert len(identities) == len(set(identities)) + 1


def test_claims_that_ask_for_nothing_are_decided_by_chance_and_alike_each_time() -> None:
    lines = [replace(claim(""), id=f"C{number}") for number in range(200)]
    first = decided(taken(*lines))
    assert first == decided(taken(*lines))
    assert {each.decision for _, each in first} == {"paid", "denied", "pended", "reversed"}


def test_a_debit_request_is_answered_by_nothing_paid() -> None:
    void = replace(claim("PAY"), frequency="void", payer_reference="T00010000099")
    assert [each.decision for _, each in decided(taken(void))] == ["denied"]


def test_who_is_eligible_is_answered() -> None:
    asked = EligibilityInquiry(
        trace="E1",
        payer=Insurer(id="MSP", name="MSP"),
        provider=Provider(name="Fernwood", number="A1234"),
        subscriber=claim("").subscriber,
        day=date(2026, 12, 1),
    )
    numbers = count(1)
    raw = eligibility_batch(SENDER, [asked], 7).raw
    (mail,) = teleplan.taken(raw, AT, lambda: next(numbers)).later
    (told,) = read_answers(mail.body).eligibilities
    assert (told.member_id, told.active) == (PHN, True)


@pytest.mark.parametrize("raw", [b"", b"VS1", b"hello", b"\xff" * 200])
def test_what_is_no_submission_is_refused_with_why(raw: bytes) -> None:
    with pytest.raises(UnreadableError, match="TELEPLAN_"):
        teleplan.taken(raw, AT, lambda: 1)


def test_a_submission_is_known_by_how_it_begins_at_every_door(tmp_path: Path) -> None:
    now = AT.timestamp()
    payer = Payer(Store(tmp_path), lambda: now)
    watched = Watched(payer, tmp_path)
    path = tmp_path / "in" / "claims.txt"
    path.write_bytes(batch(SENDER, [claim("PAY")], 1).raw)
    os.utime(path, (1, 1))
    watched.look()
    assert not path.exists()
    now += SOON
    watched.look()
    (answer,) = (each for each in (tmp_path / "out").iterdir() if each.suffix == ".txt")
    assert [each.paid_minor for each in read_answers(answer.read_bytes()).remittances] == [2300]


def test_a_submission_is_posted_and_what_is_unreadable_refused(tmp_path: Path) -> None:
    server = Server(Payer(Store(tmp_path), AT.timestamp), "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        sound = requests.post(
            f"{url}/teleplan", data=batch(SENDER, [claim("PAY")], 1).raw, timeout=5
        )
        wrong = requests.post(f"{url}/teleplan", data=b"VS1 and no more", timeout=5)
        page = requests.get(url, timeout=5).text
    finally:
        server.shutdown()
        server.server_close()
    assert (sound.status_code, sound.content) == (200, b"")
    assert (wrong.status_code, "TELEPLAN_" in wrong.text) == (422, True)
    assert "WITHHOLD" in page
