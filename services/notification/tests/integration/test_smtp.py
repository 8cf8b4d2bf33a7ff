"""Letters over a real SMTP connection, and what a mail server can do to them."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from notification.channels.email import Mailer
from notification.domain import Letter
from notification.ports import NotDeliveredError, UndeliverableError

Sink = Callable[..., Any]
LETTER = Letter(
    message_id="msg_1",
    to="ada@example.org",
    subject="Your visit",
    text="Hello Ada",
    html="<p>Hello Ada</p>",
    calendar=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    method="REQUEST",
)


def nothing() -> None:
    """Stand for a hand-over that nobody records."""


def test_a_batch_of_letters_takes_one_connection(sink: Sink) -> None:
    server = sink()
    handed_over: list[int] = []
    with Mailer(server.smtp()) as mailer:
        for number in range(3):
            letter = replace(LETTER, message_id=f"msg_{number}")
            mailer.send(letter, lambda: handed_over.append(len(server.heard("DATA"))))
    heard = server.heard("DATA")
    assert len(heard) == 3
    assert len({each["peer"] for each in heard}) == 1
    assert handed_over == [0, 1, 2]
    assert "Message-ID: <msg_2@clinicops>" in heard[2]["message"]


@pytest.mark.parametrize(
    ("local_part", "refused", "reason"),
    [
        ("later", NotDeliveredError, "SMTPRecipientsRefused"),
        ("hangup", NotDeliveredError, "SMTPServerDisconnected"),
        ("unknown", UndeliverableError, "the mail server refused the client's e-mail address"),
    ],
)
def test_a_letter_refused_is_refused_alone(
    sink: Sink, local_part: str, refused: type[Exception], reason: str
) -> None:
    server = sink()
    with Mailer(server.smtp()) as mailer:
        with pytest.raises(refused, match=reason) as error:
            mailer.send(replace(LETTER, to=f"{local_part}@example.org"), nothing)
        mailer.send(LETTER, nothing)
    assert "example.org" not in str(error.value)
    assert server.heard("DATA")[-1]["to"] == ["ada@example.org"]


def test_a_letter_that_is_not_to_go_leaves_the_connection_as_it_was(sink: Sink) -> None:
    def refuse() -> None:
        raise KeyError

    server = sink()
    with Mailer(server.smtp()) as mailer:
        mailer.send(LETTER, nothing)
        with pytest.raises(KeyError):
            mailer.send(LETTER, refuse)
        mailer.send(LETTER, nothing)
    heard = server.heard("DATA")
    assert len(heard) == 2
    assert len({each["peer"] for each in heard}) == 1


def test_an_address_in_quotes_arrives_whole(sink: Sink) -> None:
    server = sink()
    with Mailer(server.smtp()) as mailer:
        mailer.send(replace(LETTER, to='"odd, one"@example.org'), nothing)
    assert server.heard("RCPT")[0]["address"] == '"odd, one"@example.org'


def test_a_server_that_is_away_is_not_handed_anything(sink: Sink) -> None:
    server = sink()
    server.stop()
    with Mailer(server.smtp()) as mailer, pytest.raises(NotDeliveredError, match="Refused"):
        mailer.send(LETTER, lambda: pytest.fail("handed over to nobody"))


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_a_password_goes_over_tls_to_a_server_with_a_known_certificate(
    sink: Sink, certificate: tuple[Path, Path], mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = sink(mode, *certificate)
    smtp = server.smtp(tls=mode, user="desk", password="secret")
    with Mailer(smtp) as mailer, pytest.raises(NotDeliveredError, match="CertVerification"):
        mailer.send(LETTER, nothing)
    assert server.heard("DATA") == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with Mailer(smtp) as mailer:
        mailer.send(LETTER, nothing)
    (heard,) = server.heard("DATA")
    assert (heard["user"], heard["tls"]) == ("desk", True)


def test_a_wrong_password_is_not_delivered(
    sink: Sink, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = sink("starttls", *certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    smtp = server.smtp(tls="starttls", user="desk", password="wrong")
    with Mailer(smtp) as mailer, pytest.raises(NotDeliveredError, match="AuthenticationError 535"):
        mailer.send(LETTER, nothing)


def test_a_server_without_starttls_is_told_nothing(sink: Sink) -> None:
    server = sink("none")
    smtp = server.smtp(tls="starttls")
    with Mailer(smtp) as mailer, pytest.raises(NotDeliveredError, match="NotSupported"):
        mailer.send(LETTER, nothing)
    assert server.heard("RCPT") == []


def test_a_password_without_tls_refuses_to_start(mongo_uri: str, amqp_uri: str) -> None:
    environment = {
        **os.environ,
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": "test_refuses_to_start",
        "AMQP_URI": amqp_uri,
        "CLINIC_OFFER_SECRET": "x",
        "CLINIC_WEBHOOK_KEY": base64.b64encode(bytes(32)).decode(),
        "CLINIC_PUBLIC_URL": "http://localhost",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_USER": "desk",
        "SMTP_PASSWORD": "secret",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "notification"],
        env=environment,
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert "SMTP_USER and SMTP_PASSWORD need SMTP_TLS=starttls or SMTP_TLS=tls" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "secret" not in ended.stderr
