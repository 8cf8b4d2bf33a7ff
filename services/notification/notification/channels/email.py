"""E-mail over SMTP: text, HTML and a calendar entry."""

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage

from notification.wording import Letter

TIMEOUT_SECONDS = 10


class NotDeliveredError(Exception):
    """The mail server did not take the message; trying again may help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """A mail server; user and password are used, over TLS, when both are set."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""

    def send(self, letter: Letter) -> None:
        """Hand the letter to the server; raises NotDeliveredError.

        A letter sent twice (a crash between sending and recording it) has the same Message-ID.
        """
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Message-ID"] = f"<{letter.message_id}@clinicops>"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        message.add_attachment(
            letter.calendar,
            maintype="text",
            subtype="calendar",
            filename="visit.ics",
            params={"method": letter.method, "charset": "utf-8"},
        )
        try:
            with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS) as server:
                if self.user and self.password:
                    server.starttls()
                    server.login(self.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise NotDeliveredError(type(error).__name__) from error
