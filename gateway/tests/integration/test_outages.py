"""Broker or database cut off and back again: said so in time, and mended without a restart."""

import re
import time
from typing import Any
from urllib.parse import urlparse

import eventlet
import pytest

from clinic_runtime.testing import eventually

PATH = "/v1/appointments/apt_1"


def netloc(uri: str) -> tuple[str, int]:
    parts = urlparse(uri)
    return str(parts.hostname), int(parts.port or 0)


@pytest.fixture(scope="module")
def broker(amqp_uri: str, proxy_to: Any) -> Any:
    return proxy_to(netloc(amqp_uri))


@pytest.fixture(scope="module")
def mongod(mongo_uri: str, proxy_to: Any) -> Any:
    return proxy_to(netloc(mongo_uri))


@pytest.fixture(scope="module")
def config(config: dict[str, Any], broker: Any, mongod: Any) -> dict[str, Any]:
    """Return the configuration of a gateway that reaches both through a proxy."""
    direct = re.sub(r"replicaSet=[^&]+", "directConnection=true", config["mongo_uri"])
    return {
        **config,
        "amqp_uri": through(config["amqp_uri"], broker),
        "mongo_uri": through(direct, mongod),
    }


def through(uri: str, proxy: Any) -> str:
    account, at, _address = urlparse(uri).netloc.rpartition("@")
    return urlparse(uri)._replace(netloc=f"{account}{at}127.0.0.1:{proxy.port}").geturl()


def within(seconds: float, gateway: Any, method: str, path: str, **options: Any) -> Any:
    began = time.monotonic()
    answer = gateway.send(method, path, **options)
    assert time.monotonic() - began < seconds
    return answer


def check_unavailable(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_without_its_broker_it_says_so_and_recovers(gateway: Any, desk: Any, broker: Any) -> None:
    signed_in = gateway.bearer()
    assert gateway.send("GET", PATH, headers=signed_in).status_code == 200
    broker.cut()
    try:
        check_unavailable(within(7, gateway, "GET", PATH, headers=signed_in))
        ready = within(2, gateway, "GET", "/readyz")
        assert (ready.status_code, ready.json()) == (503, {"rabbitmq": False, "mongodb": True})
        assert gateway.send("GET", "/healthz").status_code == 200
        assert gateway.send("GET", "/v1/me", headers=signed_in).status_code == 200
        home = eventually(lambda: shows(gateway, "RabbitMQ</b> away"), timeout=20)
        assert "booking</b> away" in home
    finally:
        broker.restore()
    eventually(lambda: gateway.send("GET", "/readyz").status_code == 200)
    assert gateway.send("GET", PATH, headers=signed_in).status_code == 200
    assert desk.asked


def test_without_its_database_it_says_so_and_recovers(
    gateway: Any, desk: Any, visit: Any, owner: dict[str, str], mongod: Any
) -> None:
    keyed = {**gateway.bearer(), "Idempotency-Key": "during an outage"}
    arrive = f"{PATH}/arrive"
    assert gateway.send("GET", "/v1/me", headers=keyed).status_code == 200
    mongod.cut()
    try:
        # Of a booking the gateway keeps nothing, and who is asking it remembers for seconds.
        booked = gateway.send("POST", "/v1/appointments", json=visit, headers=keyed)
        assert booked.status_code == 201
        stranger = {"Authorization": "Bearer unknown"}
        asked = (
            ("POST", arrive, {"json": {}, "headers": keyed}),
            ("POST", "/v1/sessions", {"json": owner}),
            ("GET", "/v1/me", {"headers": stranger}),
        )
        waiting = [
            eventlet.spawn(within, 15, gateway, method, path, **options)
            for method, path, options in asked
        ]
        for thread in waiting:
            check_unavailable(thread.wait())
        ready = within(4, gateway, "GET", "/readyz")
        assert (ready.status_code, ready.json()) == (503, {"rabbitmq": True, "mongodb": False})
        assert gateway.send("GET", "/healthz").status_code == 200
        assert "MongoDB</b> away" in gateway.send("GET", "/status").text
    finally:
        mongod.restore()
    eventually(lambda: gateway.send("GET", "/readyz").status_code == 200, timeout=20)
    assert gateway.send("POST", arrive, json={}, headers=keyed).status_code == 200
    assert [name for name, _request, _context in desk.asked] == ["book", "arrive"]


def shows(gateway: Any, words: str) -> str | None:
    text = str(gateway.send("GET", "/status").text)
    return text if words in text else None
