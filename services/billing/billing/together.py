"""Visits fulfilled while others are being invoiced, which are invoiced together next."""

from collections.abc import Callable, Sequence

from billing.ports import Desk
from billing.use_cases.invoicing import Fulfilled, invoice_visits
from clinic_contracts.context import CallContext
from clinic_runtime.grouped import Grouped
from clinic_runtime.mongo import is_away

Visits = Grouped[Fulfilled, None]


def visits(desk_of: Callable[[CallContext], Desk]) -> Visits:
    """Return what invoices a visit handed in; raises to who did why it is not invoiced.

    One transaction at a time: two at once that number invoices of one location conflict, and the
    database has one of them start over.
    """

    def invoice(fulfilled: Sequence[Fulfilled]) -> Sequence[Exception | None]:
        try:
            return invoice_visits(fulfilled, desk_of(fulfilled[0].context))
        except Exception as error:
            if len(fulfilled) == 1 or is_away(error):
                raise
        # Refused as a whole: one by one, only the one it is about is refused.
        return [outcome for each in fulfilled for outcome in alone(each)]

    def alone(fulfilled: Fulfilled) -> Sequence[Exception | None]:
        try:
            return invoice([fulfilled])
        except Exception as error:  # noqa: BLE001 (told to the one it is about)
            return [error]

    return Grouped(invoice)
