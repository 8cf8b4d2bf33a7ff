"""``clinicops``: the system operated from a terminal, over its public API."""
