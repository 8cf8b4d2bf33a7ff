"""Cards by Stripe against a stand-in that speaks its documented shapes over HTTP.

The stand-in keeps what it was asked by idempotency key, as Stripe does, and can lose an answer:
the money is taken and the caller hears nothing.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from billing import stripe_cards
from billing.stripe_cards import StripeCards
from clinic_contracts.errors import PaymentRefused, ServiceUnavailable

DECLINED = {"pm_declined": "insufficient_funds", "pm_asks": "authentication_required"}


class Stripe:
    """What the stand-in knows, and how it is to misbehave next."""

    def __init__(self) -> None:
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, tuple[int, dict[str, Any]]] = {}
        self.lose_answers = 0
        self.fail_with: tuple[int, dict[str, Any]] | None = None
        self.searchable = True
        self.settles_as = "succeeded"
        self.asked: list[str] = []

    def answer(self, method: str, path: str, form: dict[str, str], key: str) -> Any:
        self.asked.append(f"{method} {path}")
        if self.fail_with is not None:
            return self.fail_with
        if method == "GET":
            return 200, self.look(path, form)
        if key not in self.answers:
            make = self.refund if path == "/v1/refunds" else self.charge
            self.answers[key] = make(form)
        return self.answers[key]

    def look(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        if path == "/v1/payment_intents/search":
            wanted = form["query"].removeprefix("metadata['payment_id']:'").removesuffix("'")
            known = self.intents.values() if self.searchable else ()
            found = [i for i in known if i["metadata"]["payment_id"] == wanted]
            return {"object": "search_result", "data": found, "has_more": False, "url": path}
        if path == "/v1/refunds":
            found = [r for r in self.refunds.values()
                     if r["payment_intent"] == form["payment_intent"]]  # fmt: skip
            return {"object": "list", "data": found, "has_more": False, "url": path}
        return self.intents[path.rpartition("/")[2]]

    def charge(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        id_ = f"pi_{len(self.intents) + 1}"
        intent = {
            "id": id_,
            "object": "payment_intent",
            "amount": int(form["amount"]),
            "currency": form["currency"],
            "status": self.settles_as,
            "last_payment_error": None,
            "metadata": {"payment_id": form["metadata[payment_id]"]},
        }
        self.intents[id_] = intent
        assert form["confirm"] == "true"
        assert form["error_on_requires_action"] == "true"
        if (code := DECLINED.get(form["payment_method"])) is not None:
            error = {"type": "card_error", "code": "card_declined", "decline_code": code,
                     "message": "Your card was declined."}  # fmt: skip
            intent |= {"status": "requires_payment_method", "last_payment_error": error}
            return 402, {"error": {**error, "payment_intent": intent}}
        if form["payment_method"] == "pm_unknown":
            del self.intents[id_]
            return 400, {"error": {"type": "invalid_request_error", "code": "resource_missing",
                                   "message": "No such PaymentMethod"}}  # fmt: skip
        return 200, dict(intent)

    def refund(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        intent = self.intents[form["payment_intent"]]
        given = sum(r["amount"] for r in self.refunds.values())
        if given + int(form["amount"]) > intent["amount"]:
            return 400, {"error": {"type": "invalid_request_error",
                                   "code": "charge_already_refunded", "message": "no"}}  # fmt: skip
        id_ = f"re_{len(self.refunds) + 1}"
        self.refunds[id_] = {
            "id": id_,
            "object": "refund",
            "amount": int(form["amount"]),
            "payment_intent": intent["id"],
            "status": "succeeded",
            "metadata": {"refund_id": form["metadata[refund_id]"]},
        }
        return 200, self.refunds[id_]


@pytest.fixture
def stripe() -> Stripe:
    return Stripe()


@pytest.fixture
def cards(stripe: Stripe, monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeCards]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply({})

        def do_POST(self) -> None:
            self.reply(self.read_form())

        def read_form(self) -> dict[str, str]:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            return {name: values[0] for name, values in parse_qs(body).items()}

        def reply(self, form: dict[str, str]) -> None:
            assert self.headers["Authorization"] == "Bearer sk_test_1"
            split = urlsplit(self.path)
            form |= {name: values[0] for name, values in parse_qs(split.query).items()}
            key = self.headers.get("Idempotency-Key", "")
            status, document = stripe.answer(self.command, split.path, form, key)
            if self.command == "POST" and stripe.lose_answers:
                stripe.lose_answers -= 1
                silent.wait(10)
                self.close_connection = True
                return
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    silent = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(stripe_cards, "TIMEOUT_SECONDS", 0.5)
    yield StripeCards("sk_test_1", f"http://127.0.0.1:{server.server_port}")
    silent.set()
    server.shutdown()
    server.server_close()


def charge(cards: StripeCards, card: str = "pm_card_visa", payment_id: str = "pay_1") -> str:
    return cards.charge(payment_id, card, 2875, "CAD")


def test_a_card_is_charged_in_minor_units_once_an_id(stripe: Stripe, cards: StripeCards) -> None:
    assert charge(cards) == charge(cards) == "pi_1"
    (intent,) = stripe.intents.values()
    assert (intent["amount"], intent["currency"]) == (2875, "cad")
    assert charge(cards, payment_id="pay_2") == "pi_2"


@pytest.mark.parametrize("searchable", [True, False])
def test_an_answer_that_is_lost_is_asked_for_again_and_charged_once(
    stripe: Stripe, cards: StripeCards, *, searchable: bool
) -> None:
    stripe.lose_answers = 1
    stripe.searchable = searchable
    with pytest.raises(ServiceUnavailable) as unknown:
        charge(cards)
    assert unknown.value.extra["retry_after"] > 0
    assert charge(cards) == "pi_1"
    assert len(stripe.intents) == 1


def test_after_the_key_is_forgotten_the_search_still_knows(
    stripe: Stripe, cards: StripeCards
) -> None:
    charge(cards)
    stripe.answers.clear()
    assert charge(cards) == "pi_1"
    assert len(stripe.intents) == 1


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("pm_declined", "insufficient_funds"),
        ("pm_asks", "authentication_required"),
        ("pm_unknown", "resource_missing"),
    ],
)
def test_a_no_is_a_no_with_its_reason_however_often_asked(
    stripe: Stripe, cards: StripeCards, token: str, reason: str
) -> None:
    for forget in (False, True, False):
        if forget:
            stripe.answers.clear()
        with pytest.raises(PaymentRefused) as refused:
            charge(cards, token)
        assert refused.value.extra == {"reason": reason}


@pytest.mark.parametrize(
    "failure",
    [
        (500, {"error": {"type": "api_error", "message": "oops"}}),
        (429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "m"}}),
        (401, {"error": {"type": "invalid_request_error", "message": "bad key"}}),
        (400, {"error": {"type": "invalid_request_error", "message": "search is not for you"}}),
    ],
)
def test_what_says_nothing_of_the_charge_is_not_taken_for_a_no(
    stripe: Stripe, cards: StripeCards, failure: Any
) -> None:
    charge(cards)
    stripe.fail_with = failure
    with pytest.raises(ServiceUnavailable):
        charge(cards)
    stripe.fail_with = None
    assert charge(cards) == "pi_1"


def test_nobody_listening_is_an_unknown_outcome() -> None:
    with pytest.raises(ServiceUnavailable):
        charge(StripeCards("sk_test_1", "http://127.0.0.1:9"))


def test_a_charge_still_processing_is_asked_about_until_it_ends(
    stripe: Stripe, cards: StripeCards
) -> None:
    stripe.settles_as = "processing"
    with pytest.raises(ServiceUnavailable):
        charge(cards)
    stripe.searchable = False
    with pytest.raises(ServiceUnavailable):
        charge(cards)
    stripe.intents["pi_1"]["status"] = "succeeded"
    assert charge(cards) == "pi_1"
    assert len(stripe.intents) == 1


@pytest.mark.parametrize("forget", [True, False])
def test_a_refund_is_given_once_though_its_answer_was_lost(
    stripe: Stripe, cards: StripeCards, *, forget: bool
) -> None:
    reference = charge(cards)
    stripe.lose_answers = 1
    with pytest.raises(ServiceUnavailable):
        cards.refund("rfd_1", reference, 1000, "CAD")
    if forget:
        stripe.answers.clear()
    cards.refund("rfd_1", reference, 1000, "CAD")
    assert [r["amount"] for r in stripe.refunds.values()] == [1000]
    with pytest.raises(PaymentRefused) as refused:
        cards.refund("rfd_2", reference, 1876, "CAD")
    assert refused.value.extra == {"reason": "charge_already_refunded"}


def test_a_payment_by_stripe_survives_a_lost_answer_and_is_given_back(
    office: Any, stripe: Stripe, cards: StripeCards
) -> None:
    office.cards = cards
    invoice = office.invoice()
    stripe.lose_answers = 1
    with pytest.raises(ServiceUnavailable):
        office.pay_by_card(invoice, "same", card_token="pm_card_visa")
    assert office.reread(invoice.id).reserved == invoice.balance
    office.sweep()
    payment = office.pay_by_card(invoice, "same", card_token="pm_card_visa")
    assert (payment.status, payment.reference, len(stripe.intents)) == ("succeeded", "pi_1", 1)
    office.refund(payment, amount=invoice.balance)
    assert [r["amount"] for r in stripe.refunds.values()] == [2875]
    assert set(office.findings().values()) == {0}
