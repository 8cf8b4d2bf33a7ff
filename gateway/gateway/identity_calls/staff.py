"""Staff accounts: who may see, make and change which."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from clinic_contracts.constraints import (
    UNSET,
    Cursor,
    Id,
    Items,
    Limit,
    Name,
    PathId,
    Unset,
    given,
)
from clinic_contracts.errors import Forbidden, Invalid, NotFound, StaleVersion
from clinic_contracts.trusted import dump
from gateway.http.answers import json_answer
from gateway.http.messages import Response
from gateway.identity.access import Actor, Grant, grant_of
from gateway.identity.accounts import Accounts
from gateway.identity.resets import INVITATION_MINUTES
from gateway.identity.staff import Member, new_member
from gateway.identity_calls.asking import CREATED, MOST_LOCATIONS, Asked, Email
from gateway.identity_calls.letters import send_link
from gateway.routing import OwnCall

RoleName = Literal[
    "owner", "manager", "front_desk", "therapist", "billing", "integration", "auditor"
]
TAG = "Staff"
MOST_ROLES = 20
PATH = "/v1/staff"
RECORD = f"{PATH}/<staff_id>"
MANAGED = (403, 404, 503)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven:
    """A role and the locations it holds at; ``location_ids`` null or left out means every one."""

    role: RoleName
    location_ids: Annotated[tuple[Id, ...], Items(MOST_LOCATIONS, 1)] | None = None


Roles = Annotated[tuple[RoleGiven, ...], Items(MOST_ROLES, 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddStaff:
    """Make an account for a member of staff."""

    email: Email
    name: Name
    roles: Roles
    practitioner_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStaff:
    """Change what is given, keep the rest; ``active`` false ends the person's sessions."""

    staff_id: PathId
    email: Email | Unset = UNSET
    name: Name | Unset = UNSET
    roles: Roles | Unset = UNSET
    practitioner_id: Id | Unset | None = UNSET
    active: bool | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStaff:
    """Accounts by e-mail."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffView:
    """An account; ``invited`` until the person has chosen a password.

    ``second_factor``: signing in takes a code of an authenticator.
    """

    id: str
    version: int
    email: str
    name: str
    roles: tuple[RoleGiven, ...]
    practitioner_id: str | None
    active: bool
    invited: bool
    second_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPage:
    """A page of accounts."""

    items: tuple[StaffView, ...]
    next: str | None = None


LIST = OwnCall(
    method="GET",
    path=PATH,
    name="list_staff",
    summary="Staff accounts of one's locations.",
    tag=TAG,
    action="manage",
    request=ListStaff,
    answer=StaffPage,
    refusals=(503,),
)
ADD = OwnCall(
    method="POST",
    path=PATH,
    name="add_staff",
    summary="Make an account and invite its owner by letter; nobody grants more than they may.",
    tag=TAG,
    action="manage",
    request=AddStaff,
    answer=StaffView,
    status=CREATED,
    refusals=(409, 429, 503),
    located=True,
)
READ = OwnCall(
    method="GET",
    path=RECORD,
    name="get_staff",
    summary="A staff account.",
    tag=TAG,
    action="manage",
    answer=StaffView,
    refusals=MANAGED,
)
CHANGE = OwnCall(
    method="PATCH",
    path=RECORD,
    name="change_staff",
    summary="Change an account, or let it sign in no more.",
    tag=TAG,
    action="manage",
    request=ChangeStaff,
    answer=StaffView,
    refusals=(*MANAGED, 409, 412, 428),
    if_match=True,
)


def list_staff(asked: Asked) -> Response:
    """Answer a page of accounts."""
    wanted = asked.query(ListStaff)
    after = asked.after(wanted.cursor)
    found = asked.accounts.staff.page(asked.actor.location_ids, after, wanted.limit + 1)
    page = found[: wanted.limit]
    more = asked.next(page[-1].email) if len(found) > len(page) else None
    return json_answer(dump(StaffPage(items=tuple(map(shown, page)), next=more)))


def add(asked: Asked) -> Response:
    """Answer a new account; its owner is invited by letter to choose a password."""
    wanted = asked.body(AddStaff)
    grants = _granted(wanted.roles)
    _refuse_more_than_own(asked.actor, grants)
    made = new_member(wanted.email, wanted.name, grants)
    made = replace(made, practitioner_id=wanted.practitioner_id)
    asked.accounts.staff.add(made)
    asked.later.do(lambda: send_link(asked, made, "invitation", INVITATION_MINUTES))
    return json_answer(dump(shown(made)), CREATED, {"Location": f"{PATH}/{made.id}"})


def read(asked: Asked) -> Response:
    """Answer an account."""
    found = in_scope(asked.accounts, asked.actor, asked.request.path_values["staff_id"])
    return json_answer(dump(shown(found)))


def change(asked: Asked) -> Response:
    """Change an account; who may not sign in any more, or lost roles, is looked up again."""
    wanted = asked.body(ChangeStaff)
    before = in_scope(asked.accounts, asked.actor, wanted.staff_id)
    if not asked.expects(before.version):
        raise _stale(before)
    after = _changed(before, wanted)
    _refuse_more_than_own(asked.actor, (*before.grants, *after.grants))
    if not asked.accounts.staff.save(before, after):
        raise _stale(in_scope(asked.accounts, asked.actor, wanted.staff_id))
    if not after.active:
        asked.accounts.sessions.end_all(after.id)
    asked.accounts.forget()
    return json_answer(dump(shown(after)))


def in_scope(accounts: Accounts, actor: Actor, staff_id: str) -> Member:
    """Return an account of the actor's locations; raises NotFound for any other."""
    found = accounts.staff.find(staff_id)
    scope = actor.location_ids
    if found is None:
        raise NotFound("no such account")
    if scope is not None:
        theirs = {place for grant in found.grants for place in grant.location_ids or ()}
        if theirs.isdisjoint(scope):
            raise NotFound("no such account")
    return found


def shown(member: Member) -> StaffView:
    """Return an account as it is answered."""
    roles: Any = (RoleGiven(role=g.role, location_ids=g.location_ids) for g in member.grants)  # type: ignore[arg-type]  # a stored role is a name of the table
    return StaffView(
        id=member.id,
        version=member.version,
        email=member.email,
        name=member.name,
        roles=tuple(roles),
        practitioner_id=member.practitioner_id,
        active=member.active,
        invited=member.password is None,
        second_factor=member.second_factor,
    )


def _changed(before: Member, wanted: ChangeStaff) -> Member:
    roles = wanted.roles
    return replace(
        before,
        version=before.version + 1,
        email=given(wanted.email, before.email).casefold(),
        name=given(wanted.name, before.name),
        grants=before.grants if isinstance(roles, Unset) else _granted(roles),
        practitioner_id=given(wanted.practitioner_id, before.practitioner_id),
        active=given(wanted.active, before.active),
    )


def _granted(roles: tuple[RoleGiven, ...]) -> tuple[Grant, ...]:
    grants = tuple(grant_of(each.role, each.location_ids) for each in roles)
    if len({grant.role for grant in grants}) < len(grants):
        detail = "each role once, with all its locations"
        raise Invalid("not accepted: roles", errors={"roles": [detail]})
    return grants


def _refuse_more_than_own(actor: Actor, grants: tuple[Grant, ...]) -> None:
    for grant in grants:
        if not actor.may_grant(grant):
            where = "every location" if grant.location_ids is None else "all of its locations"
            detail = (
                f"giving or changing the role {grant.role} needs all that it allows, at {where}"
            )
            raise Forbidden(detail, role=grant.role)


def _stale(current: Member) -> StaleVersion:
    return StaleVersion("the account changed", current=dump(shown(current)))


ANSWERS = {LIST: list_staff, ADD: add, READ: read, CHANGE: change}
