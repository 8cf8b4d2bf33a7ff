"""Letters to staff about their accounts, over a real SMTP connection."""

import email
import email.policy
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database

from clinic_contracts.context import CallContext
from clinic_contracts.errors import Invalid, ServiceUnavailable
from clinic_contracts.notification.letters import SendAccountLetter
from clinic_runtime.ids import ulid
from notification import account_letters
from notification.channels.email import Mailer
from notification.repository.account_letters import SentLetters

ASKED = SendAccountLetter(
    kind="password_reset",
    to="robin@example.org",
    name="Robin <b>Sample</b>",
    token="secret-token",
    minutes=30,
)


def send(
    server: Any, database: Database[dict[str, Any]], asked: SendAccountLetter, operation: str
) -> str:
    context = CallContext(actor="system:gateway", correlation_id="c", operation_id=operation)
    with Mailer(server.smtp()) as channel:
        sent = SentLetters(database)
        address = "https://clinic.example"
        return account_letters.send(asked, context, sent, channel, address).message_id


def test_the_link_is_in_the_letter_and_nowhere_else(
    sink: Callable[..., Any], database: Database[dict[str, Any]]
) -> None:
    server = sink()
    id_ = send(server, database, ASKED, ulid())
    (heard,) = server.heard("DATA")
    letter: Any = email.message_from_string(heard["message"], policy=email.policy.default)
    text, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    link = "https://clinic.example/console/reset?token=secret-token"
    assert (heard["to"], letter["Message-ID"]) == (["robin@example.org"], f"<{id_}@clinicops>")
    assert letter["Subject"] == "Choose a new password"
    assert link in text
    assert f'href="{link}"' in html
    assert "good for 30 minutes, and once" in text
    assert "<b>Sample" not in html
    assert set(database["account_letters"].find_one() or {}) == {"_id", "at"}


def test_a_repeat_sends_nothing(
    sink: Callable[..., Any], database: Database[dict[str, Any]]
) -> None:
    server, operation = sink(), ulid()
    ids = {send(server, database, ASKED, operation) for _ in range(2)}
    assert (len(ids), len(server.heard("DATA"))) == (1, 1)
    send(server, database, ASKED, ulid())
    assert len(server.heard("DATA")) == 2


@pytest.mark.parametrize(
    ("local_part", "refused"), [("later", ServiceUnavailable), ("unknown", Invalid)]
)
def test_a_letter_that_did_not_go_is_not_recorded_as_sent(
    sink: Callable[..., Any],
    database: Database[dict[str, Any]],
    local_part: str,
    refused: type[Exception],
) -> None:
    asked = SendAccountLetter(
        kind="invitation", to=f"{local_part}@example.org", name="R", token="t", minutes=10_080
    )
    with pytest.raises(refused):
        send(sink(), database, asked, ulid())
    assert database["account_letters"].count_documents({}) == 0
