"""A lease: one replica has it, and another gets it when it runs out or is given up."""

from functools import partial
from typing import Any

import pytest
from pymongo.database import Database

from clinic_runtime import lease as lease_module
from clinic_runtime.lease import Lease
from clinic_runtime.testing import eventually

Documents = Database[dict[str, Any]]


def takes(lease: Lease, database: Documents) -> bool:
    lease.doubt()
    return lease.keep(database)


def test_a_lease_is_held_by_one_renewed_by_it_and_taken_when_it_ran_out(
    database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease_module.ensure_lease(database, "relay")
    lease_module.ensure_lease(database, "relay")
    hands = [0.0]
    one, other = (Lease("relay", lambda: hands[0]) for _ in range(2))
    assert one.keep(database)
    assert not other.keep(database)
    hands[0] += lease_module.LEASE_SECONDS
    assert not one.held, "counted by its own clock, from before it asked"
    assert one.keep(database), "nobody took it, so it is renewed"
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 0.05)
    one.doubt()
    assert one.keep(database)
    hands[0] += lease_module.LEASE_SECONDS
    eventually(partial(takes, other, database))
    one.doubt()
    monkeypatch.setattr(lease_module, "LEASE_SECONDS", 60)
    other.doubt()
    assert other.keep(database)
    assert not one.keep(database)
    other.release(database)
    one.doubt()
    assert one.keep(database)
