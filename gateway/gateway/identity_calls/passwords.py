"""A new password: for who forgot theirs by a link in a letter, for others by the one they have."""

from dataclasses import dataclass

from clinic_contracts.constraints import PathId
from clinic_contracts.errors import NotFound, TooManyRequests
from clinic_contracts.trusted import dump
from clinic_runtime.observability import get_logger
from gateway.http.answers import json_answer
from gateway.http.messages import Response
from gateway.identity import callers, choosing
from gateway.identity.backoff import BackOff, Pace, site
from gateway.identity.resets import RESET_MINUTES, Links
from gateway.identity.staff import Member
from gateway.identity_calls.asking import NO_CONTENT, TAG, Asked, Email, Password
from gateway.identity_calls.letters import send_link
from gateway.identity_calls.second_factor import confirmed
from gateway.routing import OwnCall

log = get_logger(__name__)
ACCEPTED = 202
PATH = "/v1/password-resets"
OF_ACCOUNT = Pace(free=3, longest=600)
OF_SOURCE = Pace(free=10, longest=900)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReset:
    """Ask for a letter with a link to choose a new password."""

    email: Email


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetAccepted:
    """The same for everybody."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePassword:
    """Choose a password by the link of a letter; all sessions of the account end."""

    token: PathId
    password: Password


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """Choose another password; all other sessions of the account end."""

    current: Password
    password: Password


ASK = OwnCall(
    method="POST",
    path=PATH,
    name="ask_password_reset",
    summary="Have a link sent by which a password is chosen; the answer is the same for anybody.",
    tag=TAG,
    action="public",
    request=AskReset,
    answer=ResetAccepted,
    status=ACCEPTED,
    refusals=(403, 429, 503),
)
CHOOSE = OwnCall(
    method="POST",
    path=f"{PATH}/<token>",
    name="choose_password",
    summary="Choose a password by a link: good once, for 30 minutes, or as invitation for 7 days.",
    tag=TAG,
    action="public",
    request=ChoosePassword,
    status=NO_CONTENT,
    refusals=(403, 404, 429, 503),
)
CHANGE = OwnCall(
    method="POST",
    path="/v1/me/password",
    name="change_password",
    summary="Choose another password.",
    tag=TAG,
    action="signed_in",
    request=ChangePassword,
    status=NO_CONTENT,
    refusals=(404, 429, 503),
)


def ask(asked: Asked) -> Response:
    """Accept the wish; whether there is such an account shows in no answer, and in no time."""
    callers.refuse_foreign(asked.request)
    callers.require_json(asked.request)
    email = asked.body(AskReset).email.casefold()
    database = asked.accounts.database
    of_source = BackOff(database, "wishes for a password", one=OF_SOURCE)
    place = f"resets {site(asked.source)}"
    of_source.check(place, asked.source)
    of_source.failed(place, asked.source)
    asked.later.do(lambda: _send(asked, email))
    told = ResetAccepted(detail="if there is such an account, a letter to it is on its way")
    return json_answer(dump(told), ACCEPTED)


def _send(asked: Asked, email: str) -> None:
    of_account = BackOff(asked.accounts.database, "wishes for a password", one=OF_ACCOUNT)
    name = f"resets of {email}"
    try:
        of_account.check(name, "")
    except TooManyRequests:
        log.info("reset.not_sent", reason="too many letters to one account")
        return
    of_account.failed(name, "")
    member = asked.accounts.staff.by_email(email)
    if member is not None and member.active:
        asked.record("password_asked", member=member)
        send_link(asked, member, "password_reset", RESET_MINUTES)


def choose(asked: Asked) -> Response:
    """Set a password by a link, and let its owner in from here even while others guess."""
    callers.refuse_foreign(asked.request)
    callers.require_json(asked.request)
    wanted = asked.body(ChoosePassword)
    member = Links(asked.sealer).read(wanted.token, asked.accounts.staff.find)
    if member is None or not _set(asked, member, wanted.password):
        raise NotFound("this link is over, or was used already; ask for a new one")
    asked.accounts.sessions.end_all(member.id)
    asked.accounts.back_off.clear(member.email, asked.source)
    asked.accounts.forget()
    asked.record("password_chosen", member=member)
    return Response(NO_CONTENT)


def change(asked: Asked) -> Response:
    """Set another password, of who knows the present one."""
    wanted = asked.body(ChangePassword)
    member = confirmed(asked, wanted.current)
    if not _set(asked, member, wanted.password):
        raise NotFound("the password was changed meanwhile")
    asked.accounts.sessions.end_all(member.id, but=asked.session_digest)
    asked.accounts.forget()
    asked.record("password_changed")
    return Response(NO_CONTENT)


def _set(asked: Asked, member: Member, password: str) -> bool:
    choosing.check(password, member.email)
    hashed = asked.accounts.passwords.make(password)
    return asked.accounts.staff.set_password(member, hashed)


OPEN_ANSWERS = {ASK: ask, CHOOSE: choose}
ANSWERS = {CHANGE: change}
