"""Letters about accounts, which notification sends."""

from clinic_contracts.context import CallContext
from clinic_contracts.notification import operations as notification
from clinic_contracts.notification.letters import AccountLetterKind
from clinic_runtime.ids import ulid
from gateway.identity.resets import Links
from gateway.identity.staff import Member
from gateway.identity_calls.asking import Asked

SECONDS = 30
"""How long notification, and the mail server behind it, may take."""


def send_link(asked: Asked, member: Member, kind: AccountLetterKind, minutes: int) -> None:
    """Have notification send somebody the link to choose a password."""
    letter = {
        "kind": kind,
        "to": member.email,
        "name": member.name,
        "token": Links(asked.sealer).token(member, minutes),
        "minutes": minutes,
    }
    context = CallContext(
        actor="system:gateway",
        correlation_id=asked.request.id,
        operation_id=ulid(),
        traceparent=asked.request.traceparent,
    )
    asked.rpc.call(notification.SEND_ACCOUNT_LETTER, letter, context, SECONDS)
