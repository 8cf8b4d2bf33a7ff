"""A process that books at random from many threads at once, and says what was acknowledged.

Arguments: the URI, the database's name, a seed, and per kind of contested resource its location
and treatment. It goes on until it is killed or the attempts are used up.
"""

import clinic_runtime.green  # noqa: F401, I001 (before anything else: it patches what follows)

import random
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from booking.testing import context, desk_on
from booking.use_cases import appointments
from clinic_contracts.booking.requests import BookAppointment
from clinic_contracts.errors import SlotTaken
from clinic_runtime.mongo import connect

THREADS = 8
ATTEMPTS = 48


def main(uri: str, name: str, seed: str, *contested: str) -> None:
    """Book until the attempts are used up; a line for each visit got: its kind and id."""
    database = connect(uri, "writer")[name]
    kinds = [each.split(",") for each in contested]

    def book(thread: int) -> None:
        chance = random.Random(f"{seed} {thread}")  # noqa: S311 (not cryptography)
        for attempt in range(ATTEMPTS):
            kind, location, treatment = kinds[attempt % len(kinds)]
            wait = timedelta(days=chance.randrange(4), minutes=chance.randrange(0, 6 * 60, 5))
            request = BookAppointment(
                location_id=location,
                treatment_id=treatment,
                client_id="cli_1" if kind == "client" else f"cli_{seed}{thread}{attempt}",
                local_start=datetime(2026, 12, 1, 9) + wait,
            )
            try:
                booked = appointments.book_appointment(request, desk_on(database, context()))
            except SlotTaken:
                continue
            print(kind, booked.id, flush=True)  # noqa: T201 (what the test reads)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(book, range(THREADS)))


if __name__ == "__main__":
    main(*sys.argv[1:])
