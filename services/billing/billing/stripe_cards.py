"""Cards by Stripe: payment intents, confirmed at once, and refunds, each by the id it has here.

Sources: Stripe API reference, "Idempotent requests" (a key is kept for at least 24 hours),
"PaymentIntents", "Search" (data is there within a minute), "Errors". The key covers the first day
and the search, by the id that stands in the intent's metadata, every later one, so that asking
again never charges again.
"""

from typing import TYPE_CHECKING, Any

from clinic_contracts.errors import PaymentRefused, ServiceUnavailable
from clinic_runtime.observability import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    import stripe

log = get_logger(__name__)
TIMEOUT_SECONDS = 20
RETRY_AFTER = 10
OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
"""Statuses in which the card was not charged and, unconfirmed, never will be."""
REFUND_FAILED = frozenset({"failed", "canceled", "requires_action"})


class StripeCards:
    """The card port at Stripe. Tokens are payment methods, ``pm_…``."""

    def __init__(self, key: str, url: str = "") -> None:
        """Take the secret key and, for a stand-in of Stripe, its address."""
        # Only here: a process without a key does without its 20 MB.
        import stripe  # noqa: PLC0415

        self._errors = stripe
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": url} if url else {},
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
            max_network_retries=0,  # whoever asked asks again, by the same id
        )

    def charge(self, payment_id: str, token: str, minor: int, currency: str) -> str:
        """Take the money, once per ``payment_id``; see ``ports.Cards``."""
        intents = self._client.v1.payment_intents
        intent = self._looked_up(lambda: self._known(payment_id))
        if intent is None:
            intent = self._asked(
                lambda: intents.create(
                    {
                        "amount": minor,
                        "currency": currency.lower(),
                        "payment_method": token,
                        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                        "confirm": True,
                        # Nobody at a desk can answer a bank's question to the cardholder.
                        "error_on_requires_action": True,
                        "metadata": {"payment_id": payment_id},
                    },
                    {"idempotency_key": payment_id},
                )
            )
        if intent.status == "processing":
            # What a key repeats is its first answer, so how it stands now is asked by its id.
            id_ = intent.id
            intent = self._looked_up(lambda: intents.retrieve(id_))
        return _charged(intent)

    def refund(self, refund_id: str, reference: str, minor: int, currency: str) -> None:  # noqa: ARG002 (the port's shape)
        """Give back money of the intent ``reference``, once per ``refund_id``."""
        refunds = self._client.v1.refunds
        found = self._looked_up(lambda: self._given(refund_id, reference))
        refund = found or self._asked(
            lambda: refunds.create(
                {
                    "payment_intent": reference,
                    "amount": minor,
                    "metadata": {"refund_id": refund_id},
                },
                {"idempotency_key": refund_id},
            )
        )
        if refund.status in REFUND_FAILED:
            reason = getattr(refund, "failure_reason", None) or refund.status
            raise PaymentRefused("the refund was refused", reason=str(reason))

    def _known(self, payment_id: str) -> "stripe.PaymentIntent | None":
        query = f"metadata['payment_id']:'{payment_id}'"
        found = self._client.v1.payment_intents.search({"query": query, "limit": 1}).data
        return found[0] if found else None

    def _given(self, refund_id: str, reference: str) -> "stripe.Refund | None":
        found = self._client.v1.refunds.list({"payment_intent": reference, "limit": 100}).data
        return next((each for each in found if _metadata(each, "refund_id") == refund_id), None)

    def _asked(self, ask: "Callable[[], Any]") -> Any:  # noqa: ANN401 (what was asked for)
        """Return Stripe's answer; raises PaymentRefused for a no, ServiceUnavailable for none."""
        try:
            return ask()
        except self._errors.CardError as error:
            raise PaymentRefused("the card was declined", reason=_reason(error)) from error
        except self._errors.InvalidRequestError as error:
            raise PaymentRefused("the processor refuses this", reason=_reason(error)) from error
        except self._errors.StripeError as error:  # no answer, too many, our key, their fault
            raise _unavailable(error) from error

    def _looked_up(self, look: "Callable[[], Any]") -> Any:  # noqa: ANN401 (what was looked up)
        """Return Stripe's answer; a look-up that fails says nothing of whether it charged."""
        try:
            return look()
        except self._errors.StripeError as error:
            raise _unavailable(error) from error


def _charged(intent: "stripe.PaymentIntent") -> str:
    if intent.status == "succeeded":
        return str(intent.id)
    if intent.status in OPEN or intent.status == "canceled":
        error = intent.last_payment_error
        reason = error and (getattr(error, "decline_code", None) or getattr(error, "code", None))
        raise PaymentRefused("the card was declined", reason=str(reason or intent.status))
    raise ServiceUnavailable("the card is still being charged", retry_after=RETRY_AFTER)


def _metadata(record: "stripe.Refund", name: str) -> str | None:
    return None if record.metadata is None else record.metadata.to_dict().get(name)


def _unavailable(error: Exception) -> ServiceUnavailable:
    log.warning("stripe.unavailable", error=type(error).__name__)
    detail = "the card's processor did not answer; try again"
    return ServiceUnavailable(detail, retry_after=RETRY_AFTER)


def _reason(error: "stripe.StripeError") -> str:
    described = getattr(error, "error", None)
    return str(getattr(described, "decline_code", None) or error.code or "refused")
