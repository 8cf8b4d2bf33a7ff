"""Password hashing (argon2id), away from the hub and bounded."""

import threading
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from clinic_contracts.errors import TooManyRequests
from clinic_runtime.threads import off_the_hub

T = TypeVar("T")
AT_ONCE = 2
MOST_UNDER_WAY = 16
RETRY_AFTER = 1


class Passwords:
    """Hashes and checks passwords.

    Each takes some 50 ms and 64 MiB, so two run at once and fourteen wait (under half a second);
    further ones are refused with TooManyRequests.
    """

    def __init__(self) -> None:
        self.hasher = PasswordHasher()
        self.turn = threading.Semaphore(AT_ONCE)
        self.under_way = 0
        self.nobodys_hash = self.hasher.hash("nobody's password")

    def make(self, password: str) -> str:
        """Return the hash to store."""
        return self._bounded(self.hasher.hash, password)

    def match(self, stored: str | None, password: str) -> bool:
        """Say whether the password is the stored one; None takes as long, and never is."""
        try:
            self._bounded(self.hasher.verify, stored or self.nobodys_hash, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def _bounded(self, function: Callable[..., T], *args: str) -> T:
        if self.under_way >= MOST_UNDER_WAY:
            detail = "too many sign-ins are under way; try again"
            raise TooManyRequests(detail, retry_after=RETRY_AFTER)
        self.under_way += 1
        try:
            with self.turn:
                return off_the_hub(function, *args)
        finally:
            self.under_way -= 1
