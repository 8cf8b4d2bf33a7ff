"""Which other sites' pages may read what is answered (Fetch standard, section 3.2: CORS protocol).

They show a token: no answer ever allows credentials, so a browser neither sends its cookie along
nor lets such a page have what a cookie would get.
"""

import re
from collections.abc import Mapping

ANY = "*"
FORGOTTEN_SECONDS = 600
ASKED = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
    "X-Request-Id, traceparent"
)
"""The request headers that a page may set."""
EXPOSED = (
    "Age, Allow, ETag, Location, RateLimit, RateLimit-Policy, Retry-After, Traceparent, "
    "WWW-Authenticate, X-Request-Id"
)
"""The answers' headers that a page may read, beside those that it always may."""
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")


class UnusableOriginError(Exception):
    """A setting holds what is no origin."""


class Origins:
    """The origins of pages that may read answers; none unless they are named."""

    def __init__(self, text: str = "") -> None:
        """Take origins, as browsers write them, separated by commas; ``*`` is every page's."""
        self.named = frozenset(filter(None, (part.strip() for part in text.split(","))))
        for each in self.named:
            if each != ANY and _ORIGIN.fullmatch(each) is None:
                message = f"CLINIC_CORS_ORIGINS: {each!r} is no origin such as https://example.org"
                raise UnusableOriginError(message)

    def headers(self, request: Mapping[str, str]) -> dict[str, str]:
        """Return what an answer to a request says of who may read it."""
        if not self.named:
            return {}
        if ANY in self.named:
            return {"Access-Control-Allow-Origin": ANY, "Access-Control-Expose-Headers": EXPOSED}
        origin = request.get("origin")
        if origin not in self.named:
            return {"Vary": "Origin"}
        return {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": str(origin),
            "Access-Control-Expose-Headers": EXPOSED,
        }

    def preflight(self, request: Mapping[str, str], allow: str) -> dict[str, str]:
        """Return what the answer to OPTIONS says of the verbs ``allow`` and of headers."""
        origin = request.get("origin")
        asked = "access-control-request-method" in request
        if not asked or origin is None or not {origin, ANY} & self.named:
            return {}
        return {
            "Access-Control-Allow-Methods": allow,
            "Access-Control-Allow-Headers": ASKED,
            "Access-Control-Max-Age": str(FORGOTTEN_SECONDS),
        }
