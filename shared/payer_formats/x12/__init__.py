"""ASC X12 5010 as health payers and clearing houses use it."""
