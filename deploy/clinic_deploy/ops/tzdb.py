"""``clinicops tzdb``: what a release of the zone data moves, shown or applied."""

import argparse
from collections.abc import Iterable

from clinic_deploy.ops.client import Client, Document
from clinic_deploy.ops.show import Screen

DONE, WRONG = 0, 1
ROW = "{:<30}  {:<30}  {:<30}  {:<16}  {:<20}  {:>6}  {:>6}  {:>7}  {}"
HEADER = ROW.format(
    "visit", "location", "client", "on the wall", "zone", "was", "is now", "minutes", "in its way"
)
SKIPPED = "the clock skips that time"


def tzdb(client: Client, screen: Screen, options: argparse.Namespace) -> int:
    """Show which visits a release of the zone data moves (--dry-run), or move them (--apply).

    1 when some cannot be moved.
    """
    examined, moving, stuck, edition = 0, 0, 0, ""
    for page in client.tzdb(apply=options.apply):
        rows = page["moved"] + page["left"] if options.apply else page["items"]
        if rows and not moving + stuck:
            screen.line(HEADER)
        for row in rows:
            screen.line(_line(row))
        edition, examined = page["edition"], examined + page["examined"]
        hindered = len(page["left"]) if options.apply else _hindered(rows)
        moving, stuck = moving + len(rows) - hindered, stuck + hindered
        screen.progress(f"{examined:,} examined, {moving:,} {_done(options)}, {stuck:,} cannot be")
    screen.progress("")
    screen.say(f"{moving:,} visits {_done(options)} by the zone data {edition}")
    if stuck:
        screen.say(f"{stuck:,} cannot be moved as they stand: see to them by hand", "bold red")
    return WRONG if stuck else DONE


def _done(options: argparse.Namespace) -> str:
    return "moved" if options.apply else "would be moved"


def _hindered(rows: Iterable[Document]) -> int:
    return sum(row["becomes"] is None or bool(row["conflicts"]) for row in rows)


def _line(row: Document) -> str:
    becomes, minutes, in_its_way = "-", "-", SKIPPED
    if row["becomes"] is not None:
        becomes, minutes = row["becomes"][-6:], f"{row['minutes']:+d}"
        in_its_way = " ".join(row["conflicts"])
    ids = (row["id"], row["location_id"], row["client_id"])
    return ROW.format(
        *ids, row["local_start"], row["timezone"], row["was"][-6:], becomes, minutes, in_its_way
    ).rstrip()
