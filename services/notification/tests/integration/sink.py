"""A mail server that delivers nothing: ``python sink.py PORT FOLDER MODE [CERTIFICATE KEY]``.

Each command and message becomes a line of ``FOLDER/heard.jsonl``. MODE: none, starttls or tls;
the latter two ask for the user ``desk`` with the password ``secret``. An address's local part
says how it is met: ``later`` 451, ``unknown`` 550, ``hangup`` a closed connection after the data.
"""

import json
import ssl
import sys
import threading
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

ANSWERS = {"later": "451 try later", "unknown": "550 nobody of that name"}


class Sink:
    """Writes down what is said to it."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def write(self, session: Any, said: str, **more: Any) -> None:
        line = {"said": said, "peer": session.peer[1], **more}
        with self.file.open("a", encoding="utf-8") as output:
            output.write(json.dumps(line) + "\n")

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's hook)
        self, _server: Any, session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        self.write(session, "RCPT", address=address)
        answer = ANSWERS.get(address.partition("@")[0])
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = envelope.content.decode()
        tls = server.transport.get_extra_info("ssl_object") is not None
        self.write(
            session, "DATA", to=envelope.rcpt_tos, user=session.auth_data, tls=tls, message=message
        )
        if envelope.rcpt_tos[0].startswith("hangup"):
            server.transport.abort()
        return "250 kept"


def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
    right = (data.login, data.password) == (b"desk", b"secret")
    return AuthResult(success=right, handled=False, auth_data=data.login.decode())


def main(port: str, folder: str, mode: str, *files: str) -> None:
    options: dict[str, Any] = {}
    if mode != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files)
        options = {"auth_required": True, "authenticator": authenticate}
        if mode == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        else:
            options |= {"ssl_context": context, "auth_require_tls": False}
    sink = Sink(Path(folder, "heard.jsonl"))
    Controller(sink, hostname="127.0.0.1", port=int(port), **options).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
