"""The events' public form: samples, catalogue and handlers agree."""

import importlib
import inspect
import json
import re
from pathlib import Path

import pytest

from clinic_contracts import catalogue, envelope
from clinic_runtime.events import EventHandler

CONTRACTS = Path(envelope.__file__).parent
PRODUCERS = ("booking", "client_profile", "notification", "billing")
EVENT_TYPES = sorted(
    type_ for type_ in envelope.event_types() if type_.partition(".")[0] in PRODUCERS
)


def handled_by(service: str) -> set[str]:
    """Return the event types for which the service's class registers handlers."""
    module = importlib.import_module(f"{service}.service")
    classes = [
        cls
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if getattr(cls, "name", None) == service
    ]
    entrypoints = {
        entrypoint
        for cls in classes
        for _, method in inspect.getmembers(cls, inspect.isfunction)
        for entrypoint in getattr(method, "nameko_entrypoints", ())
    }
    return {
        envelope.type_of(event)
        for entrypoint in entrypoints
        if isinstance(entrypoint, EventHandler)
        for event in entrypoint.event_classes
    }


def table() -> dict[str, set[str]]:
    """Return the README's table: event type to consumers."""
    rows = re.findall(
        r"^\| `([a-z_.0-9]+)` \| .+? \|(.*)\|$",
        (CONTRACTS / "README.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    return {
        type_: {name.strip() for name in consumers.split(",") if name.strip()}
        for type_, consumers in rows
    }


@pytest.mark.parametrize("type_", EVENT_TYPES)
def test_the_sample_is_read_and_written_as_it_stands(type_: str) -> None:
    producer, name, version = type_.split(".")
    sample = json.loads(
        (CONTRACTS / producer / "samples" / f"{name}.{version}.json").read_text(encoding="utf-8")
    )
    event = envelope.from_wire(sample)
    assert event.type == type_
    assert json.loads(json.dumps(envelope.to_wire(event))) == sample


@pytest.mark.parametrize("type_", EVENT_TYPES)
def test_a_newer_producer_may_add_a_field(type_: str) -> None:
    producer, name, version = type_.split(".")
    sample = json.loads(
        (CONTRACTS / producer / "samples" / f"{name}.{version}.json").read_text(encoding="utf-8")
    )
    newer = {**sample, "added": 1, "data": {**sample["data"], "added": {"later": True}}}
    assert envelope.from_wire(newer).data == envelope.from_wire(sample).data


def test_the_catalogue_lists_every_event_and_so_does_its_readme() -> None:
    assert sorted(catalogue.consumers()) == EVENT_TYPES
    assert table() == catalogue.consumers()


def test_the_catalogue_names_the_consumers_registered_in_code() -> None:
    registered = {
        type_: {service for service in PRODUCERS if type_ in handled_by(service)}
        for type_ in EVENT_TYPES
    }
    assert catalogue.consumers() == registered
