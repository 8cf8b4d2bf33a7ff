"""What every group of entrypoints stands on."""

from collections.abc import Callable
from functools import cached_property, partial

from booking import repository
from booking.holidays import Statutory
from booking.ports import Desk
from booking.recurrence import recur
from clinic_contracts.booking.offer_token import offer_token
from clinic_contracts.context import CallContext
from clinic_runtime.clock import now, tzdata_version
from clinic_runtime.config import Setting
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.operations import Operable
from clinic_runtime.outbox import Outbox
from clinic_runtime.process import OneForAll


class Entrypoints(Operable):
    """The service's database and outbox, and the desk its use cases work at."""

    name = "booking"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)
    recent = OneForAll(repository.Recent)
    offer_secret = Setting("offer_secret")

    @cached_property
    def _standing(self) -> Callable[..., Desk]:
        """What makes a desk of what differs from call to call; the rest is made once."""
        return partial(
            Desk,
            settings=repository.MongoSettings(self.database, self.recent),
            appointments=repository.MongoAppointments(self.database),
            holidays=Statutory(),
            editions=repository.MongoEditions(self.database),
            clients=repository.MongoClients(self.database),
            feeds=repository.MongoFeeds(self.database),
            bulk_moves=repository.MongoBulkMoves(self.database),
            series=repository.MongoSeries(self.database),
            recur=recur,
            usage=repository.MongoUsage(self.database),
            tzdata=tzdata_version(),
            waitlist=repository.MongoWaitlist(self.database),
            offer_token=partial(offer_token, self.offer_secret),
            derived_id=derived_id,
        )

    def _desk(self, context: CallContext) -> Desk:
        at = now()
        closures = repository.MongoClosures(self.database, self.recent, at)
        return self._standing(closures=closures, context=context, now=at)
