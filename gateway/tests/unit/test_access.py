import typing

import pytest

from clinic_contracts.errors import Forbidden
from gateway.identity.access import ALLOWED, Actor, authorise, roles_for
from gateway.identity.backoff import ALL_SOURCES, ONE_SOURCE, site
from gateway.routes import ROUTES
from gateway.routing import Action


def test_the_table_decides() -> None:
    for role, actions in ALLOWED.items():
        actor = Actor("staff:1", "A", role, None)
        for action in typing.get_args(Action):
            if action in actions or action == "signed_in":
                authorise(actor, action)
            else:
                with pytest.raises(Forbidden):
                    authorise(actor, action)


def test_every_route_is_somebodys() -> None:
    assert all(roles_for(route.action) for route in ROUTES)


def test_pay_is_the_owners_and_managers() -> None:
    pay = [route for route in ROUTES if "/pay-rates" in route.path or "-pay" in route.path]
    assert len(pay) == 3
    assert {roles_for(route.action) for route in pay} == {("owner", "manager")}


def test_failures_double_the_wait_up_to_a_limit() -> None:
    waits = [ONE_SOURCE.wait(failures) for failures in (0, 4, 5, 6, 7, 14, 15, 10_000)]
    assert waits == [0, 0, 1, 2, 4, 512, 900, 900]
    assert [ALL_SOURCES.wait(failures) for failures in (99, 100, 10_000)] == [0, 1, 60]


@pytest.mark.parametrize(
    ("source", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_ipv6_household_is_one_source(source: str, counted_as: str) -> None:
    assert site(source) == counted_as
