"""Who sends a request, by which means, from where: token, cookie, page, address."""

import ipaddress
from collections.abc import Collection

from clinic_contracts.errors import Forbidden, Unauthenticated
from gateway.http.errors import UnsupportedMediaType
from gateway.http.messages import Request
from gateway.identity.sessions import Device

COOKIE = "clinic_session"
JSON = "application/json"
SAFE_METHODS = frozenset({"GET", "HEAD"})
LONGEST_USER_AGENT = 200
IPV4_NETWORK, IPV6_NETWORK = 24, 48


def token(request: Request) -> str:
    """Return the caller's token or key, from the header or the cookie; else Unauthenticated."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    kept = cookie(request, COOKIE)
    if kept:
        return kept
    raise Unauthenticated("sign in, or send a token")


def cookie(request: Request, wanted: str) -> str:
    """Return the value of a cookie, or an empty text."""
    for pair in request.headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == wanted and value:
            return value
    return ""


def check_page(request: Request, takes: Collection[str] = ()) -> None:
    """Refuse a write by cookie unless a page of ours sends it, as JSON or as a file of ``takes``.

    The browser adds the cookie whichever page asks, so the page must show itself: by Origin or, for
    want of it, by Sec-Fetch-Site. What sends a token in a header is no browser acting unasked: its
    body is read as JSON whatever its Content-Type says (``curl -d`` says it is a form).
    """
    if request.method in SAFE_METHODS or by_token(request):
        return
    refuse_foreign(request)
    if "origin" not in request.headers and "sec-fetch-site" not in request.headers:
        raise Forbidden("a write by cookie must say which page it comes from: send Origin")
    if request.media_type not in takes:
        require_json(request)


def by_token(request: Request) -> bool:
    """Say whether the caller sends a token, rather than the browser a cookie."""
    return request.headers.get("authorization", "").lower().startswith("bearer ")


def refuse_foreign(request: Request) -> None:
    """Refuse what another site's page sends."""
    origin, host = request.headers.get("origin"), request.headers.get("host")
    if origin is not None and origin not in {f"https://{host}", f"http://{host}"}:
        raise Forbidden("this page's origin may not write here")
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Forbidden("another site's page may not write here")


def require_json(request: Request) -> None:
    """Refuse a body that is not declared as JSON: a form of another site cannot declare that."""
    declared = request.headers.get("content-type", "")
    if (declared or request.body) and request.media_type != JSON:
        raise UnsupportedMediaType(f"send the body as Content-Type: {JSON}")


def source(request: Request, proxies: int) -> str:
    """Return the address that asks, believing X-Forwarded-For of our own proxies alone.

    ``proxies`` is how many of them stand in a row before the gateway; each appends one address.
    """
    forwarded = [
        part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part
    ]
    if 0 < proxies <= len(forwarded):
        return forwarded[-proxies]
    return request.peer


def device(request: Request, proxies: int) -> Device:
    """Return what a person may recognise their own session by."""
    agent = request.headers.get("user-agent", "")[:LONGEST_USER_AGENT]
    return Device(network=network(source(request, proxies)), user_agent=agent)


def network(address: str) -> str:
    """Return the network of an address: who moves about in it is not followed."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = IPV4_NETWORK if parsed.version == 4 else IPV6_NETWORK  # noqa: PLR2004 (IPv4)
    return str(ipaddress.ip_network((parsed, bits), strict=False))


def over_tls(request: Request) -> bool:
    """Say whether the caller's connection is encrypted, by what the proxy says."""
    return request.headers.get("x-forwarded-proto") == "https"
