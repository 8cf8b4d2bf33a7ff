"""``clinicops`` against a server that answers as the gateway does."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from clinic_deploy.ops import command

KEY = "clinic_secret-of-this-test"
EMPTY = dict.fromkeys(("ready", "in_hand", "waiting", "parked", "consumers"), 0)
QUEUES = {
    "items": [{"service": "billing", **EMPTY, "ready": 3, "parked": 1}],
    "next": None,
    "unavailable": ["notification"],
}
EVENT = {
    "id": "evt_1",
    "type": "booking.appointment_booked.v1",
    "time": "2026-12-01T18:00:00.000000+00:00",
    "subject": "apt_1",
    "locationid": "loc_1",
    "data": {"name": "Ada"},
}


class Server:
    """Answers each call with the next of its answers: status and JSON."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self.asked: list[tuple[str, str]] = []

    def answer(self, call: str, *bodies: Any, status: int = 200) -> None:
        self.answers.setdefault(call, []).extend((status, body) for body in bodies)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server()

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path, _, query = self.path.partition("?")
            call = f"{self.command} {path}"
            made.asked.append((call, query))
            status, body = made.answers.get(call, [(404, {"detail": "no such thing"})])[0]
            if len(made.answers.get(call, ())) > 1:
                made.answers[call].pop(0)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = reply  # noqa: N815 (the library's names)

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=listening.serve_forever, daemon=True).start()
    for name in ("EMAIL", "PASSWORD"):
        monkeypatch.delenv(f"CLINICOPS_{name}", raising=False)
    monkeypatch.setenv("CLINICOPS_KEY", KEY)
    monkeypatch.setenv("CLINICOPS_URL", f"http://127.0.0.1:{listening.server_port}")
    yield made
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def ops(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return what runs a command: its exit code, what it printed, what it said beside that."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = command.main(list(arguments))
        told = capsys.readouterr()
        assert KEY not in told.out + told.err
        assert "Traceback" not in told.err
        assert "\x1b" not in told.out, "no colours where nobody sees them"
        return code, told.out, told.err

    return run


def test_status_shows_who_is_away_and_exits_with_it(server: Server, ops: Any) -> None:
    server.answer("GET /readyz", {"rabbitmq": True, "mongodb": True})
    server.answer("GET /v1/operations/queues", QUEUES)
    code, out, _ = ops("status")
    assert code == 1
    assert out.splitlines()[4:] == [
        "service       is       ready  in hand  waiting  parked  consumers",
        "billing       answers      3        0        0       1          0",
        "notification  away         -        -        -       -          -",
    ]


def test_parked_goes_through_the_pages_as_far_as_wanted(server: Server, ops: Any) -> None:
    rows = [
        {"id": f"billing:evt_{n}", "at": "2026-12-01T18:00:00+00:00", "type": "t", "subject": "s",
         "error": "[red]x[/red]"} for n in range(3)
    ]  # fmt: skip
    path = "GET /v1/operations/parked"
    pages = [
        {"items": rows[:2], "next": "more", "unavailable": []},
        {"items": rows[2:], "next": None, "unavailable": []},
    ]
    server.answer(path, *pages)
    code, out, _ = ops("parked", "--service", "billing")
    assert (code, out.count("billing:evt_"), out.count("[red]x[/red]")) == (0, 3, 3)
    assert "cursor=more" in server.asked[-1][1]
    server.answers[path] = [(200, pages[0])]
    _, out, err = ops("parked", "--limit", "1")
    assert (out.count("billing:evt_"), "--limit" in err) == (1, True)


def test_retry_all_hands_over_each_once(server: Server, ops: Any) -> None:
    row = {"id": "billing:evt_1"}
    server.answer("GET /v1/operations/parked", {"items": [row], "next": None, "unavailable": []})
    server.answer("POST /v1/operations/parked/billing:evt_1/retry", {"id": "billing:evt_1"})
    assert ops("retry", "--all")[:2] == (0, "billing:evt_1  handed over\n")
    assert [call for call, _ in server.asked].count(
        "POST /v1/operations/parked/billing:evt_1/retry"
    ) == 1
    assert ops("retry", "billing:evt_2")[:2] == (1, "billing:evt_2  is not parked\n")


@pytest.mark.parametrize(("overlaps", "expected"), [(0, 0), (2, 1)])
def test_verify_exits_with_what_it_found(
    server: Server, ops: Any, overlaps: int, expected: int
) -> None:
    found = {"overlaps": overlaps, "parked": 0, "counts": {"invoices": 5}, "unavailable": []}
    server.answer("GET /v1/operations/verify", found)
    code, out, _ = ops("verify")
    rows = [line.split() for line in out.splitlines()]
    assert code == expected
    assert ["overlaps", str(overlaps)] in rows
    assert ["invoices", "5"] in rows


def test_events_are_read_to_the_end_a_line_each(server: Server, ops: Any) -> None:
    page = {"events": [EVENT], "next": "c1", "more": True, "unavailable": []}
    last = {"events": [], "next": "c2", "more": False, "unavailable": []}
    server.answer("GET /v1/events", page, last)
    code, out, err = ops("events", "--types", "booking.appointment_booked")
    line = (
        "2026-12-01T18:00:00.000000+00:00  booking.appointment_booked.v1           apt_1  loc_1\n"
    )
    assert (code, out) == (0, line)
    assert "go on with --after c2" in err
    server.answers["GET /v1/events"] = [(200, page), (200, last)]
    assert json.loads(ops("events", "--json")[1]) == EVENT


def test_following_outlasts_an_outage(
    server: Server, ops: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = {"events": [], "next": "c1", "more": False, "unavailable": []}
    server.answer("GET /v1/events", nothing)
    server.answer("GET /v1/events", {"detail": "no service answers"}, status=503)
    server.answer("GET /v1/events", {**nothing, "events": [EVENT], "next": "c2"})
    rounds = []

    def rest(_seconds: float) -> None:
        rounds.append(1)
        if len(rounds) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(command, "sleep", rest)
    code, out, err = ops("events", "--follow")
    assert (code, out.count("apt_1")) == (0, 1)
    assert "no service answers" in err
    assert "since=" in server.asked[0][1]
    assert [query.split("after=")[1] for _, query in server.asked[1:]] == ["c1", "c1"]


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (401, {"detail": "the API key is not valid"}, "the API key is not valid"),
        (403, {"detail": "the role does not allow this"}, "the role does not allow this"),
        (503, {"detail": "no service answers"}, "no service answers"),
        (200, b"<html>", "does not answer as ClinicOps does"),
        (200, ["x"], "does not answer as ClinicOps does"),
        (200, {"x": 1}, "does not answer as ClinicOps does"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(
    server: Server, ops: Any, status: int, body: Any, sentence: str
) -> None:
    server.answer("GET /v1/operations/verify", body, status=status)
    code, out, err = ops("verify")
    assert (code, out, sentence in err) == (3, "", True)


def test_nobody_there_and_nobody_asking(
    server: Server, ops: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.asked == []
    monkeypatch.setenv("CLINICOPS_URL", "http://127.0.0.1:1")
    assert ops("status")[::2] == (3, "http://127.0.0.1:1 cannot be reached\n")
    monkeypatch.delenv("CLINICOPS_KEY")
    assert "set CLINICOPS_KEY" in ops("status")[2]


def test_the_owner_signs_in_and_out(
    server: Server, ops: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLINICOPS_KEY")
    monkeypatch.setenv("CLINICOPS_EMAIL", "owner@example.org")
    monkeypatch.setenv("CLINICOPS_PASSWORD", "a password")
    server.answer("POST /v1/sessions", {"token": KEY}, status=201)
    server.answer("DELETE /v1/sessions/current", b"", status=204)
    server.answer("GET /v1/operations/parked", {"items": [], "next": None, "unavailable": []})
    assert ops("parked")[:2] == (0, "nothing is parked\n")
    calls = [call for call, _ in server.asked]
    assert (calls[0], calls[-1]) == ("POST /v1/sessions", "DELETE /v1/sessions/current")


def test_replay_says_where_it_is_run(ops: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AMQP_URI", raising=False)
    code, out, _ = ops("replay", "billing", "--from", "start")
    inside = "python -m clinic_runtime"
    assert (code, out) == (0, f"docker compose exec billing {inside} replay --from start\n")
    _, out, _ = ops("replay", "billing", "--rebuild")
    assert out.splitlines()[1] == f"docker compose run --rm billing {inside} rebuild"


TZDB_ROW = {
    "id": "apt_1", "location_id": "loc_1", "client_id": "cli_1", "local_start": "2026-12-01T10:00",
    "timezone": "America/Vancouver", "tzdata_version": "2025.2", "conflicts": [], "minutes": -60,
    "was": "2026-12-01T10:00:00-08:00", "becomes": "2026-12-01T10:00:00-07:00",
}  # fmt: skip


def test_the_tzdb_dry_run_lists_every_page_and_exits_with_what_cannot_move(
    server: Server, ops: Any
) -> None:
    skipped = {**TZDB_ROW, "id": "apt_2", "becomes": None, "minutes": None}
    page = {"edition": "2026.6", "examined": 500, "items": [TZDB_ROW], "next": "more"}
    last = {**page, "examined": 3, "items": [], "next": None}
    server.answer("GET /v1/operations/tzdb", page, last)
    code, out, _ = ops("tzdb", "--dry-run")
    assert (code, len(out.splitlines())) == (0, 3)
    assert out.splitlines()[1].split() == [
        "apt_1", "loc_1", "cli_1", "2026-12-01T10:00", "America/Vancouver",
        "-08:00", "-07:00", "-60",
    ]  # fmt: skip
    assert out.splitlines()[2] == "1 visits would be moved by the zone data 2026.6"
    assert server.asked[-1][1] == "limit=500&cursor=more"

    hindered = {**TZDB_ROW, "conflicts": ["apt_9"]}
    server.answers["GET /v1/operations/tzdb"] = [(200, {**last, "items": [skipped, hindered]})]
    code, out, _ = ops("tzdb", "--dry-run")
    assert code == 1
    assert out.splitlines()[1].endswith("-  the clock skips that time")
    assert out.splitlines()[2].endswith("-60  apt_9")
    assert out.splitlines()[4] == "2 cannot be moved as they stand: see to them by hand"


def test_applying_tzdb_says_what_it_did(server: Server, ops: Any) -> None:
    page = {"edition": "2026.6", "examined": 2, "moved": [TZDB_ROW], "left": [], "next": "later"}
    last = {**page, "moved": [], "next": None}
    server.answer("POST /v1/operations/tzdb", {**page, "confirmed": 1}, {**last, "confirmed": 0})
    code, out, _ = ops("tzdb", "--apply")
    assert (code, out.splitlines()[-1]) == (0, "1 visits moved by the zone data 2026.6")
    server.answers["POST /v1/operations/tzdb"] = [(200, {**last, "left": [TZDB_ROW]})]
    assert ops("tzdb", "--apply")[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["tzdb"],
        ["tzdb", "--dry-run", "--apply"],
        ["retry"],
        ["retry", "x", "--all"],
        ["replay", "billing"],
    ],
)
def test_what_is_not_understood_exits_2(ops: Any, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        ops(*arguments)
    assert ended.value.code == 2
