"""``make run``: the system, its demo data and day, until Ctrl-C (or once, for a check)."""

import json
import shutil
import signal
import subprocess
import time
from typing import Any

from rich.console import Console
from rich.progress import Progress

from clinic_deploy.demo import claims, clinics, day
from clinic_deploy.demo.api import Api
from clinic_deploy.local.paths import ROOT, Place
from clinic_deploy.local.processes import stop
from clinic_deploy.local.system import System

LOCAL = ROOT / ".local"
PLACES = ("run", "once", "bench")


def run(*, once: bool) -> int:
    """Run the system; return 0 when, in ``once``, every invariant held."""
    place = Place(LOCAL / ("once" if once else "run"))
    if once:
        stop(place)
        shutil.rmtree(place.folder, ignore_errors=True)
    system = System(place, place.folder / "mail" if once else LOCAL / "mail")
    for number in (signal.SIGINT, signal.SIGTERM):  # even where a shell left SIGINT ignored
        signal.signal(number, _interrupt)
    try:
        supervisor = _start(system)
        api = Api(system.address, system.sign_in)
        told = _play(api, place, once=once)
        _tell(system, told)
        if once:
            return _verdict(told)
        print("\nCtrl-C stops it.", flush=True)
        supervisor.wait()
    except KeyboardInterrupt:
        print("stopping …", flush=True)
    finally:
        stop(place)
    return 0


def _start(system: System) -> subprocess.Popen[bytes]:
    began = time.monotonic()
    with Console().status("starting") as status:
        supervisor = system.start(lambda what: status.update(f"starting: waiting for {what}"))
    print(f"up after {time.monotonic() - began:.1f} s", flush=True)
    return supervisor


UNSETTLED = """  Some events have not had their effect everywhere. After an upgrade, hand a service
  what it has learned to hear: make replay SERVICE=client_profile FROM=start"""


def _play(api: Api, place: Place, *, once: bool) -> dict[str, int]:
    done = place.under("demo-day-played")
    if not done.exists():
        with Progress() as progress:
            making = progress.add_task("making three clinics", total=clinics.size())
            demo = clinics.make(api, lambda: progress.advance(making))
            sending = progress.add_task("sending claims", total=claims.CLAIMS)
            claims.play(api, demo, lambda: progress.advance(sending))
            playing = progress.add_task("playing a day", total=day.STEPS)
            day.play(api, demo, lambda: progress.advance(playing))
            progress.update(playing, completed=day.STEPS)
        done.touch()
    states = claims.decided(api)
    return day.with_claims(day.account(_settled(api, once=once)), states)


def _settled(api: Api, *, once: bool) -> dict[str, Any]:
    """Return the system's account once all is at rest, or as it is where it need not be proved.

    Data of an older release may have events that a service has learned to hear since.
    """
    try:
        return day.settle(api)
    except TimeoutError:
        if once:
            raise
    print(UNSETTLED)
    found: dict[str, Any] = api.get("/operations/verify")
    return found


def _tell(system: System, told: dict[str, int]) -> None:
    print(f"\n  {system.address}   (API: {system.address}/docs)")
    print(f"  sign in as {system.sign_in['email']} with {system.sign_in['password']}")
    print(f"  mail is kept in {system.mail.relative_to(ROOT)}, "
          f"logs in {system.place.under('log').relative_to(ROOT)}\n")  # fmt: skip
    for name, number in told.items():
        print(f"  {name.replace('_', ' '):26} {number:6}")


def _verdict(told: dict[str, int]) -> int:
    found = day.faults(told)
    for fault in found:
        print(f"  WRONG: {fault}")
    print(json.dumps(told), flush=True)
    return 1 if found else 0


def _interrupt(_signum: int, _frame: Any) -> None:  # noqa: ANN401
    raise KeyboardInterrupt
