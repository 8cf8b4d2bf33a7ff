"""The commands behind the make targets and the containers' set-up."""

import argparse
import os
import sys
from pathlib import Path

from clinic_deploy.local import processes, running, testing
from clinic_deploy.local.paths import Place
from clinic_deploy.local.system import System
from clinic_deploy.ops import command
from clinic_deploy.provision import broker, database
from clinic_deploy.provision.accounts import PasswordMissingError, from_environment
from clinic_runtime import topology, trail

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
    return testing.run_tests(options.rest)


def ops(options: argparse.Namespace) -> int:
    """Run ``clinicops`` (arguments are its own), signed in at what ``run`` started."""
    system = _here()
    given = {name: os.environ[name] for name in os.environ if name.startswith("CLINICOPS_")}
    by_default = {
        "CLINICOPS_URL": system.address,
        "CLINICOPS_EMAIL": system.sign_in["email"],
        "CLINICOPS_PASSWORD": system.sign_in["password"],
    }
    os.environ.update(by_default | given)
    return command.main(options.rest)


def replay(options: argparse.Namespace) -> int:
    """Hand a service of what ``run`` started its events once more."""
    os.environ.update(_here().environment(options.service))
    return command.main(["replay", options.service, "--from", options.start])


def _here() -> System:
    place = Place(running.LOCAL / "run")
    if processes.supervisor_of(place) is None:
        sys.exit("nothing runs here: make run")
    return System(place, running.LOCAL / "mail")


def prepare(options: argparse.Namespace) -> int:
    """Write what broker and database need before they start: definitions, the set's key."""
    broker.write(options.folder / "rabbitmq", from_environment())
    database.write_key_file(options.folder / "mongo" / "key", owner=MONGOD_USER)
    return 0


def provision(options: argparse.Namespace) -> int:
    """Make the database's replica set and accounts; must run on the database's own host."""
    local = f"127.0.0.1:{options.port}"
    database.provision(local, options.member, from_environment(), options.audit_days)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    reader = argparse.ArgumentParser(prog="python -m clinic_deploy", description=__doc__)
    verbs = reader.add_subparsers(required=True, metavar="command")
    for each in (run, once, stop, test, ops, replay, prepare, provision):
        verb = verbs.add_parser(each.__name__, help=each.__doc__, add_help=each is not ops)
        verb.set_defaults(command=each)
        if each is replay:
            verb.add_argument("service", choices=topology.SERVICES)
            verb.add_argument("--from", dest="start", required=True)
        elif each is prepare:
            verb.add_argument("folder", type=Path)
        elif each is provision:
            verb.add_argument("member", help="host:port by which services reach the database")
            verb.add_argument("--port", default=os.environ.get("MONGO_PORT", "27017"))
            days = os.environ.get("CLINIC_AUDIT_DAYS") or trail.KEPT_DAYS
            verb.add_argument("--audit-days", type=int, default=days)
    return reader


def main(arguments: list[str]) -> int:
    """Do what the command line says; return the exit code."""
    reader = parser()
    options, rest = reader.parse_known_args(arguments)
    if rest and options.command not in (test, ops):
        reader.error(f"not understood: {' '.join(rest)}")
    options.rest = rest
    try:
        return int(options.command(options))
    except (PasswordMissingError, database.DatabaseNotReadyError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
