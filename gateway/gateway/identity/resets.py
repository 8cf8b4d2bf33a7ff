"""Links by which somebody chooses a password: signed, good for a while, and once."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from clinic_runtime.clock import now
from clinic_runtime.sealing import Sealer
from gateway.identity.staff import Member

RESET_MINUTES = 30
INVITATION_MINUTES = 7 * 24 * 60
SIGNATURE_BYTES = 16
_TOKEN = re.compile(r"(?P<id>[0-9A-Z]{26})(?P<until>[0-9a-f]{8})(?P<signature>[\w-]{22})", re.ASCII)


class Links:
    """Makes and reads the links' tokens.

    A token names the account and its own end, and is signed (HMAC-SHA-256, of which 128 bits) with
    these and the hash of the account's password: choosing another ends every link made before.
    """

    def __init__(self, sealer: Sealer) -> None:
        self.sealer = sealer

    def token(self, member: Member, minutes: int) -> str:
        """Return a token that is good for so many minutes."""
        until = f"{int((now() + timedelta(minutes=minutes)).timestamp()):08x}"
        return f"{member.id.removeprefix('usr_')}{until}{self._signature(member, until)}"

    def read(self, token: str, find: Callable[[str], Member | None]) -> Member | None:
        """Return whose link this is, or None when it is nobody's, or not any more."""
        parts = _TOKEN.fullmatch(token)
        if parts is None or now() >= datetime.fromtimestamp(int(parts["until"], 16), UTC):
            return None
        member = find(f"usr_{parts['id']}")
        if member is None or not member.active:
            return None
        expected = self._signature(member, parts["until"])
        return member if hmac.compare_digest(expected, parts["signature"]) else None

    def _signature(self, member: Member, until: str) -> str:
        bound_to = hashlib.sha256((member.password or "").encode()).hexdigest()
        signed = self.sealer.blind(f"password link\x1f{member.id}\x1f{until}\x1f{bound_to}")
        raw = bytes.fromhex(signed)[:SIGNATURE_BYTES]
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")
