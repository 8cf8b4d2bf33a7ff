import pytest

from clinic_contracts.errors import Forbidden
from gateway.identity.access import (
    ACTIONS,
    ALLOWED,
    Actor,
    Grant,
    authorise,
    grants_of,
    roles_for,
)
from gateway.identity.backoff import ALL_SOURCES, ONE_SOURCE, site
from gateway.routes import ROUTES


def actor(*grants: Grant) -> Actor:
    return Actor("staff:1", "A", grants)


def test_the_table_decides() -> None:
    for role, actions in ALLOWED.items():
        somebody = actor(Grant(role, None))
        for action in ACTIONS:
            if action in actions or action == "signed_in":
                assert authorise(somebody, action).location_ids is None
            else:
                with pytest.raises(Forbidden):
                    authorise(somebody, action)


def test_a_refusal_says_which_role_is_needed() -> None:
    with pytest.raises(Forbidden, match="this needs the role owner or manager") as refused:
        authorise(actor(Grant("therapist", None)), "manage")
    assert refused.value.extra["roles"] == ["owner", "manager"]


def test_a_call_reaches_the_locations_where_a_role_allows_it() -> None:
    somebody = actor(Grant("manager", ("loc_b", "loc_a")), Grant("auditor", ("loc_c",)))
    assert authorise(somebody, "read").location_ids == ("loc_a", "loc_b", "loc_c")
    assert authorise(somebody, "manage").location_ids == ("loc_a", "loc_b")
    assert authorise(somebody, "signed_in").location_ids == ("loc_a", "loc_b", "loc_c")
    chain = actor(Grant("manager", ("loc_a",)), Grant("auditor", None))
    assert authorise(chain, "read").location_ids is None
    assert authorise(chain, "book").location_ids == ("loc_a",)


def test_what_else_is_allowed_holds_wherever_the_call_may_reach() -> None:
    somebody = actor(Grant("manager", ("loc_a",)), Grant("front_desk", ("loc_b",)))
    assert authorise(somebody, "manage").may("override")
    assert not authorise(somebody, "book").may("override")
    assert authorise(somebody, "book").may("read_health_numbers")
    assert not authorise(somebody, "book").may("own")
    auditor = actor(Grant("billing", ("loc_a",)), Grant("auditor", None))
    assert not authorise(auditor, "read").may("read_health_numbers")
    assert authorise(auditor, "bill").may("read_health_numbers")


def test_who_has_no_role_reaches_nothing_and_may_nothing() -> None:
    nobody = actor()
    assert nobody.location_ids == ()
    assert nobody.may("signed_in")
    assert not nobody.may("read")
    unknown = actor(Grant("gardener", None))
    with pytest.raises(Forbidden):
        authorise(unknown, "read")


def test_nobody_grants_more_than_they_have() -> None:
    manager = actor(Grant("manager", ("loc_a", "loc_b")), Grant("billing", ("loc_c",)))
    within = [Grant("front_desk", ("loc_a",)), Grant("manager", ("loc_a", "loc_b"))]
    beyond = [
        Grant("manager", ("loc_a", "loc_c")),
        Grant("manager", None),
        Grant("owner", ("loc_a",)),
        Grant("auditor", ("loc_c",)),
        Grant("therapist", ("loc_c",)),
        Grant("gardener", ("loc_a",)),
    ]
    assert all(manager.may_grant(grant) for grant in within)
    assert not any(manager.may_grant(grant) for grant in beyond)
    assert all(actor(Grant("owner", None)).may_grant(grant) for grant in (*within, *beyond[:-1]))


def test_an_account_of_old_has_its_one_role() -> None:
    old = {"role": "manager", "location_ids": ["loc_b", "loc_a"]}
    new = {"roles": [old, {"role": "auditor", "location_ids": None}]}
    assert grants_of(old) == (Grant("manager", ("loc_a", "loc_b")),)
    assert grants_of(new) == (Grant("manager", ("loc_a", "loc_b")), Grant("auditor", None))


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
