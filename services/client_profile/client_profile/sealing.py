"""Health fields at rest: sealed with AES-256-GCM, found by a keyed digest."""

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 4


class KeyUnusableError(Exception):
    """CLINIC_FIELD_KEY is not 32 bytes in base64."""


class Sealer:
    """Seals texts under one key; what is sealed names its key, so that keys can rotate."""

    def __init__(self, key_base64: str) -> None:
        try:
            key = base64.b64decode(key_base64, validate=True)
        except binascii.Error as error:
            raise KeyUnusableError(str(KeyUnusableError.__doc__)) from error
        if len(key) != KEY_BYTES:
            raise KeyUnusableError(str(KeyUnusableError.__doc__))
        self._cipher = AESGCM(key)
        self._digest_key = hmac.digest(key, b"blind index", "sha256")
        self.key_id = hashlib.sha256(key).digest()[:KEY_ID_BYTES]

    def seal(self, text: str, about: str) -> bytes:
        """Return the sealed text; ``about`` (whose, which field) must be given to open it."""
        nonce = os.urandom(NONCE_BYTES)
        return self.key_id + nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())

    def open(self, sealed: bytes, about: str) -> str:
        """Return the text; raises InvalidTag when it or ``about`` is not what was sealed."""
        start = KEY_ID_BYTES + NONCE_BYTES
        nonce = sealed[KEY_ID_BYTES:start]
        return self._cipher.decrypt(nonce, sealed[start:], about.encode()).decode()

    def blind(self, text: str) -> str:
        """Return a digest that is the same for the same text, and tells nothing without the key."""
        return hmac.new(self._digest_key, text.encode(), "sha256").hexdigest()
