"""Every tongue behind one interface: how claims are written, and what a payer's file says."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from billing.payers.profiles import Profile
from billing.ports import File
from payer_formats.answers import Read
from payer_formats.claim import Claim


class Tongue(Protocol):
    """What a payer speaks."""

    def speaks(self, raw: bytes, content_type: str) -> bool:
        """Say whether a file is in this tongue, by how it begins."""

    def write(self, claims: Sequence[Claim], profile: Profile, control: int, at: datetime) -> File:
        """Return claims to one payer as a file of that number."""

    def read(self, raw: bytes) -> Read:
        """Return what a payer's file holds; never raises for what it holds."""
