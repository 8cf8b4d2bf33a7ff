"""Cursors as callers get them: signed, each of one list's, so that none can be made up."""

import base64
import hmac
from typing import Any

from nameko.extensions import DependencyProvider

from clinic_contracts.errors import Invalid

MAC_BYTES = 16
MAC_LENGTH = 22
"""In base64, without padding."""


class Cursors:
    """Signs the cursors that lists answer and reads those that callers send."""

    def __init__(self, key: str) -> None:
        """Take the gateway's key, the same in every process."""
        # A key of this purpose alone: what else is signed with the gateway's can be no cursor.
        self._key = hmac.digest(key.encode(), b"clinicops cursors", "sha256")

    def signed(self, place: str, cursor: str | None) -> str | None:
        """Return a cursor of the list at ``place`` as its caller gets it; the last page has none.

        ``place`` is the path as its route has it, ``/v1/clients/<client_id>/coverages``.
        """
        return None if cursor is None else f"{cursor}.{self._mac(place, cursor)}"

    def read(self, place: str, given: str, name: str = "cursor") -> str:
        """Return the cursor that a caller sent; raises Invalid, naming the field, for another's."""
        cursor, _, mac = given.rpartition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(place, cursor).encode()):
            detail = "the cursor is not one that this list gave"
            raise Invalid(detail, errors={name: [detail]})
        return cursor

    def _mac(self, place: str, cursor: str) -> str:
        whole = hmac.digest(self._key, f"{place}\n{cursor}".encode(), "sha256")
        return base64.urlsafe_b64encode(whole[:MAC_BYTES]).decode().rstrip("=")


class CursorsProvider(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """The process's one ``Cursors``, of the setting ``gateway_key``."""

    def setup(self) -> None:
        """Derive its key, before the first request can come."""
        self.cursors = Cursors(str(self.container.config["gateway_key"]))

    def get_dependency(self, worker_ctx: Any) -> Cursors:  # noqa: ANN401, ARG002 (nameko's hook)
        """Return it."""
        return self.cursors
