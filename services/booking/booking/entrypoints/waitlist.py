"""The waitlist, the offers made to those on it, and its timers."""

from booking import sweeping
from booking.entrypoints.base import Entrypoints
from booking.use_cases import offers, rounds, waitlist
from clinic_contracts.booking import operations as op
from clinic_contracts.booking import waitlist as w
from clinic_contracts.booking.events import (
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentMoved,
)
from clinic_contracts.booking.requests import AppointmentView
from clinic_contracts.context import CallContext
from clinic_contracts.envelope import Event
from clinic_runtime.events import handles
from clinic_runtime.rpc import command
from clinic_runtime.timers import every


class Waitlist(Entrypoints):
    """Who waits for a time, and who gets the one that became free."""

    @handles(AppointmentCancelled, AppointmentMissed, AppointmentMoved)
    def offer_freed_time(self, event: Event) -> None:
        """Offer a time that a visit left free."""
        rounds.time_freed(event, self._desk(event.caused()))

    @every(1.0)
    def advance_rounds(self) -> None:
        """Go on with rounds whose offers nobody accepted in time."""
        sweeping.advance_rounds(self._desk)

    @every(60.0)
    def expire_entries(self) -> None:
        """Take off the list whose last day is over."""
        sweeping.expire_entries(self._desk)

    @command(op.JOIN_WAITLIST)
    def join_waitlist(self, request: w.JoinWaitlist, context: CallContext) -> w.WaitlistEntry:
        """Have a client wait for a time."""
        return waitlist.join_waitlist(request, self._desk(context))

    @command(op.GET_WAITLIST_ENTRY)
    def get_waitlist_entry(
        self, request: w.GetWaitlistEntry, context: CallContext
    ) -> w.WaitlistEntry:
        """Return an entry with its record."""
        return waitlist.get_entry(request.entry_id, self._desk(context))

    @command(op.LIST_WAITLIST)
    def list_waitlist(self, request: w.ListWaitlist, context: CallContext) -> w.WaitlistPage:
        """Return a page of a location's waitlist."""
        return waitlist.list_waitlist(request, self._desk(context))

    @command(op.WITHDRAW_WAITLIST_ENTRY)
    def withdraw_waitlist_entry(
        self, request: w.WithdrawWaitlistEntry, context: CallContext
    ) -> w.WaitlistEntry:
        """Have a client wait no longer."""
        return waitlist.withdraw(request, self._desk(context))

    @command(op.GET_OFFER)
    def get_offer(self, request: w.GetOffer, context: CallContext) -> w.OfferView:
        """Return what a link offers."""
        return offers.get_offer(request.token, self._desk(context))

    @command(op.ACCEPT_OFFER)
    def accept_offer(self, request: w.AcceptOffer, context: CallContext) -> AppointmentView:
        """Make an offered time the client's."""
        return offers.accept_offer(request.token, self._desk(context)).view()

    @command(op.DECLINE_OFFER)
    def decline_offer(self, request: w.DeclineOffer, context: CallContext) -> w.OfferView:
        """Leave an offered time to the next."""
        return offers.decline_offer(request.token, self._desk(context))

    @command(op.REPORT_WAITLIST)
    def report_waitlist(self, request: w.ReportWaitlist, context: CallContext) -> w.WaitlistReport:
        """Return what became of the times given up."""
        return waitlist.report_waitlist(request, self._desk(context))
