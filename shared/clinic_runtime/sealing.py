"""What is nobody else's business at rest: sealed with AES-256-GCM, found by a keyed digest."""

import base64
import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nameko.extensions import DependencyProvider

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 4


class KeyUnusableError(Exception):
    """A key is not 32 bytes in base64; the message names the variable of the environment."""


class CannotOpenError(Exception):
    """Sealed under a key that is not held, or not what was sealed; the message says which."""


class Sealer:
    """Seals under the first of its keys and opens under any: what is sealed names its key.

    ``keys`` are 32 bytes each, in base64, separated by commas, the newest first. The digest is
    made with the last, so that a text's stays the same when a key is put in front. ``variable`` is
    where the environment has them.
    """

    def __init__(self, keys: str, variable: str = "CLINIC_FIELD_KEY") -> None:
        raw = [_key(number, text, variable) for number, text in enumerate(keys.split(","), 1)]
        self.variable = variable
        self._ciphers = {_key_id(key): AESGCM(key) for key in raw}
        self._sealing = _key_id(raw[0])
        self._digest_key = hmac.digest(raw[-1], b"blind index", "sha256")

    def seal(self, text: str, about: str) -> bytes:
        """Return the sealed text; ``about`` (whose, which field) must be given to open it."""
        return self.seal_bytes(text.encode(), about)

    def open(self, sealed: bytes, about: str) -> str:
        """Return the text; raises CannotOpenError."""
        return self.open_bytes(sealed, about).decode()

    def seal_bytes(self, content: bytes, about: str) -> bytes:
        """Seal bytes as ``seal`` does a text."""
        nonce = os.urandom(NONCE_BYTES)
        cipher = self._ciphers[self._sealing]
        return self._sealing + nonce + cipher.encrypt(nonce, content, about.encode())

    def open_bytes(self, sealed: bytes, about: str) -> bytes:
        """Return the bytes; raises CannotOpenError."""
        start = KEY_ID_BYTES + NONCE_BYTES
        key_id, nonce = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES:start]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CannotOpenError(f"{self.variable} lacks the key with the id {key_id.hex()}")
        try:
            return cipher.decrypt(nonce, sealed[start:], about.encode())
        except InvalidTag as error:
            raise CannotOpenError("it was altered, or sealed about something else") from error

    def blind(self, text: str) -> str:
        """Return a digest that is the same for the same text, and tells nothing without the key."""
        return hmac.new(self._digest_key, text.encode(), "sha256").hexdigest()


class FieldSealer(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Gives workers the process's one sealer; an unusable key stops the start."""

    sealer: Sealer

    def __init__(self, setting: str = "field_key", variable: str = "CLINIC_FIELD_KEY") -> None:
        """Take the setting that holds the keys, and where it comes from."""
        super().__init__()
        self.setting = setting
        self.variable = variable

    def setup(self) -> None:
        """Read the keys."""
        self.sealer = Sealer(self.container.config[self.setting], self.variable)

    def get_dependency(self, worker_ctx: Any) -> Sealer:  # noqa: ANN401, ARG002 (nameko's hook)
        """Return the sealer."""
        return self.sealer


def _key(number: int, text: str, variable: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyUnusableError(f"key {number} of {variable} is not 32 bytes in base64")
    return key


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:KEY_ID_BYTES]
