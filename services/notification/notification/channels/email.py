"""E-mail over SMTP: text, HTML and a calendar entry."""

import contextlib
import smtplib
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Literal, Self, get_args

from nameko.extensions import DependencyProvider

from notification.domain import Letter
from notification.ports import NotDeliveredError, UndeliverableError

TIMEOUT_SECONDS = 10
PERMANENT = 500
Tls = Literal["none", "starttls", "tls"]


class SettingRefusedError(Exception):
    """The settings of the mail server contradict each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """A mail server, and who writes to its clients.

    ``tls``: none, starttls (upgraded before anything is said) or tls (from the first byte), the
    server's certificate always checked. Raises SettingRefusedError.
    """

    host: str
    port: int
    sender: str
    tls: Tls = "none"
    user: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.tls not in get_args(Tls):
            message = f"SMTP_TLS is none, starttls or tls, not {self.tls!r}"
            raise SettingRefusedError(message)
        if bool(self.user) != bool(self.password):
            raise SettingRefusedError("set both SMTP_USER and SMTP_PASSWORD, or neither")
        if self.user and self.tls == "none":
            raise SettingRefusedError(
                "SMTP_USER and SMTP_PASSWORD need SMTP_TLS=starttls or SMTP_TLS=tls: "
                "a password is not sent in the clear"
            )


class Mailer:
    """One connection for many letters: opened by the first, renewed after an error.

    A context manager: leaving it closes the connection.
    """

    def __init__(self, smtp: Smtp) -> None:
        self.smtp = smtp
        self.server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self.server.quit()
            self.server = None

    def send(self, letter: Letter, hand_over: Callable[[], None]) -> None:
        """Hand the letter to the server, calling ``hand_over`` right before.

        A letter sent twice (a crash between sending and recording it) has the same Message-ID.
        Raises NotDeliveredError, UndeliverableError, and what ``hand_over`` raises.
        """
        message = compose(letter, self.smtp.sender)
        try:
            server = self.server = self.server or self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise NotDeliveredError(_described(error)) from error
        hand_over()
        try:
            server.send_message(message, to_addrs=[message["To"].addresses[0].addr_spec])
        except (OSError, smtplib.SMTPException) as error:
            server.close()
            self.server = None
            _refuse_for_good(error)
            raise NotDeliveredError(_described(error)) from error

    def _connect(self) -> smtplib.SMTP:
        host, port = self.smtp.host, self.smtp.port
        if self.smtp.tls == "tls":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        try:
            if self.smtp.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.smtp.user:
                server.login(self.smtp.user, self.smtp.password)
        except BaseException:  # whatever it was, the socket must not be left open
            server.close()
            raise
        return server


class MailServer(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """Gives workers a Mailer of their own; ends the process when its settings are refused."""

    smtp: Smtp

    def bind(self, container: Any, attr_name: str) -> "MailServer":  # noqa: ANN401 (nameko's hook)
        """Read the settings: before setup, so that nothing is connected to yet."""
        bound: MailServer = super().bind(container, attr_name)
        try:
            bound.smtp = Smtp(**container.config["smtp"])
        except SettingRefusedError as error:
            sys.exit(str(error))
        return bound

    def get_dependency(self, worker_ctx: Any) -> Mailer:  # noqa: ANN401, ARG002 (nameko's hook)
        """Return a mailer, not connected yet."""
        return Mailer(self.smtp)


def compose(letter: Letter, sender: str) -> EmailMessage:
    """Return the letter as mail; raises UndeliverableError when its address is none."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = _address(letter.to)
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{letter.message_id}@clinicops>"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    if letter.calendar:
        message.add_attachment(
            letter.calendar,
            maintype="text",
            subtype="calendar",
            filename="visit.ics",
            params={"method": letter.method, "charset": "utf-8"},
        )
    return message


def _address(text: str) -> Address:
    """Return the one plain address that ``text`` is; raises UndeliverableError.

    It must be ASCII: few servers carry another, and ours need not be one of them.
    """
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):
        address = None
    if address is None or not text.isascii():
        # Without a cause: the parser's words quote the address.
        raise UndeliverableError("the client's e-mail address is not one that mail reaches")
    return address


def _refuse_for_good(error: Exception) -> None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        if all(code >= PERMANENT for code in codes):
            reason = f"the mail server refused the client's e-mail address ({codes[0]})"
            raise UndeliverableError(reason) from error


def _described(error: Exception) -> str:
    """Name an error and its code; what the server wrote may quote the client's address."""
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()
