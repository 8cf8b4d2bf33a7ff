"""Payments and their receipts."""

from billing import card_events, stripe_events, sweeping
from billing.entrypoints.base import Entrypoints
from billing.use_cases import correcting, payer_files, paying, records, refunding
from clinic_contracts.billing import card_events as e
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import payments as p
from clinic_contracts.billing import requests as r
from clinic_contracts.context import CallContext
from clinic_contracts.errors import NotFound
from clinic_runtime.clock import now
from clinic_runtime.rpc import command
from clinic_runtime.timers import every

SWEEP_SECONDS = 5.0


class Payments(Entrypoints):
    """Money that clients pay."""

    @every(SWEEP_SECONDS)
    def resume_payments(self) -> None:
        """Go on with the card payments and refunds that a process left when it ended."""
        sweeping.resume_payments(self.database, self._desk, now())
        sweeping.resume_refunds(self.database, self._desk, now())

    @command(op.TAKE_CARD_EVENT)
    def take_card_event(self, request: e.TakeCardEvent, _context: CallContext) -> e.CardEventTaken:
        """Take what Stripe tells of a payment or refund."""
        secret = str(self.stripe_webhook_secret)
        if not secret:
            raise NotFound("no events are taken: CLINIC_STRIPE_WEBHOOK_SECRET is not set")
        body = payer_files.content(request)
        event = stripe_events.read(body, request.signature, secret, now())
        return card_events.take(event, self.database, self._desk, now())

    @command(op.PAY_INVOICE)
    def pay_invoice(self, request: r.PayInvoice, context: CallContext) -> r.PaymentView:
        """Take a payment."""
        return paying.pay_invoice(request, self._desk(context))

    @command(op.GET_PAYMENT)
    def get_payment(self, request: p.GetPayment, context: CallContext) -> r.PaymentView:
        """Return a payment."""
        return records.get_payment(request.payment_id, self._desk(context))

    @command(op.LIST_PAYMENTS)
    def list_payments(self, request: p.ListPayments, context: CallContext) -> p.PaymentList:
        """Return what was paid on an invoice, and given back."""
        return records.list_payments(request, self._desk(context))

    @command(op.REFUND_PAYMENT)
    def refund_payment(self, request: p.RefundPayment, context: CallContext) -> p.RefundView:
        """Give back a payment or part of it."""
        return refunding.refund_payment(request, self._desk(context))

    @command(op.GET_REFUND)
    def get_refund(self, request: p.GetRefund, context: CallContext) -> p.RefundView:
        """Return a refund."""
        return refunding.get_refund(request.refund_id, self._desk(context))

    @command(op.GET_RECEIPT)
    def get_receipt(self, request: r.GetReceipt, context: CallContext) -> r.ReceiptView:
        """Return a receipt."""
        return records.get_receipt(request.receipt_id, self._desk(context))

    @command(op.CORRECT_RECEIPT)
    def correct_receipt(self, request: p.CorrectReceipt, context: CallContext) -> r.ReceiptView:
        """Reverse a receipt and issue another in its place, with the names as they are now."""
        return correcting.correct_receipt(request, self._desk(context))

    @command(op.PRINT_RECEIPT)
    def print_receipt(self, request: p.PrintReceipt, context: CallContext) -> r.ReceiptDocument:
        """Return a receipt as a PDF or as HTML; every print after the first says DUPLICATE."""
        return records.print_receipt(request, self._desk(context))
