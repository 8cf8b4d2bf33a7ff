"""What every group of entrypoints stands on."""

from billing import repository
from billing.cards import SimulatedCards
from billing.ports import Desk
from billing.rules import tax_rules
from clinic_contracts.billing import requests as r
from clinic_contracts.context import CallContext
from clinic_runtime.clock import now
from clinic_runtime.ids import derived_id
from clinic_runtime.mongo import MongoDatabase
from clinic_runtime.operations import Operable
from clinic_runtime.outbox import Outbox


class Entrypoints(Operable):
    """The service's database and outbox, and the desk its use cases work at."""

    name = "billing"
    database = MongoDatabase(repository.ensure)
    outbox = Outbox(*repository.OUTBOXES)
    projections = repository.PROJECTIONS

    def _desk(self, context: CallContext) -> Desk:
        return Desk(
            transact=lambda work: repository.transact(self.database, context, work),
            records=repository.MongoRecords(self.database),
            rules=tax_rules(),
            cards=SimulatedCards(),
            receipt_pdf=_receipt_pdf,
            context=context,
            now=now(),
            derived_id=derived_id,
        )


def _receipt_pdf(receipt: r.ReceiptView, *, duplicate: bool) -> bytes:
    # Only here, since its library takes 20 MB that a process which prints nothing can spare.
    from billing import printing  # noqa: PLC0415

    return printing.receipt_pdf(receipt, duplicate=duplicate)
