"""How often each caller may ask, in the words of draft-ietf-httpapi-ratelimit-headers.

A caller is a session, an API key, or the address of whoever has shown neither. Quotas are counted
by the generic cell rate algorithm (ITU-T I.371): a quota is there at once, and comes back evenly
over the window. They are this process's own: a count that all gateways shared would cost every
request a command of the database.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

from clinic_contracts.errors import TooManyRequests, Unauthenticated
from gateway.http.messages import Request
from gateway.identity import callers
from gateway.identity.backoff import site
from gateway.routing import Call

T = TypeVar("T")
WINDOW_SECONDS = 60
MOST_CALLERS = 20_000
"""Of each kind; whoever was away the longest is forgotten first."""
QUOTAS: Mapping[str, int] = {
    "default": 6_000,
    "write": 3_000,
    "costly": 600,
    "anonymous": 300,
    "page": 3_000,
}
"""Requests in a window: one caller's reads, writes and costly reads; an address's, for itself."""
EVERY = "every"
"""In the setting: all of them."""
SAFE_METHODS = frozenset({"GET", "HEAD"})
REFUSED = 400
UNAUTHENTICATED = 401
_site = lru_cache(maxsize=1_000)(site)


class UnusableQuotaError(Exception):
    """A setting names no quota, or is no number of requests."""


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests in a window."""

    name: str
    quota: int

    @property
    def interval(self) -> float:
        """How many seconds one request takes of the window."""
        return WINDOW_SECONDS / self.quota


@dataclass(frozen=True, slots=True)
class Turn:
    """One request's place in its caller's quota; ``until`` is when the quota is whole again.

    ``shows`` is what an answer will show to be somebody's: a token, and which of its quotas it is.
    """

    policy: Policy
    caller: bytes
    now: float
    until: float
    shows: tuple[bytes, Policy] | None = None

    @property
    def is_refused(self) -> bool:
        """Say whether the quota was used up before."""
        return self.until - self.now > WINDOW_SECONDS

    def check(self) -> None:
        """Raise TooManyRequests when the quota is used up."""
        if self.is_refused:
            wait = max(1, math.ceil(self.until - self.now - WINDOW_SECONDS))
            raise TooManyRequests(
                f"more than {self.policy.quota} requests in {WINDOW_SECONDS} seconds; wait {wait}",
                retry_after=wait,
            )

    def headers(self) -> dict[str, str]:
        """Return what tells the caller of the quota, as the draft's structured fields."""
        policy, ahead = self.policy, min(self.until - self.now, WINDOW_SECONDS)
        left = int((WINDOW_SECONDS - ahead) / policy.interval + 1e-6)
        return {
            "RateLimit-Policy": f'"{policy.name}";q={policy.quota};w={WINDOW_SECONDS}',
            "RateLimit": f'"{policy.name}";r={left};t={math.ceil(ahead)}',
        }


class Limits:
    """Every caller's quotas, in memory.

    A token is believed to be somebody's once an answer showed it; until then, its requests are its
    address's. So whoever tries tokens out has an address's quota, and behind one address many who
    are signed in do not share one.
    """

    def __init__(
        self, quotas: str = "", proxies: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take quotas that differ from the usual ones, as ``write=600,page=100``."""
        self.policies = {name: Policy(name, quota) for name, quota in _quotas(quotas).items()}
        self.proxies = proxies
        self.clock = clock
        self.shown: OrderedDict[bytes, None] = OrderedDict()
        self.until: dict[str, OrderedDict[bytes, float]] = {
            name: OrderedDict() for name in self.policies
        }

    def turn(self, request: Request, call: Call) -> Turn:
        """Count a request."""
        digest = None if call.action == "public" else _digest(request)
        if digest is not None and digest in self.shown:
            return self._count(self._policy(request, call), digest)
        shows = None if digest is None else (digest, self._policy(request, call))
        is_page = call.action == "public" and call.method == "GET" and call.path[:4] != "/v1/"
        address = _site(callers.source(request, self.proxies)).encode()
        policy = self.policies["page" if is_page else "anonymous"]
        return self._count(policy, address, shows)

    def answered(self, turn: Turn, status: int) -> Turn:
        """Learn from an answer whether the token is somebody's; return what is to be told."""
        if turn.shows is not None and status < REFUSED:
            # It was the token's request, not its address's.
            kept = self.until[turn.policy.name]
            kept[turn.caller] = kept.get(turn.caller, turn.now) - turn.policy.interval
            token, policy = turn.shows
            _keep(self.shown, token, None)
            return self._count(policy, token)
        if status == UNAUTHENTICATED:
            self.shown.pop(turn.caller, None)
        return turn

    def _policy(self, request: Request, call: Call) -> Policy:
        if call.costs_much:
            return self.policies["costly"]
        return self.policies["default" if request.method in SAFE_METHODS else "write"]

    def _count(
        self, policy: Policy, caller: bytes, shows: tuple[bytes, Policy] | None = None
    ) -> Turn:
        kept, now = self.until[policy.name], self.clock()
        until = max(kept.get(caller, now), now) + policy.interval
        turn = Turn(policy, caller, now, until, shows)
        if not turn.is_refused:
            _keep(kept, caller, until)
        return turn


def _keep(kept: OrderedDict[bytes, T], key: bytes, value: T) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST_CALLERS:
        kept.popitem(last=False)


def _digest(request: Request) -> bytes | None:
    """Return what a token is known by here, so that no dump of the memory holds one."""
    try:
        return blake2b(callers.token(request).encode(), digest_size=16).digest()
    except Unauthenticated:
        return None


def _quotas(text: str) -> dict[str, int]:
    found = dict(QUOTAS)
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, quota = part.partition("=")
        if name not in {*QUOTAS, EVERY} or not quota.isdecimal() or not 0 < int(quota) <= 10**9:
            known = ", ".join([*QUOTAS, EVERY])
            message = f"CLINIC_RATE_LIMITS: {part!r} is not one of {known} = a number of requests"
            raise UnusableQuotaError(message)
        found |= dict.fromkeys(QUOTAS if name == EVERY else (name,), int(quota))
    return found
