"""Identifiers: prefixed, opaque, sortable by time where they are new."""

import base64
import hashlib

from ulid import ULID


def ulid() -> str:
    """Return a new ULID."""
    return str(ULID())


def new_id(prefix: str) -> str:
    """Return a new id such as ``apt_01J…``."""
    return f"{prefix}_{ulid()}"


def derived_id(prefix: str, *parts: str) -> str:
    """Return the one id that belongs to these parts, so that a retry makes the same record."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()[:16]
    return f"{prefix}_{base64.b32encode(digest).decode().rstrip('=')}"
