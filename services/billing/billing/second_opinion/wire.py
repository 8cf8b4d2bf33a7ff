"""The bounds that the service and the worker agree on."""

MOST_BYTES = 5_000_000
MOST_ANSWER = 200_000
MOST_MEMORY = 1 << 30
SECONDS = 20
"""For one file; pyx12 takes about 1 s for 150 claims."""
IDLE_SECONDS = 120
"""After these the worker ends; the next file starts another."""
