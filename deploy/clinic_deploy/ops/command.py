"""What ``clinicops`` is told to do."""

import argparse
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import islice
from time import sleep

from clinic_deploy.ops.client import (
    EVENTS_A_PAGE,
    STRANGE,
    CannotAskError,
    Client,
    Document,
    connected,
)
from clinic_deploy.ops.show import COUNTS, Screen, event_line, number, part_rows, queue_rows
from clinic_deploy.ops.tzdb import tzdb

SERVICES = ("booking", "client_profile", "notification", "billing")
FOLLOW_SECONDS = 1.0
DONE, WRONG, CANNOT_ASK, INTERRUPTED = 0, 1, 3, 130
HELP = """\
Asks the gateway at CLINICOPS_URL (http://localhost:8000), known by CLINICOPS_KEY, an API key of
the role auditor or manager (tzdb --apply: manager), or by CLINICOPS_EMAIL and CLINICOPS_PASSWORD.

Exit codes: 0 done and well, 1 something is wrong with the system, 2 the command was not
understood, 3 the gateway cannot be asked, 130 interrupted.
"""


def status(client: Client, screen: Screen, _options: argparse.Namespace) -> int:
    """Show what runs, and what waits in whose queues."""
    parts = client.ready()
    screen.table(["needed", "is"], part_rows(parts))
    screen.say("")
    found = client.get("/operations/queues")
    columns = ["service", "is", *(count.replace("_", " ") for count in COUNTS)]
    screen.table(columns, queue_rows(found))
    return WRONG if found["unavailable"] or not all(parts.values()) else DONE


def parked(client: Client, screen: Screen, options: argparse.Namespace) -> int:
    """Show the events that could not be handled, the latest first."""
    rows, away = [], []
    for each in islice(client.parked(options.service), options.limit + 1):
        if "unavailable" in each:
            away = each["unavailable"]
        else:
            rows.append([each["id"], each["at"][:19], each["type"], each["subject"], each["error"]])
    if rows:
        screen.table(["id", "parked at (UTC)", "type", "subject", "why"], rows[: options.limit])
    else:
        screen.say("nothing is parked", "green")
    if len(rows) > options.limit:
        screen.note(f"there are more than these {options.limit}: --limit")
    return _tell_away(screen, away)


def retry(client: Client, screen: Screen, options: argparse.Namespace) -> int:
    """Hand parked events to their services once more: those named, or --all."""
    away: list[str] = []
    ids: list[str] = options.ids
    if options.all:
        # All of them first: one that fails again is parked again, and would never run out.
        found = list(client.parked(options.service))
        away = found[-1]["unavailable"]
        ids = [each["id"] for each in found[:-1]]
    missing = 0
    for id_ in ids:
        there = client.retry(id_)
        missing += not there
        screen.line(f"{id_}  {'handed over' if there else 'is not parked'}")
    screen.note(f"{len(ids) - missing} events handed over")
    return _tell_away(screen, away) or (WRONG if missing and not options.all else DONE)


def verify(client: Client, screen: Screen, _options: argparse.Namespace) -> int:
    """Have every service check its books; 1 when something is wrong."""
    found = client.get("/operations/verify")
    counts, away = found.pop("counts"), found.pop("unavailable")
    names = [name.replace("_", " ") for name in found]
    rows = zip(names, (number(value, alarming=True) for value in found.values()), strict=True)
    screen.table(["finding", "number"], [list(row) for row in rows])
    screen.say("")
    screen.table(
        ["there are", "number"], [[k.replace("_", " "), str(v)] for k, v in counts.items()]
    )
    return _tell_away(screen, away) or (WRONG if any(found.values()) else DONE)


def events(client: Client, screen: Screen, options: argparse.Namespace) -> int:
    """Show events, one a line, from the first one or, with --follow, from now on."""
    query: Document = {"limit": EVENTS_A_PAGE}
    if options.types:
        query["types"] = options.types
    if options.after:
        query["after"] = options.after
    elif options.since or options.follow:
        query["since"] = options.since or datetime.now(UTC).isoformat()
    try:
        return _read(client, screen, options, query)
    except KeyboardInterrupt:
        return DONE
    finally:
        if "after" in query:
            screen.note(f"go on with --after {query['after']}")


def _read(client: Client, screen: Screen, options: argparse.Namespace, query: Document) -> int:
    told: list[str] = []
    while True:
        try:
            page = client.get("/events", **query)
        except CannotAskError as error:
            if not options.follow or not error.passing:
                raise
            page = {"events": [], "more": False, "unavailable": [str(error)]}
        for event in page["events"]:
            screen.line(event_line(event, as_json=options.json))
        if page["unavailable"] != told:
            told = page["unavailable"]
            screen.note(f"away: {', '.join(told)}" if told else "all answer again")
        if "next" in page:
            query["after"] = page["next"]
            query.pop("since", None)
        if not page["more"]:
            if not options.follow:
                return WRONG if told else DONE
            sleep(FOLLOW_SECONDS)


def replay(screen: Screen, options: argparse.Namespace) -> int:
    """Replay events to a service here, where its settings are, or say how it is done there."""
    verb = ["-m", "clinic_runtime", "rebuild"] if options.rebuild else [
        "-m", "clinic_runtime", "replay", "--from", options.start]  # fmt: skip
    here = all(os.environ.get(name) for name in ("AMQP_URI", "MONGO_URI"))
    if here and find_spec(options.service):
        command = [sys.executable, *verb, "--service", options.service]
        return subprocess.run(command, check=False).returncode
    inside = " ".join(["python", *verb])
    if options.rebuild:
        screen.line(f"docker compose stop {options.service}")
        screen.line(f"docker compose run --rm {options.service} {inside}")
        screen.line(f"docker compose start {options.service}")
    else:
        screen.line(f"docker compose exec {options.service} {inside}")
    screen.note("to be run where the service runs, which alone has its accounts")
    return DONE


def _tell_away(screen: Screen, away: list[str]) -> int:
    if away:
        screen.note(f"did not answer: {', '.join(away)}")
    return WRONG if away else DONE


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    reader = argparse.ArgumentParser(
        prog="clinicops",
        description="Operates ClinicOps from a terminal.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = reader.add_subparsers(required=True, metavar="command")
    made = {}
    for command in (status, parked, retry, replay, verify, events, tzdb):
        verb = verbs.add_parser(command.__name__, help=command.__doc__)
        verb.set_defaults(command=command)
        made[command.__name__] = verb
    for name in ("parked", "retry"):
        made[name].add_argument("--service", choices=SERVICES)
    made["parked"].add_argument("--limit", type=_positive, default=50)
    made["retry"].add_argument("ids", nargs="*", metavar="ID", help="as `parked` shows it")
    made["retry"].add_argument("--all", action="store_true", help="every one, or a service's")
    made["replay"].add_argument("service", choices=SERVICES)
    how = made["replay"].add_mutually_exclusive_group(required=True)
    how.add_argument("--from", dest="start", help="start, an instant with offset, or a cursor")
    how.add_argument("--rebuild", action="store_true", help="make its projections anew")
    made["events"].add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    made["events"].add_argument("--types", help="such as booking.appointment_booked, by commas")
    begin = made["events"].add_mutually_exclusive_group()
    begin.add_argument("--after", metavar="CURSOR", help="where another reading ended")
    begin.add_argument("--since", metavar="INSTANT", help="such as 2026-12-01T10:00-08:00")
    made["events"].add_argument("--json", action="store_true", help="all of it, one JSON a line")
    which = made["tzdb"].add_mutually_exclusive_group(required=True)
    which.add_argument("--dry-run", action="store_true", help="list what would move")
    which.add_argument("--apply", action="store_true", help="move it, and have the clients told")
    return reader


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("a number from 1 on")
    return int(text)


def main(arguments: list[str]) -> int:
    """Do what the command line says; return the exit code."""
    reader = parser()
    options = reader.parse_args(arguments)
    if options.command == retry and bool(options.ids) == options.all:
        reader.error("name events to retry, or give --all")
    screen = Screen()
    try:
        if options.command == replay:
            return replay(screen, options)
        with connected(os.environ) as client:
            code: int = options.command(client, screen, options)
            return code
    except CannotAskError as error:
        screen.note(str(error))
        return CANNOT_ASK
    except (KeyError, TypeError):  # JSON, and not what was asked for
        screen.note(f"the gateway {STRANGE}")
        return CANNOT_ASK
    except KeyboardInterrupt:
        return INTERRUPTED


def run() -> None:
    """Be the console script."""
    sys.exit(main(sys.argv[1:]))
