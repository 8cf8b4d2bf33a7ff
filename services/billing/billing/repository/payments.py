"""Payments, refunds and receipts within one transaction."""

from billing.repository.collections import Document
from billing.repository.transaction import Transaction
from clinic_contracts.billing import requests as r
from clinic_contracts.billing.payments import RefundView
from clinic_contracts.trusted import dump, read

UNDER_WAY = ("card_token", "context", "asked_at")
"""What is kept of a payment or refund until the card's processor has answered."""


class PaymentBooks(Transaction):
    """The part of the books that money comes and goes by."""

    __slots__ = ()

    def payment(self, id_: str) -> r.PaymentView | None:
        """Return one, or None."""
        found = self._one("payments", id_)
        return None if found is None else read(r.PaymentView, found["state"])

    def refund(self, id_: str) -> RefundView | None:
        """Return one, or None."""
        found = self._one("refunds", id_)
        return None if found is None else read(RefundView, found["state"])

    def receipt(self, id_: str) -> r.ReceiptView | None:
        """Return one, or None."""
        found = self._one("receipts", id_)
        return None if found is None else read(r.ReceiptView, found["state"])

    def add_payment(self, payment: r.PaymentView, token: str) -> None:
        """Insert a card payment under way; the token is kept until the payment ends."""
        row = {
            "_id": payment.id,
            "state": dump(payment),
            "card_token": token,
            "context": self.context.to_wire(),
            "asked_at": payment.created_at,
        }
        self.database["payments"].insert_one(row, session=self.session)

    def end_payment(self, payment: r.PaymentView) -> None:
        """Record a payment that succeeded or was canceled, new or under way until now."""
        self._end("payments", payment.id, dump(payment))

    def save_payment(self, payment: r.PaymentView) -> None:
        """Record what changed of a payment that has ended."""
        self.database["payments"].update_one(
            {"_id": payment.id}, {"$set": {"state": dump(payment)}}, session=self.session
        )

    def begin_refund(self, refund: RefundView) -> None:
        """Insert a refund of a card payment under way."""
        row = {
            "_id": refund.id,
            "state": dump(refund),
            "context": self.context.to_wire(),
            "asked_at": refund.created_at,
        }
        self.database["refunds"].insert_one(row, session=self.session)

    def end_refund(self, refund: RefundView) -> None:
        """Record a refund that succeeded or failed, new or under way until now."""
        self._end("refunds", refund.id, dump(refund))

    def add_receipt(self, receipt: r.ReceiptView) -> None:
        """Insert a receipt."""
        row = {
            "_id": receipt.id,
            "location_id": receipt.location_id,
            "number": receipt.number,
            "state": dump(receipt),
        }
        self.database["receipts"].insert_one(row, session=self.session)

    def _end(self, name: str, id_: str, state: Document) -> None:
        self.database[name].update_one(
            {"_id": id_},
            {"$set": {"state": state}, "$unset": dict.fromkeys(UNDER_WAY, "")},
            upsert=True,
            session=self.session,
        )
