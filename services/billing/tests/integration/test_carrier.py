"""The way to payers, over real HTTP on this machine."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from billing.claim_ports import Batch, File
from billing.payers.carrier import HttpCarrier
from billing.payers.profiles import profiles
from clinic_contracts.errors import ClaimUnfit, ServiceUnavailable

FILE = File(name="1.x12", content_type="application/edi-x12", raw=b"ISA*")
BATCH = Batch(id="bat_1", control=1, payer_id="SIMX12", claim_ids=("clm_1",), file=FILE)


class House(ThreadingHTTPServer):
    """Answers what a test has it answer, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, tuple[int, str, bytes]] = {}
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: House

    def do_POST(self) -> None:
        self._answer("POST")

    def do_GET(self) -> None:
        self._answer("GET")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((method, self.path, dict(self.headers), body))
        status, content_type, answer = self.server.answers[self.path]
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        """Say nothing."""


@pytest.fixture
def house() -> Iterator[House]:
    server = House()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_batch_is_posted_under_its_id_and_the_answer_is_a_file(house: House) -> None:
    house.answers["/x12"] = (200, "application/edi-x12; charset=utf-8", b"ISA a 999")
    (told,) = HttpCarrier(house.url, profiles()).send(BATCH)
    assert told.raw == b"ISA a 999"
    ((method, path, headers, body),) = house.asked
    assert (method, path, body) == ("POST", "/x12", b"ISA*")
    assert (headers["Idempotency-Key"], headers["Content-Type"]) == ("bat_1", FILE.content_type)


def test_an_empty_answer_or_one_of_another_kind_is_no_file(house: House) -> None:
    carrier = HttpCarrier(house.url, profiles())
    for answer in ((202, "application/edi-x12", b""), (200, "text/html", b"<p>thank you</p>")):
        house.answers["/x12"] = answer
        assert carrier.send(BATCH) == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (422, ClaimUnfit),
        (401, ClaimUnfit),
        (429, ServiceUnavailable),
        (503, ServiceUnavailable),
        (500, ServiceUnavailable),
    ],
)
def test_what_is_refused_is_not_sent_again_and_what_failed_is(
    house: House, status: int, error: type[Exception]
) -> None:
    house.answers["/x12"] = (status, "text/html", b"no")
    with pytest.raises(error):
        HttpCarrier(house.url, profiles()).send(BATCH)


def test_nobody_there_is_not_known_to_have_arrived() -> None:
    nobody = HttpCarrier("http://127.0.0.1:1", profiles())
    with pytest.raises(ServiceUnavailable):
        nobody.send(BATCH)
    with pytest.raises(ServiceUnavailable):
        nobody.fetch("")


def test_mail_is_listed_and_fetched_one_by_one(house: House) -> None:
    listed = {"files": [{"id": "7"}, {"id": "a b"}], "next": "8"}
    house.answers["/outbox?after=6&limit=50"] = (
        200,
        "application/json",
        json.dumps(listed).encode(),
    )
    house.answers["/outbox/7"] = (200, "text/plain", b"C12")
    house.answers["/outbox/a%20b"] = (200, "application/edi-x12", b"ISA")
    mail = HttpCarrier(house.url, profiles()).fetch("6")
    assert ([each.raw for each in mail.files], mail.cursor) == ([b"C12", b"ISA"], "8")


@pytest.mark.parametrize("answer", [b"no JSON", b"[]", b'{"files": [{}]}', b'{"files": 3}'])
def test_a_list_that_is_none_is_a_payer_that_is_away(house: House, answer: bytes) -> None:
    house.answers["/outbox?after=&limit=50"] = (200, "application/json", answer)
    with pytest.raises(ServiceUnavailable):
        HttpCarrier(house.url, profiles()).fetch("")


def test_whoever_has_no_path_is_not_reached() -> None:
    carrier = HttpCarrier("http://127.0.0.1:1", profiles())
    assert carrier.reaches("SIMX12")
    assert not carrier.reaches("ICBC")
    assert not carrier.reaches("nobody")
    assert not HttpCarrier("", profiles()).reaches("SIMX12")
