"""What is done to invoices besides paying them."""

from dataclasses import dataclass

from clinic_contracts.constraints import Note, PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidInvoice:
    """Call an invoice off, while nothing was paid or claimed on it."""

    invoice_id: PathId
    reason: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class RebillInvoice:
    """Bill a visit to the payers that take it by what is known now, such as a claim accepted later.

    What the client has paid of it is refunded first.
    """

    invoice_id: PathId
