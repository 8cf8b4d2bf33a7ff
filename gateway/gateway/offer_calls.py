"""The calls by which an offer of a freed time is answered; nobody signs in for them."""

from typing import Any

from clinic_contracts.booking.requests import AppointmentView
from clinic_contracts.booking.waitlist import OfferView
from gateway.routing import OwnCall

TAG = "Offers"
ONE = "/v1/offers/<token>"
PAGE = "/offers/<token>"
HTML = "text/html"
CREATED = 201
REFUSALS = (404, 422, 429, 503)


def _call(method: str, path: str, name: str, summary: str, answer: Any, **more: Any) -> OwnCall:  # noqa: ANN401
    return OwnCall(
        method=method,
        path=path,
        name=name,
        summary=summary,
        tag=TAG,
        action="public",
        answer=answer,
        **{"refusals": REFUSALS, **more},
    )


CHANGED = {"refusals": (*REFUSALS, 409)}
GET_OFFER = _call("GET", ONE, "get_offer", "What the link in a letter offers.", OfferView)
ACCEPT_OFFER = _call(
    "POST",
    f"{ONE}/accept",
    "accept_offer",
    "Take the time that the link offers; the first to do so has it.",
    AppointmentView,
    status=CREATED,
    **CHANGED,
)
DECLINE_OFFER = _call(
    "POST",
    f"{ONE}/decline",
    "decline_offer",
    "Leave the time that the link offers to the next.",
    OfferView,
    **CHANGED,
)
SHOW_OFFER = _call("GET", PAGE, "show_offer", "The page on which an offer is answered.", HTML)
PRESS_ACCEPT = _call(
    "POST", f"{PAGE}/accept", "press_accept", "The page's button: accept.", HTML, **CHANGED
)
PRESS_DECLINE = _call(
    "POST", f"{PAGE}/decline", "press_decline", "The page's button: decline.", HTML, **CHANGED
)
API = (GET_OFFER, ACCEPT_OFFER, DECLINE_OFFER)
PAGES = (SHOW_OFFER, PRESS_ACCEPT, PRESS_DECLINE)
OFFERS = (*API, *PAGES)
