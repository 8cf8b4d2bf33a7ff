"""The commands behind the make targets and the containers' set-up."""

import argparse
import os
import sys
from pathlib import Path

from clinic_deploy.local import processes, running, testing
from clinic_deploy.local.paths import Place
from clinic_deploy.provision import broker, database
from clinic_deploy.provision.accounts import PasswordMissingError, from_environment

MONGOD_USER = 999
"""The user id that the public image of MongoDB runs its server as."""


def run(_: argparse.Namespace) -> int:
    """Run the system until Ctrl-C."""
    return running.run(once=False)


def once(_: argparse.Namespace) -> int:
    """Play the demo day on fresh data, print the account of it, and stop."""
    return running.run(once=True)


def stop(_: argparse.Namespace) -> int:
    """Stop what ``run`` started."""
    stopped = [processes.stop(Place(running.LOCAL / name)) for name in running.PLACES]
    print("stopped" if any(stopped) else "nothing runs here")
    return 0


def test(options: argparse.Namespace) -> int:
    """Run the tests (arguments are pytest's), on a private broker and database or those named."""
    return testing.run_tests(options.pytest)


def prepare(options: argparse.Namespace) -> int:
    """Write what broker and database need before they start: definitions, the set's key."""
    broker.write(options.folder / "rabbitmq", from_environment())
    database.write_key_file(options.folder / "mongo" / "key", owner=MONGOD_USER)
    return 0


def provision(options: argparse.Namespace) -> int:
    """Make the database's replica set and accounts; must run on the database's own host."""
    database.provision(f"127.0.0.1:{options.port}", options.member, from_environment())
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    reader = argparse.ArgumentParser(prog="python -m clinic_deploy", description=__doc__)
    verbs = reader.add_subparsers(required=True, metavar="command")
    for command in (run, once, stop, test, prepare, provision):
        verb = verbs.add_parser(command.__name__, help=command.__doc__)
        verb.set_defaults(command=command)
        if command is prepare:
            verb.add_argument("folder", type=Path)
        elif command is provision:
            verb.add_argument("member", help="host:port by which services reach the database")
            verb.add_argument("--port", default=os.environ.get("MONGO_PORT", "27017"))
    return reader


def main(arguments: list[str]) -> int:
    """Do what the command line says; return the exit code."""
    reader = parser()
    options, rest = reader.parse_known_args(arguments)
    if rest and options.command is not test:
        reader.error(f"not understood: {' '.join(rest)}")
    options.pytest = rest
    try:
        return int(options.command(options))
    except (PasswordMissingError, database.DatabaseNotReadyError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
