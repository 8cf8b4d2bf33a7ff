"""An event that fails for good, found and retried by who operates the system; a visit's past."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import amqp
import requests
from pymongo import MongoClient

from clinic_deploy.demo import day as demo_day
from clinic_deploy.demo.api import Api
from clinic_runtime import topology
from clinic_runtime.link import open_connection
from clinic_runtime.retry import FAILURES_BEFORE_PARKING
from clinic_runtime.testing import eventually

QUEUE = topology.events_queue("billing").name


def fail_next_time(amqp_uri: str) -> None:
    """Have each event that waits for billing look as if it had but one attempt left."""
    with open_connection(amqp_uri) as connection:
        channel = connection.channel()
        channel.confirm_select()
        waiting = iter(lambda: channel.basic_get(QUEUE), None)
        for message in list(waiting):
            headers = {"x-attempt": FAILURES_BEFORE_PARKING - 1}
            copy = amqp.Message(
                message.body, **{**message.properties, "application_headers": headers}
            )
            channel.basic_publish_confirm(copy, routing_key=QUEUE)
            channel.basic_ack(message.delivery_tag)


def test_a_parked_event_is_found_retried_and_takes_effect(
    api: Api, house: Any, clinic: dict[str, str], clinicops: Any
) -> None:
    amqp_uri = house.environment["AMQP_URI"]
    visit = api.post("/appointments", {**clinic, "local_start": "2026-12-08T10:00"})
    api.post(f"/appointments/{visit['id']}/arrive")
    client: MongoClient[dict[str, Any]] = MongoClient(house.environment["MONGO_URI"])
    locations = client[f"e2e_{house.run}_billing"]["locations"]
    known = eventually(lambda: locations.find_one({"_id": clinic["location_id"]}))
    eventually(lambda: queue_of(api, "billing")["ready"] == 0)
    house.kill("billing")
    api.post(f"/appointments/{visit['id']}/fulfil")
    eventually(lambda: ready(amqp_uri) == 1)
    fail_next_time(amqp_uri)
    locations.update_one({"_id": known["_id"]}, {"$set": {"view": {}}})
    house.start("billing")

    (parked,) = eventually(lambda: parked_at_billing(api), timeout=30)
    assert (parked["type"], parked["subject"]) == ("booking.appointment_fulfilled.v1", visit["id"])
    assert parked["error"] == parked["history"][-1]["error"]
    assert clinicops("status")[1].split("billing", 1)[1].split()[:5] == ["answers", *"0001"]
    assert parked["id"] in clinicops("parked", "--service", "billing")[1]
    assert api.get("/invoices", appointment_id=visit["id"])["items"] == []

    locations.replace_one({"_id": known["_id"]}, known)
    assert clinicops("retry", parked["id"]) == (0, f"{parked['id']}  handed over\n")
    assert eventually(lambda: api.get("/invoices", appointment_id=visit["id"])["items"])
    assert parked_at_billing(api) == []
    assert clinicops("retry", "--all")[0] == 0
    client.close()


def test_a_visit_can_be_read_as_it_was(
    api: Api, raw: Callable[..., requests.Response], clinic: dict[str, str]
) -> None:
    visit = api.post("/appointments", {**clinic, "local_start": "2026-12-08T13:00"})
    booked_by = datetime.now(UTC)
    path = f"/appointments/{visit['id']}"
    api.post(f"{path}/cancel", {"reason": "unwell"})
    then = api.get(path, as_of=booked_by.isoformat())
    assert then == visit
    assert api.get(path, as_of=datetime.now(UTC).isoformat()) == api.get(path)
    for as_of, status in (
        (booked_by - timedelta(days=1), 404),
        (booked_by + timedelta(days=1), 422),
        ("2026-12-08", 422),
    ):
        text = as_of if isinstance(as_of, str) else as_of.isoformat()
        answer = raw("GET", f"/v1{path}", params={"as_of": text})
        assert (answer.status_code, "as_of" in json.dumps(answer.json().get("errors", ""))) == (
            status,
            status == 422,
        )


def test_the_feed_tells_a_visit_in_order(api: Api, clinic: dict[str, str], clinicops: Any) -> None:
    since = datetime.now(UTC).isoformat()
    visit = api.post("/appointments", {**clinic, "local_start": "2026-12-09T10:00"})
    for verb in ("arrive", "unarrive", "cancel"):
        api.post(f"/appointments/{visit['id']}/{verb}")

    def told() -> list[str]:
        lines = clinicops("events", "--since", since, "--json")[1].splitlines()
        events = [json.loads(line) for line in lines]
        return [each["type"] for each in events if each["subject"] == visit["id"]]

    words = ("booked", "arrived", "unarrived", "cancelled")
    eventually(lambda: told() == [f"booking.appointment_{word}.v1" for word in words])


def test_a_replay_beside_the_service_doubles_nothing_and_a_rebuild_is_refused(
    api: Api, house: Any, clinic: dict[str, str]
) -> None:
    visit = api.post("/appointments", {**clinic, "local_start": "2026-12-08T15:00"})
    api.post(f"/appointments/{visit['id']}/arrive")
    api.post(f"/appointments/{visit['id']}/fulfil")
    eventually(lambda: api.get("/invoices", appointment_id=visit["id"])["items"], timeout=30)
    code, told = run_in(house, "replay", "--from", "start")
    assert (code, "events handed over to billing; go on with --from ey" in told) == (0, True)
    assert int(told.split()[0]) > 0
    verified = eventually(lambda: demo_day.settled(api), timeout=60)
    assert {name: verified[name] for name in demo_day.INVARIANTS if verified[name]} == {}
    assert len(api.get("/invoices", appointment_id=visit["id"])["items"]) == 1
    assert run_in(house, "rebuild") == (1, "billing runs: stop every process of it first")
    assert run_in(house, "replay", "--from", "")[0] == 2
    assert run_in(house, "replay", "--from", "noon")[1].endswith(
        "--from noon: neither start, nor an instant, nor a cursor"
    )


def run_in(house: Any, *arguments: str) -> tuple[int, str]:
    """Run a command as one would in billing's container; return its exit code and last line."""
    environment = {**house.environment, "MONGO_DATABASE": f"e2e_{house.run}_billing"}
    command = [sys.executable, "-m", "clinic_runtime", *arguments, "--service", "billing"]
    ended = subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True, timeout=90
    )
    return ended.returncode, (ended.stdout or ended.stderr).strip().splitlines()[-1]


def parked_at_billing(api: Api) -> list[dict[str, Any]]:
    return list(api.get("/operations/parked", service="billing")["items"])


def queue_of(api: Api, service: str) -> dict[str, Any]:
    items = api.get("/operations/queues")["items"]
    return dict(next(each for each in items if each["service"] == service))


def ready(amqp_uri: str) -> int:
    with open_connection(amqp_uri) as connection:
        return int(connection.channel().queue_declare(QUEUE, passive=True).message_count)
