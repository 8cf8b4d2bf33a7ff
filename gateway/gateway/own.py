"""What the gateway answers by itself: signing in and out, keys, files."""

import base64

from werkzeug.http import dump_cookie

from clinic_contracts.errors import Invalid, NotFound
from clinic_contracts.schemas import load
from clinic_contracts.trusted import dump
from gateway.calls import ActorView, KeyView, MakeKey, RoleView, SessionView, SignIn
from gateway.http.answers import json_answer
from gateway.http.documents import json_object
from gateway.http.messages import Request, Response
from gateway.identity import callers
from gateway.identity.access import Actor
from gateway.identity.accounts import Accounts, NewKey

CREATED = 201
NO_CONTENT = 204


def sign_in(request: Request, accounts: Accounts, proxies: int) -> Response:
    """Answer token, expiry and actor, and set the session cookie."""
    callers.refuse_foreign(request)
    callers.require_json(request)
    wanted = load(SignIn, json_object(request.body))
    source = callers.source(request, proxies)
    account = accounts.check_password(wanted.email, wanted.password, source)
    if wanted.totp is not None:
        # Only now: before the password is known to be right, no answer may depend on the account.
        detail = "this account has no second factor; leave totp out"
        raise Invalid("not accepted: totp", errors={"totp": [detail]})
    made, expires, actor = accounts.open_session(account)
    body = SessionView(token=made, expires_at=expires, actor=_described(actor))
    secure = callers.over_tls(request)
    cookie = dump_cookie(
        callers.COOKIE, made, expires=expires, httponly=True, samesite="Lax", secure=secure
    )
    return json_answer(dump(body), CREATED, {"Set-Cookie": cookie})


def sign_out(request: Request, accounts: Accounts) -> Response:
    """End the session and take the cookie back.

    The one write by cookie that need not name its page: it carries nothing and harms nobody.
    """
    given = callers.token(request)
    if not callers.by_token(request):
        callers.refuse_foreign(request)
    if not accounts.who(given).id.startswith("staff:"):
        raise NotFound("an API key has no session to end")
    accounts.sign_out(given)
    return Response(NO_CONTENT, {"Set-Cookie": dump_cookie(callers.COOKIE, max_age=0, expires=0)})


def file_answer(document: dict[str, str]) -> Response:
    """Return a file that a service made."""
    headers = {
        "Content-Type": document["content_type"],
        "Content-Disposition": f'inline; filename="{document["filename"]}"',
    }
    return Response(200, headers, base64.b64decode(document["content_base64"]))


def me(actor: Actor) -> Response:
    """Answer who is asking."""
    return json_answer(dump(_described(actor)))


def make_key(request: Request, accounts: Accounts) -> Response:
    """Answer a new key, shown this once."""
    wanted = load(MakeKey, json_object(request.body))
    id_, key = accounts.make_key(NewKey(**{n: getattr(wanted, n) for n in MakeKey.__slots__}))
    return json_answer(dump(KeyView(id=id_, key=key, name=wanted.name, role=wanted.role)), CREATED)


def _described(actor: Actor) -> ActorView:
    roles = tuple(
        RoleView(
            role=grant.role, location_ids=grant.location_ids, actions=tuple(sorted(grant.actions))
        )
        for grant in actor.grants
    )
    actions = sorted({action for role in roles for action in role.actions})
    return ActorView(id=actor.id, name=actor.name, roles=roles, actions=tuple(actions))
