"""Signing in and out, and the sessions one has."""

from dataclasses import dataclass, replace
from typing import Annotated

from werkzeug.http import dump_cookie

from clinic_contracts.constraints import Id, Instant, Text
from clinic_contracts.errors import ClinicError, NotFound
from clinic_contracts.schemas import load
from clinic_contracts.trusted import dump
from gateway.http.answers import json_answer
from gateway.http.documents import json_object
from gateway.http.messages import Response
from gateway.identity import callers
from gateway.identity.access import Actor, authorise
from gateway.identity.accounts import Credentials
from gateway.identity.sessions import Session
from gateway.identity.staff import Member
from gateway.identity_calls.asking import CREATED, NO_CONTENT, TAG, Asked, Code, Password
from gateway.identity_calls.staff import in_scope
from gateway.routing import OwnCall


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Sign in with e-mail and password, and where the account asks for it a code as ``totp``.

    Without the code the answer is 401 with the code ``totp_required``; a recovery code will do.
    """

    email: Annotated[str, Text(max=254)]
    password: Password
    totp: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleView:
    """A role, the locations it holds at (None means every one), and what it allows there."""

    role: str
    location_ids: tuple[str, ...] | None
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorView:
    """Who is asking: a member of staff or an API key; ``actions`` are allowed somewhere."""

    id: str
    name: str
    roles: tuple[RoleView, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A session; the token also stands in the cookie."""

    token: str
    expires_at: Instant
    actor: ActorView


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSessions:
    """One's own sessions, or for owners those of ``staff_id``."""

    staff_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session: ``seen_at`` to the minute, ``network`` instead of the address."""

    id: str
    created_at: Instant
    seen_at: Instant
    expires_at: Instant
    network: str
    user_agent: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionList:
    """Sessions, the newest first."""

    items: tuple[SessionRow, ...]
    next: str | None = None


SIGN_IN = OwnCall(
    method="POST",
    path="/v1/sessions",
    name="sign_in",
    summary="Sign in.",
    tag=TAG,
    action="public",
    request=SignIn,
    answer=SessionView,
    status=CREATED,
    refusals=(401, 403, 429, 503),
)
SIGN_OUT = OwnCall(
    method="DELETE",
    path="/v1/sessions/current",
    name="sign_out",
    summary="Sign out.",
    tag=TAG,
    action="signed_in",
    status=NO_CONTENT,
    refusals=(404, 503),
)
ME = OwnCall(
    method="GET",
    path="/v1/me",
    name="me",
    summary="Who is asking, and what they may do.",
    tag=TAG,
    action="signed_in",
    answer=ActorView,
    refusals=(503,),
)
LIST = OwnCall(
    method="GET",
    path="/v1/sessions",
    name="list_sessions",
    summary="Where one is signed in; owners ask for others by `staff_id`.",
    tag=TAG,
    action="signed_in",
    request=ListSessions,
    answer=SessionList,
    refusals=(404, 503),
)
REVOKE = OwnCall(
    method="DELETE",
    path="/v1/sessions/<session_id>",
    name="revoke_session",
    summary="End a session of one's own, or as owner somebody's: at once here, elsewhere in 5 s.",
    tag=TAG,
    action="signed_in",
    status=NO_CONTENT,
    refusals=(404, 503),
)
REVOKE_OTHERS = OwnCall(
    method="DELETE",
    path="/v1/sessions",
    name="revoke_other_sessions",
    summary="End all sessions of one's own but this one.",
    tag=TAG,
    action="signed_in",
    status=NO_CONTENT,
    refusals=(404, 503),
)


def sign_in(asked: Asked) -> Response:
    """Answer token, expiry and actor, and set the session cookie."""
    callers.refuse_foreign(asked.request)
    callers.require_json(asked.request)
    wanted = load(SignIn, json_object(asked.request.body))
    given = Credentials(email=wanted.email, password=wanted.password, code=wanted.totp)
    try:
        account = asked.accounts.sign_in(given, asked.source, asked.second_factors)
    except ClinicError as error:
        asked.record_refused(wanted.email, error.code)
        raise
    return opened(asked, account)


def opened(asked: Asked, account: Member) -> Response:
    """Open a session and answer it."""
    token, session = asked.accounts.sessions.open(account.id, asked.device)
    asked.record("signed_in", member=account)
    actor = Actor(account.actor_id, account.name, account.grants)
    body = SessionView(token=token, expires_at=session.expires_at, actor=described(actor))
    return json_answer(dump(body), CREATED, {"Set-Cookie": cookie(asked, token, session)})


def cookie(asked: Asked, token: str, session: Session) -> str:
    """Return the header that gives the browser its session."""
    return dump_cookie(
        callers.COOKIE,
        token,
        expires=session.expires_at,
        httponly=True,
        samesite="Lax",
        secure=callers.over_tls(asked.request),
    )


def sign_out(asked: Asked) -> Response:
    """End the session and take the cookie back.

    The one write by cookie that need not name its page: it carries nothing and harms nobody.
    """
    given = callers.token(asked.request)
    if not callers.by_token(asked.request):
        callers.refuse_foreign(asked.request)
    actor = asked.accounts.who(given)
    if not actor.id.startswith("staff:"):
        raise NotFound("an API key has no session to end")
    asked.accounts.sessions.end(asked.session_digest)
    asked.accounts.forget()
    replace(asked, somebody=actor).record("signed_out")
    return Response(NO_CONTENT, {"Set-Cookie": dump_cookie(callers.COOKIE, max_age=0, expires=0)})


def me(asked: Asked) -> Response:
    """Answer who is asking."""
    return json_answer(dump(described(asked.actor)))


def list_sessions(asked: Asked) -> Response:
    """Answer where somebody is signed in."""
    staff_id = asked.query(ListSessions).staff_id
    if staff_id is None or staff_id == asked.staff_id:
        staff_id = asked.staff_id
    else:
        in_scope(asked.accounts, authorise(asked.actor, "own"), staff_id)
    current = asked.session_digest
    items = tuple(
        SessionRow(
            id=each.id,
            created_at=each.created_at,
            seen_at=each.seen_at,
            expires_at=each.expires_at,
            network=each.device.network,
            user_agent=each.device.user_agent,
            current=each.digest == current,
        )
        for each in asked.accounts.sessions.of(staff_id)
    )
    return json_answer(dump(SessionList(items=items)))


def revoke(asked: Asked) -> Response:
    """End one session; raises NotFound, of a key before it is looked whether there is one."""
    mine = asked.staff_id
    found = asked.accounts.sessions.by_id(asked.request.path_values["session_id"])
    if found is None or not (found.staff_id == mine or _may_end(asked, found)):
        raise NotFound("no such session")
    asked.accounts.sessions.end(found.digest)
    asked.accounts.forget()
    asked.record("session_revoked", about=found.id, places=asked.actor.everywhere)
    return Response(NO_CONTENT)


def revoke_others(asked: Asked) -> Response:
    """End all sessions but this one."""
    asked.accounts.sessions.end_all(asked.staff_id, but=asked.session_digest)
    asked.accounts.forget()
    asked.record("session_revoked")
    return Response(NO_CONTENT)


def _may_end(asked: Asked, session: Session) -> bool:
    if asked.actor.where("own") == ():
        return False
    try:
        return bool(in_scope(asked.accounts, authorise(asked.actor, "own"), session.staff_id))
    except NotFound:  # which is not what somebody elsewhere is to hear of a session
        return False


def described(actor: Actor) -> ActorView:
    """Return who somebody is, and what they may where."""
    roles = tuple(
        RoleView(
            role=grant.role, location_ids=grant.location_ids, actions=tuple(sorted(grant.actions))
        )
        for grant in actor.grants
    )
    actions = sorted({action for role in roles for action in role.actions})
    return ActorView(id=actor.id, name=actor.name, roles=roles, actions=tuple(actions))


ANSWERS = {LIST: list_sessions, REVOKE: revoke, REVOKE_OTHERS: revoke_others, ME: me}
OPEN_ANSWERS = {SIGN_IN: sign_in, SIGN_OUT: sign_out}
