"""A coverage asked about before a visit, of the simulated payer, whatever becomes of billing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
import requests

from clinic_deploy.demo.api import Api, Refused
from clinic_runtime.testing import eventually

VISITS = {
    "Harbour Mutual": [("limit", 12), ("limit", 5)],
    "Coast Benefits": [("limit", 12), ("used", 7)],
}
"""What the simulated payer tells of visits: in X12 what is left, in FHIR what is used."""
CARRIERS = list(VISITS)


def insured(api: Api, member: str, carrier: str) -> str:
    """Return the path of a new client's coverage, once billing has heard of it."""
    client = api.post("/clients", {"name": "Ada Sample"})
    chart = f"/clients/{client['id']}"
    cover = {
        "kind": "extended_health",
        "carrier": carrier,
        "group_number": "G-1",
        "member_id": member,
        "percent": 80,
        "annual_maximum": {"amount_minor": 50000},
    }
    coverage = api.post(f"{chart}/coverages", cover)
    eventually(lambda: api.get(f"{chart}/booking-limits")["coverages"]["items"])
    return f"{chart}/coverages/{coverage['id']}/eligibility"


@pytest.mark.parametrize("carrier", CARRIERS)
def test_the_desk_asks_and_is_answered_at_once(
    api: Api, clinic: dict[str, Any], carrier: str
) -> None:
    path = insured(api, "M-1", carrier)
    check = api.post(path, {"location_id": clinic["location_id"]})
    assert (check["state"], check["active"], check["findings"]) == ("answered", "yes", [])
    visits = [(each["kind"], each["visits"]) for each in check["benefits"] if each["visits"]]
    assert visits == VISITS[carrier]
    assert check["counted"][0]["left"]["amount_minor"] == 50000
    assert api.get(path)["items"] == [check]
    assert api.get(f"/eligibility/{check['id']}") == check


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_policy_not_in_force_and_one_that_is_not_found(
    api: Api, clinic: dict[str, Any], carrier: str
) -> None:
    where = {"location_id": clinic["location_id"]}
    ended = api.post(insured(api, "M-1-INACTIVE", carrier), where)
    assert (ended["state"], ended["active"]) == ("answered", "no")
    unknown = api.post(insured(api, "M-1-UNKNOWN", carrier), where)
    assert (unknown["state"], unknown["active"]) == ("refused", "unknown")
    assert [each["code"] for each in unknown["findings"]] == ["75"]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_an_answer_that_comes_later_is_fetched(
    api: Api, clinic: dict[str, Any], carrier: str
) -> None:
    path = insured(api, "M-1-LATE", carrier)
    check = api.post(path, {"location_id": clinic["location_id"]})
    assert check["state"] == "asked"
    one = f"/eligibility/{check['id']}"
    eventually(lambda: api.get(one)["state"] == "answered", timeout=30)
    assert api.get(one)["active"] == "yes"


def test_a_payer_without_a_tongue_for_it_is_not_asked(api: Api, clinic: dict[str, Any]) -> None:
    path = insured(api, "M-1", "Another Plan")
    with pytest.raises(Refused) as refusal:
        api.post(path, {"location_id": clinic["location_id"]})
    assert refusal.value.problem["code"] == "not_supported"
    assert api.get(path)["items"] == []


class Holding(ThreadingHTTPServer):
    """Before the simulated payer: keeps the first question, and hands on what comes after."""

    daemon_threads = True

    def __init__(self, payer_port: int) -> None:
        super().__init__(("127.0.0.1", 0), HoldingHandler)
        self.payer = f"http://127.0.0.1:{payer_port}"
        self.asked: list[tuple[str, bytes]] = []
        self.arrived, self.ended = Event(), Event()


class HoldingHandler(BaseHTTPRequestHandler):
    server: Holding

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Idempotency-Key"]
        self.server.asked.append((key, raw))
        if len(self.server.asked) == 1:
            self.server.arrived.set()
            self.server.ended.wait(60)
            return
        headers = {"Idempotency-Key": key}
        answer = requests.post(self.server.payer + self.path, raw, headers=headers, timeout=10)
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)


@pytest.fixture
def holding(house: Any, payer_port: int) -> Iterator[Holding]:
    server = Holding(payer_port)
    Thread(target=server.serve_forever, daemon=True).start()
    house.kill("billing")
    house.start("billing", CLINIC_PAYER_URL=f"http://127.0.0.1:{server.server_port}")
    yield server
    house.kill("billing")
    house.start("billing")
    eventually(house.ready, timeout=60)
    server.ended.set()
    server.shutdown()
    server.server_close()


def test_billing_killed_after_asking_asks_again_by_the_same_number(
    house: Any, api: Api, clinic: dict[str, Any], holding: Holding
) -> None:
    eventually(house.ready, timeout=60)
    path = insured(api, "M-1", "Harbour Mutual")
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(api.post, path, {"location_id": clinic["location_id"]})
        assert holding.arrived.wait(30)
        house.kill("billing")
        house.start("billing", CLINIC_PAYER_URL=f"http://127.0.0.1:{holding.server_port}")
        check = asking.result(120)
    one = f"/eligibility/{check['id']}"
    eventually(lambda: api.get(one)["state"] == "answered", timeout=60)
    (answered,) = api.get(path)["items"]
    assert answered["trace"] == check["trace"]
    first, second = holding.asked
    assert first == second
    assert answered["trace"].encode() in first[1]
