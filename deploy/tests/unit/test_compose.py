"""docker-compose.yml, read as a reader of it would: who gets which secret, what is reachable."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from clinic_deploy.provision.accounts import PASSWORD_VARIABLES
from clinic_runtime.topology import SERVICES

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_given_its_own_accounts_alone(name: str) -> None:
    environment = COMPOSE["services"][name]["environment"]
    assert environment["AMQP_URI"].startswith(f"amqp://{name}:${{{PASSWORD_VARIABLES[name]}:-")
    assert environment["MONGO_URI"].startswith(f"mongodb://{name}:")
    assert environment["MONGO_URI"].endswith(f"authSource={name}")
    others = {v for who, v in PASSWORD_VARIABLES.items() if who != name}
    assert not [variable for variable in others if variable in str(environment)]


def test_the_gateway_alone_can_be_reached_and_from_this_machine() -> None:
    ports = {
        name: stanza["ports"] for name, stanza in COMPOSE["services"].items() if "ports" in stanza
    }
    assert list(ports) == ["gateway"]
    assert ports["gateway"][0].startswith("${CLINIC_HTTP_BIND:-127.0.0.1}:")


def test_every_variable_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    example = (ROOT / "deploy" / "example.env").read_text(encoding="utf-8")
    listed = set(re.findall(r"^#?([A-Z_]+)=", example, flags=re.MULTILINE))
    assert used - listed == {"CLINIC_GRACE_SECONDS"}
    assert listed <= used


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_configuration_asks_for_is_given(name: str) -> None:
    home = ROOT / "gateway" if name == "gateway" else ROOT / "services" / name
    asked = set(re.findall(r"\$\{([A-Z_]+)\}", (home / "config.yaml").read_text(encoding="utf-8")))
    assert asked <= COMPOSE["services"][name]["environment"].keys()


def test_every_package_of_the_project_goes_into_the_images() -> None:
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    services = (f"services/{name}" for name in SERVICES if name != "gateway")
    for project in ("shared", "deploy", "gateway", *services):
        told = tomllib.loads((ROOT / project / "pyproject.toml").read_text(encoding="utf-8"))
        packages = told["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        assert [name for name in packages if f"!{project}/{name}" not in let_in] == []
