"""The rules of billing: rounding, tax, the split of a fee, invoices, the ledger."""
