"""A mail server that delivers nothing: each message becomes a file.

``python -m clinic_deploy.local.mail FOLDER PORT [ADDRESS]`` listens on this machine alone unless
another address is given.
"""

import email
import re
import sys
import threading
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Keeper:
    """Keeps each message in a file named for its Message-ID: a second copy is the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 (aiosmtpd's hook)
        """Write the message whole or not at all."""
        message = email.message_from_bytes(envelope.content)
        name = _UNSAFE.sub("_", message.get("Message-ID", "unnamed").strip("<>"))
        partial = self.folder / f".{name}.part"
        partial.write_bytes(envelope.content)
        partial.rename(self.folder / f"{name}.eml")
        return "250 kept"


if __name__ == "__main__":
    folder, port, *address = sys.argv[1:]
    Controller(Keeper(Path(folder)), hostname=(address or ["127.0.0.1"])[0], port=int(port)).start()
    threading.Event().wait()
