"""Gift cards, packages and deposits."""

from billing import sweeping
from billing.entrypoints.base import Entrypoints
from billing.use_cases import refunding, selling
from clinic_contracts.billing import operations as op
from clinic_contracts.billing import prepaid as c
from clinic_contracts.billing.payments import RefundView
from clinic_contracts.context import CallContext
from clinic_runtime.clock import now
from clinic_runtime.rpc import command
from clinic_runtime.timers import every

EXPIRY_SECONDS = 60.0


class Prepaid(Entrypoints):
    """What clients pay in advance."""

    @every(EXPIRY_SECONDS)
    def expire_packages(self) -> None:
        """Take what is left of packages whose last day is over."""
        sweeping.expire(self.database, self._desk, now())

    @command(op.SELL_GIFT_CARD)
    def sell_gift_card(self, request: c.SellGiftCard, context: CallContext) -> c.PrepaidView:
        """Sell a gift card."""
        return selling.sell_gift_card(request, self._desk(context))

    @command(op.SELL_PACKAGE)
    def sell_package(self, request: c.SellPackage, context: CallContext) -> c.PrepaidView:
        """Sell a package of visits."""
        return selling.sell_package(request, self._desk(context))

    @command(op.TAKE_DEPOSIT)
    def take_deposit(self, request: c.TakeDeposit, context: CallContext) -> c.PrepaidView:
        """Ask for a deposit."""
        return selling.take_deposit(request, self._desk(context))

    @command(op.GET_PREPAID)
    def get_prepaid(self, request: c.GetPrepaid, context: CallContext) -> c.PrepaidView:
        """Return a gift card, package or deposit."""
        return selling.get_prepaid(request.prepaid_id, self._desk(context))

    @command(op.LIST_PREPAID)
    def list_prepaid(self, request: c.ListPrepaid, context: CallContext) -> c.PrepaidPage:
        """Return a page of a client's gift cards, packages and deposits."""
        return selling.list_prepaid(request, self._desk(context))

    @command(op.REFUND_PREPAID)
    def refund_prepaid(self, request: c.RefundPrepaid, context: CallContext) -> RefundView:
        """Give back what is left of a gift card, package or deposit."""
        return refunding.refund_prepaid(request, self._desk(context))
