"""One-time codes of an authenticator (RFC 6238, over RFC 4226's HOTP with SHA-1 and six digits)."""

import base64
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
DRIFT_STEPS = 1
"""How far a telephone's clock may be off (RFC 6238, section 5.2, recommends one step)."""
ISSUER = "ClinicOps"
RECOVERY_CODES = 10
RECOVERY_BYTES = 10


def new_secret() -> bytes:
    """Return a secret as long as SHA-1's digest (RFC 4226, section 4, R6)."""
    return secrets.token_bytes(SECRET_BYTES)


def text_of(secret: bytes) -> str:
    """Return a secret as an authenticator takes it."""
    return base64.b32encode(secret).decode().rstrip("=")


def uri(secret: bytes, account: str) -> str:
    """Return the address that an authenticator reads from a QR code (Google's key URI format)."""
    asked = urlencode({"secret": text_of(secret), "issuer": ISSUER}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{ISSUER}:{account}')}?{asked}"


def step_of(at: datetime) -> int:
    """Return the time step of an instant."""
    return int(at.timestamp()) // STEP_SECONDS


def code(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """Return the code of a step (RFC 4226, section 5.3)."""
    mac = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: bytes, given: str, at: datetime) -> int | None:
    """Return the step whose code was given, if it is one of those that count now."""
    current = step_of(at)
    steps = range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1)
    fitting = [step for step in steps if hmac.compare_digest(code(secret, step), given)]
    return fitting[-1] if fitting else None


def recovery_codes() -> tuple[str, ...]:
    """Return new codes for who lost the authenticator, 80 random bits each."""
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def plain(given: str) -> str:
    """Return a code as it is compared: people type blanks, dashes and capitals."""
    return given.replace(" ", "").replace("-", "").lower()


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))
