"""``python -m clinic_runtime replay --from TIME``: run where and as the service itself runs.

In its container (``docker compose exec billing …``) the service is known; elsewhere name it with
``--service`` and set what its config.yaml asks for. Exit codes: 0 done, 1 stopped on the way (the
cursor to go on from is printed), 2 not understood.
"""

import clinic_runtime.green  # noqa: F401, I001 (patches before anything else is imported)

import argparse
import importlib
import inspect
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from clinic_contracts.errors import Invalid
from clinic_runtime import feed, topology
from clinic_runtime.config import MissingSettingError, load_config
from clinic_runtime.observability import configure_logging
from clinic_runtime.rebuild import rebuild
from clinic_runtime.replay import Progress, Replay, ReplayStopped, handled_by, hands_of, producers

START = "start"


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    reader = argparse.ArgumentParser(
        prog="python -m clinic_runtime",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = reader.add_subparsers(required=True, metavar="command", dest="verb")
    replay = verbs.add_parser("replay", help="hand a consumer the events of the journals once more")
    replay.add_argument(
        "--from",
        dest="start",
        required=True,
        help=f"{START}, an instant (2026-12-01T10:00-08:00), or a cursor",
    )
    anew = verbs.add_parser("rebuild", help="make a stopped service's projections anew")
    for verb in (replay, anew):
        verb.add_argument(
            "--service", help="by default the one installed here", choices=installed()
        )
    return reader


def installed() -> list[str]:
    """Return the services that can be imported here."""
    return [name for name in topology.SERVICES if find_spec(name) and find_spec(f"{name}.service")]


def begin(text: str, services: Iterable[str]) -> feed.Reached:
    """Return where in the services' journals to begin; raises Invalid."""
    if text == START:
        return {}
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        try:
            return feed.decode(text)
        except Invalid as error:
            raise Invalid(f"neither {START}, nor an instant, nor a cursor") from error
    if since.tzinfo is None:
        raise Invalid("an instant needs an offset, such as 2026-12-01T10:00-08:00")
    return feed.begin(services, since)


def service_class(name: str) -> tuple[type, Path]:
    """Return a service's class and the configuration that lies beside its package."""
    module = importlib.import_module(f"{name}.service")
    classes = (cls for _name, cls in inspect.getmembers(module, inspect.isclass))
    found = next(cls for cls in classes if getattr(cls, "name", None) == name)
    return found, Path(str(module.__file__)).parents[1] / "config.yaml"


@dataclass
class Told:
    """How a replay went: ``stopped`` says why it did not reach its end."""

    cursor: str
    handed_over: int = 0
    stopped: str = ""


def follow(steps: Iterator[Progress], service: str, start: str) -> Told:
    """Show a replay's progress to its end."""
    # Only here: a service, which imports this package as well, has no use for it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    told, total = Told(start), 0
    with Bar(console=Console(stderr=True)) as bar:
        task = bar.add_task(f"replaying to {service}", total=None)
        try:
            for step in steps:
                total = total or step.handed_over + step.ahead
                bar.update(task, completed=total - step.ahead, total=total)
                told.cursor, told.handed_over = feed.encode(step.reached), step.handed_over
        except ReplayStopped as error:
            told.stopped = str(error)
        except KeyboardInterrupt:
            told.stopped = "interrupted"
    return told


def main(arguments: list[str]) -> int:
    """Do what the command line says; return the exit code."""
    reader = parser()
    options = reader.parse_args(arguments)
    known = installed()
    service = options.service or (known[0] if len(known) == 1 else None)
    if service is None:
        reader.error(f"say which service: --service {{{','.join(known)}}}")
    cls, path = service_class(service)
    given = options.start if options.verb == "replay" else ""
    try:
        start = begin(given, producers(cls)) if options.verb == "replay" else None
        config = load_config(path)
    except Invalid as error:
        reader.error(f"--from {given}: {error.detail}")
    except MissingSettingError as error:
        reader.error(str(error))
    configure_logging(service, "ERROR")
    if not handled_by(cls):
        reader.error(f"{service} consumes no events")
    return run(cls, config, start, given)


def run(service: type, config: dict[str, Any], start: feed.Reached | None, given: str) -> int:
    """Replay from ``start``, which was ``given`` as a text, or rebuild; return the exit code."""
    name: str = service.name  # type: ignore[attr-defined]  # nameko's convention
    try:
        with hands_of(service, config) as hands:
            if start is None:
                told = follow(rebuild(service, config, hands), name, given)
            else:
                told = follow(Replay(service, hands).run(start), name, given)
    except ReplayStopped as error:
        told = Told(given, stopped=str(error))
    if told.stopped:
        print(told.stopped, file=sys.stderr)  # noqa: T201 (a command talks)
    if start is not None:
        print(f"{told.handed_over} events handed over to {name}; go on with --from {told.cursor}")  # noqa: T201
    elif not told.stopped:
        print(f"{told.handed_over} events heard anew by {name}; it can be started")  # noqa: T201
    elif told.cursor:
        print(f"{name} is not whole: rebuild it once more before it starts")  # noqa: T201
    return 1 if told.stopped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
