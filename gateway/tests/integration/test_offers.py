"""Who has an offer's link answers without signing in; who tries others' links is slowed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from clinic_contracts.booking import operations as op
from clinic_contracts.booking.requests import AppointmentView
from clinic_contracts.booking.waitlist import AcceptOffer, DeclineOffer, GetOffer, OfferView
from clinic_contracts.context import CallContext
from clinic_contracts.errors import NotFound, OfferOver
from clinic_runtime.responder import command
from clinic_runtime.testing import running

TOKEN = "T" * 43
ASKED: list[CallContext] = []
STATUS = ["open"]


class Offering:
    """Stands in for the booking service; it made one offer."""

    name = "booking"

    @command(op.GET_OFFER)
    def get_offer(self, request: GetOffer, context: CallContext) -> OfferView:
        return self._view(request.token, context)

    @command(op.DECLINE_OFFER)
    def decline_offer(self, request: DeclineOffer, context: CallContext) -> OfferView:
        self._view(request.token, context)
        STATUS[0] = "declined"
        return self._view(request.token, context)

    @command(op.ACCEPT_OFFER)
    def accept_offer(self, request: AcceptOffer, context: CallContext) -> AppointmentView:
        self._view(request.token, context)
        raise OfferOver("you have another visit at that time", offer_status="open")

    def _view(self, token: str, context: CallContext) -> OfferView:
        ASKED.append(context)
        if token != TOKEN:
            raise NotFound("there is no such offer")
        at = datetime(2026, 12, 1, 17, tzinfo=UTC)
        return OfferView(
            status=STATUS[0],  # type: ignore[arg-type]  # one of them
            expires_at=at,
            start=at,
            end=at,
            local_start=datetime(2026, 12, 1, 10),
            timezone="America/Vancouver",
            location="Fern & Wood",
            address="1 Main",
            practitioner="Robin",
        )


@pytest.fixture(autouse=True, scope="module")
def offering(amqp_uri: str) -> Iterator[None]:
    with running(Offering, {"amqp_uri": amqp_uri}):
        yield


@pytest.fixture(autouse=True)
def one_offer() -> None:
    ASKED.clear()
    STATUS[0] = "open"


def test_nobody_signs_in_and_nothing_of_the_clinics_is_seen(gateway: Any) -> None:
    answer = gateway.send("GET", f"/v1/offers/{TOKEN}")
    assert (answer.status_code, answer.json()["status"]) == (200, "open")
    assert (ASKED[0].location_scope, ASKED[0].actor) == ((), "client:link")
    refused = gateway.send("POST", f"/v1/offers/{TOKEN}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "offer_over")
    assert gateway.send("POST", f"/v1/offers/{TOKEN}/decline").json()["status"] == "declined"


def test_the_page_answers_by_buttons_alone(gateway: Any) -> None:
    shown = gateway.send("GET", f"/offers/{TOKEN}")
    assert shown.headers["Content-Type"].startswith("text/html")
    for words in ("Tuesday, 01 December 2026 at 10:00", "Fern &amp; Wood, 1 Main", "Robin"):
        assert words in shown.text
    assert shown.text.count('<form method="post"') == 2
    assert "<script" not in shown.text
    assert "/metrics" not in shown.text, "what staff look at is not the client's"
    assert STATUS[0] == "open", "looking answers nothing"
    pressed = gateway.send("POST", f"/offers/{TOKEN}/accept")
    assert "you have another visit at that time" in pressed.text
    pressed = gateway.send("POST", f"/offers/{TOKEN}/decline")
    assert "You declined" in pressed.text
    assert "<form" not in pressed.text


def test_who_tries_links_that_are_none_waits_and_others_do_not(gateway: Any) -> None:
    bad = {"X-Forwarded-For": "192.0.2.77"}
    statuses = [
        gateway.send("GET", f"/v1/offers/{number:043}", headers=bad).status_code
        for number in range(6)
    ]
    assert statuses == [404] * 5 + [429]
    waits = gateway.send("GET", f"/v1/offers/{TOKEN}", headers=bad)
    assert (waits.status_code, waits.json()["detail"]) == (429, "too many wrong links; wait")
    other = {"X-Forwarded-For": "192.0.2.78"}
    assert gateway.send("GET", f"/v1/offers/{TOKEN}", headers=other).status_code == 200
