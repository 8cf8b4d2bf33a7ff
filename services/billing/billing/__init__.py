"""billing: invoices, payments, receipts, claims and the ledger."""
