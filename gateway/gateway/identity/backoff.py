"""Failed sign-ins slow the one who fails, not the one whose name was used."""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

from clinic_contracts.errors import TooManyRequests
from clinic_runtime.clock import now

Document = dict[str, Any]
COUNTED_SECONDS = 3_600
KNOWN_SECONDS = 30 * 24 * 3_600
IPV6_SITE = 64


@dataclass(frozen=True, slots=True)
class Pace:
    """After ``free`` failures each further one waits twice as long, up to ``longest`` seconds."""

    free: int
    longest: int

    def wait(self, failures: int) -> int:
        """Return the seconds to wait after so many failures."""
        if failures < self.free:
            return 0
        return int(min(2 ** min(failures - self.free, 20), self.longest))


ONE_SOURCE = Pace(free=5, longest=900)
ALL_SOURCES = Pace(free=100, longest=60)


def ensure(database: Database[Document]) -> None:
    """Have failures go an hour after the last one, known sources after 30 days."""
    failures, sources = database["sign_in_failures"], database["sign_in_sources"]
    failures.create_index([("at", ASCENDING)], expireAfterSeconds=COUNTED_SECONDS)
    sources.create_index([("at", ASCENDING)], expireAfterSeconds=KNOWN_SECONDS)


class BackOff:
    """Counts failures per account and source address, and more loosely per account.

    Knowing somebody's e-mail therefore does not suffice to lock them out: five failures in an hour
    slow only the address they came from, by up to 15 minutes. Guessing from many addresses is
    slowed after a hundred failures to one a minute, except at addresses from which that account
    signed in during the last 30 days, where its owner is likely to sit. An IPv6 address counts as
    its /64. Whether the account exists plays no part. Addresses are stored hashed.
    """

    def __init__(
        self, database: Database[Document], what: str = "failed sign-ins", one: Pace = ONE_SOURCE
    ) -> None:
        """Take what is counted, for the refusal, and the pace of one source."""
        self.what = what
        self.one = one
        self.failures = database["sign_in_failures"]
        self.sources = database["sign_in_sources"]

    def check(self, account: str, source: str) -> None:
        """Raise TooManyRequests while this source has to wait."""
        pair, whole = _key(account, site(source)), _key(account)
        found = {each["_id"]: each for each in self.failures.find({"_id": {"$in": [pair, whole]}})}
        wait = _left(found.get(pair), self.one)
        everywhere = _left(found.get(whole), ALL_SOURCES)
        if everywhere > wait and self.sources.find_one({"_id": pair}) is None:
            wait = everywhere
        if wait > 0:
            raise TooManyRequests(f"too many {self.what}; wait", retry_after=int(wait) + 1)

    def failed(self, account: str, source: str) -> None:
        """Count a failure."""
        for key in (_key(account, site(source)), _key(account)):
            counted = {"$inc": {"count": 1}, "$set": {"at": now()}}
            self.failures.update_one({"_id": key}, counted, upsert=True)

    def succeeded(self, account: str, source: str) -> None:
        """Forget this source's failures and know it from now on."""
        pair = _key(account, site(source))
        self.failures.delete_one({"_id": pair})
        self.sources.update_one({"_id": pair}, {"$set": {"at": now()}}, upsert=True)

    def clear(self, account: str, source: str) -> None:
        """Begin counting anew, and know this source: its user has shown whose account it is."""
        self.failures.delete_one({"_id": _key(account)})
        self.succeeded(account, source)


def site(source: str) -> str:
    """Return an address, or the /64 of an IPv6 one, of which a household has many."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, IPV6_SITE), strict=False))


def _left(found: Document | None, pace: Pace) -> float:
    if found is None:
        return 0
    since: datetime = found["at"]
    return (since + timedelta(seconds=pace.wait(found["count"])) - now()).total_seconds()


def _key(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
