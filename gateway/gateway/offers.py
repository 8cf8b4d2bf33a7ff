"""Offers of a freed time, answered by whoever has the link in the letter: nobody signs in here.

The page needs no script, and only its buttons answer: what follows links in mail of its own accord
(scanners, previews) accepts nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from pymongo.database import Database

from clinic_contracts.booking import operations as op
from clinic_contracts.context import CallContext
from clinic_contracts.errors import NotFound, OfferOver
from clinic_contracts.operations import Operation
from clinic_runtime.ids import ulid
from clinic_runtime.rpc import RpcClient
from gateway.http.messages import Request, Response
from gateway.identity.backoff import BackOff, site
from gateway.memory import Memory
from gateway.offer_calls import GET_OFFER, SHOW_OFFER
from gateway.pages import page
from gateway.routing import OwnCall

NO_LONGER = {
    "accepted": "The time is yours.",
    "declined": "You declined. The time goes to the next, and you stay on the waitlist.",
    "expired": "The time to answer is over. You stay on the waitlist.",
    "withdrawn": "This time cannot be had any more.",
}
OPERATIONS: dict[str, Operation] = {
    "get_offer": op.GET_OFFER,
    "accept_offer": op.ACCEPT_OFFER,
    "decline_offer": op.DECLINE_OFFER,
    "press_accept": op.ACCEPT_OFFER,
    "press_decline": op.DECLINE_OFFER,
}


@dataclass(frozen=True, slots=True)
class Links:
    """Who asks at ``source``, by the links of offers, and what they are answered with."""

    rpc: RpcClient
    database: Database[dict[str, Any]]
    memory: Memory
    source: str

    def ask(self, request: Request, call: OwnCall) -> dict[str, Any]:
        """Return booking's answer.

        Who tries links that are none is slowed, as by failed sign-ins: the source alone, so that
        nobody can keep the others from answering.
        """
        back_off, place = BackOff(self.database, "wrong links"), f"offers {site(self.source)}"
        back_off.check(place, self.source)
        context = CallContext(
            actor="client:link",
            correlation_id=request.id,
            operation_id=ulid(),
            traceparent=request.traceparent,
            location_scope=(),
        )
        operation = OPERATIONS[call.name]
        try:
            answer = self.rpc.call(operation, request.path_values, context)
        except NotFound:
            back_off.failed(place, self.source)
            raise
        if operation is op.ACCEPT_OFFER:
            self.memory.changed(answer)
        return answer


def shown(request: Request, call: OwnCall, links: Links) -> Response:
    """Return the page, after what was pressed if something was."""
    said = ""
    try:
        if call is not SHOW_OFFER:
            links.ask(request, call)
    except OfferOver as error:
        said = error.detail
    return _page(links.ask(request, GET_OFFER), request.path_values["token"], said)


def _page(offer: dict[str, Any], token: str, said: str) -> Response:
    start, until = (datetime.fromisoformat(offer[name]) for name in ("local_start", "expires_at"))
    facts = {
        "When": f"{start:%A, %d %B %Y at %H:%M}",
        "Where": ", ".join(part for part in (offer["location"], offer["address"]) if part),
        "With": offer["practitioner"],
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(fact)}</dd>" for name, fact in facts.items())
    address = f"/offers/{escape(token)}"
    if offer["status"] == "open":
        words = said or f"Answer by {until:%H:%M}. The first to accept has the time."
        answers = (("accept", "Accept"), ("decline", "Decline"))
        buttons = "".join(
            f'<form method="post" action="{address}/{what}"><button>{text}</button></form>'
            for what, text in answers
        )
    else:
        words, buttons = NO_LONGER[offer["status"]], ""
    body = f'<p class="lead">{escape(words)}</p><dl>{rows}</dl>{buttons}'
    return page("A time has become free", None, body)
