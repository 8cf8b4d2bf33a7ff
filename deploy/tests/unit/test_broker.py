"""The definitions a broker boots with."""

import re
from typing import Any

import pytest

from clinic_contracts import catalogue
from clinic_deploy.provision import broker
from clinic_deploy.provision.accounts import (
    PASSWORD_VARIABLES,
    Accounts,
    PasswordMissingError,
    from_environment,
    generated,
)
from clinic_runtime import topology

DEFINITIONS = broker.document(generated(lambda name: f"secret of {name}"))
SERVICES = topology.SERVICES
OWN = {
    name: {
        topology.exchange(name),
        topology.rpc_queue(name).name,
        topology.relay_queue(name).name,
        *(queue.name for queue in topology.consumer_queues(name)),
        *(topology.passing_queue(name, "01M86") for _ in catalogue.WATCHERS.get(name, ())),
    }
    for name in SERVICES
}


def permission(name: str) -> dict[str, Any]:
    (found,) = [p for p in DEFINITIONS["permissions"] if p["user"] == name]
    return dict(found)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("other", SERVICES)
def test_a_service_configures_and_writes_its_own_things_alone(name: str, other: str) -> None:
    allowed = permission(name)
    for thing in OWN[other]:
        for verb in ("configure", "write"):
            assert bool(re.search(allowed[verb], thing)) == (name == other), (verb, thing)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_reads_its_queues_and_the_exchanges_it_binds_to(name: str) -> None:
    watched = catalogue.WATCHERS.get(name, frozenset())
    producers = {t.partition(".")[0] for t in catalogue.consumed_by(name)} | watched
    sources = {topology.exchange(producer) for producer in producers}
    everything = set().union(*OWN.values())
    readable = {thing for thing in everything if re.search(permission(name)["read"], thing)}
    assert readable == OWN[name] | sources


def test_a_name_that_contains_anothers_is_not_meant() -> None:
    for verb in ("configure", "write", "read"):
        assert not re.search(permission("gateway")[verb], "gateway.passing.01M86.x")
        assert not re.search(permission("gateway")[verb], "gateway.passing.")
        assert not re.search(permission("billing")[verb], "xbilling.events.v1")
        assert not re.search(permission("billing")[verb], "billing.events.v1x")
        assert not re.search(permission("billing")[verb], "billingxevents.v1")


def test_every_event_reaches_each_consumer_from_the_first_on() -> None:
    bound = {(b["routing_key"], b["destination"], b["source"]) for b in DEFINITIONS["bindings"]}
    assert bound == {
        (
            topology.binding(type_),
            topology.events_queue(name).name,
            topology.exchange(type_.partition(".")[0]),
        )
        for type_, names in catalogue.consumers().items()
        for name in names
    }
    queues = {queue["name"] for queue in DEFINITIONS["queues"]}
    assert {destination for _, destination, _ in bound} <= queues


def test_no_password_stands_in_the_definitions() -> None:
    assert "secret" not in str(DEFINITIONS)
    assert {user["name"] for user in DEFINITIONS["users"]} == {*SERVICES, "clinic_admin"}


def test_missing_passwords_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in PASSWORD_VARIABLES.values():
        monkeypatch.setenv(variable, "x")
    monkeypatch.delenv("BILLING_PASSWORD")
    with pytest.raises(PasswordMissingError, match="set BILLING_PASSWORD in the environment"):
        from_environment()


def test_a_password_of_any_characters_fits_a_uri() -> None:
    accounts = Accounts({"booking": "p@ss/w:rd%"})
    assert accounts.amqp_uri("booking", "host:1") == "amqp://booking:p%40ss%2Fw%3Ard%25@host:1/"
