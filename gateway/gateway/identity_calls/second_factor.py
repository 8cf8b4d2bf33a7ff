"""An authenticator of one's own: taken into use, and given up."""

from dataclasses import dataclass
from typing import Annotated

from clinic_contracts.constraints import Text
from clinic_contracts.errors import Forbidden, NotFound
from clinic_contracts.trusted import dump
from gateway.http.answers import json_answer
from gateway.http.messages import Response
from gateway.identity import totp
from gateway.identity.staff import Member
from gateway.identity_calls.asking import CREATED, NO_CONTENT, TAG, Asked, Code, Password
from gateway.identity_calls.staff import RECORD, in_scope
from gateway.identity_calls.staff import TAG as STAFF
from gateway.routing import OwnCall

PATH = "/v1/me/totp"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorView:
    """Whether signing in takes a code, and how many recovery codes are left."""

    enabled: bool
    recovery_codes_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginTotp:
    """Take an authenticator into use; the password says that it is oneself who asks."""

    password: Password


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTotp:
    """What the authenticator takes, as text or, for a QR code, as an address; shown this once."""

    secret: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmTotp:
    """Show that the authenticator works."""

    code: Annotated[str, Text(max=10)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodes:
    """Ten codes for when the authenticator is lost, each good for one sign-in; shown this once."""

    recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableTotp:
    """Sign in without codes from now on."""

    password: Password
    code: Code


READ = OwnCall(
    method="GET",
    path=PATH,
    name="get_totp",
    summary="Whether signing in takes a code.",
    tag=TAG,
    action="signed_in",
    answer=SecondFactorView,
    refusals=(404, 503),
)
BEGIN = OwnCall(
    method="POST",
    path=PATH,
    name="begin_totp",
    summary="Take an authenticator into use (RFC 6238); confirm it with a code of it.",
    tag=TAG,
    action="signed_in",
    request=BeginTotp,
    answer=NewTotp,
    status=CREATED,
    refusals=(404, 409, 429, 503),
)
CONFIRM = OwnCall(
    method="POST",
    path=f"{PATH}/confirm",
    name="confirm_totp",
    summary="Confirm the authenticator; signing in takes a code from then on.",
    tag=TAG,
    action="signed_in",
    request=ConfirmTotp,
    answer=RecoveryCodes,
    refusals=(404, 409, 503),
)
DISABLE = OwnCall(
    method="POST",
    path=f"{PATH}/disable",
    name="disable_totp",
    summary="Give the authenticator up.",
    tag=TAG,
    action="signed_in",
    request=DisableTotp,
    status=NO_CONTENT,
    refusals=(404, 429, 503),
)
REMOVE = OwnCall(
    method="DELETE",
    path=f"{RECORD}/totp",
    name="remove_totp",
    summary="Take a lost authenticator from somebody's account, and end their sessions.",
    tag=STAFF,
    action="own",
    status=NO_CONTENT,
    refusals=(404, 503),
)


def read(asked: Asked) -> Response:
    """Answer what one has."""
    found = asked.second_factors.state(asked.staff_id)
    view = SecondFactorView(enabled=found.enabled, recovery_codes_left=found.recovery_codes_left)
    return json_answer(dump(view))


def begin(asked: Asked) -> Response:
    """Answer a secret."""
    member = confirmed(asked, asked.body(BeginTotp).password)
    secret = asked.second_factors.begin(member.id)
    view = NewTotp(secret=totp.text_of(secret), uri=totp.uri(secret, member.email))
    return json_answer(dump(view), CREATED)


def confirm(asked: Asked) -> Response:
    """Answer recovery codes."""
    codes = asked.second_factors.confirm(asked.staff_id, asked.body(ConfirmTotp).code)
    asked.record("totp_enabled")
    return json_answer(dump(RecoveryCodes(recovery_codes=codes)))


def disable(asked: Asked) -> Response:
    """Ask for codes no more, of who knows password and code."""
    wanted = asked.body(DisableTotp)
    member, factors = confirmed(asked, wanted.password), asked.second_factors
    if not factors.state(member.id).enabled:
        raise NotFound("this account has no second factor")
    if not factors.spend(member.id, wanted.code):
        asked.accounts.back_off.failed(member.email, asked.source)
        raise Forbidden("the code is wrong, or was used already")
    factors.remove(member.id)
    asked.record("totp_disabled")
    return Response(NO_CONTENT)


def remove(asked: Asked) -> Response:
    """Take somebody's second factor away."""
    member = in_scope(asked.accounts, asked.actor, asked.request.path_values["staff_id"])
    if not asked.second_factors.remove(member.id):
        raise NotFound("this account has no second factor")
    asked.accounts.sessions.end_all(member.id)
    asked.accounts.forget()
    asked.record("totp_removed", about=member.id, places=member.places)
    return Response(NO_CONTENT)


def confirmed(asked: Asked, password: str) -> Member:
    """Return one's own account; raises Forbidden unless the password is right.

    Guesses count as failed sign-ins do: a stolen session must not be a way around the back-off.
    """
    member = asked.accounts.staff.find(asked.staff_id)
    if member is None:
        raise NotFound("no such account")
    asked.accounts.back_off.check(member.email, asked.source)
    if not asked.accounts.passwords.match(member.password, password):
        asked.accounts.back_off.failed(member.email, asked.source)
        raise Forbidden("the password is wrong")
    return member


ANSWERS = {READ: read, BEGIN: begin, CONFIRM: confirm, DISABLE: disable, REMOVE: remove}
