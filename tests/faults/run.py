"""One run: the stage, the load with its faults, rest, evidence, verdict."""

import contextlib
import json
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from clinic_deploy.demo import day
from clinic_deploy.demo.api import Api
from clinic_deploy.local.system import NO_RATE_LIMITS, System
from tests.faults import collecting, load, plan, stage, verdict, victims, witness
from tests.faults.http import Connection, sign_in

PROGRESS_SECONDS = 5.0
GIVE_UP_SECONDS = 60.0
REST_SECONDS = 120.0
PACE_SECONDS = 0.2
"""Of each client: a steady load, so that what is left when the faults end is the faults' doing."""
SHOWN = 10
OK, UNAUTHENTICATED = 200, 401
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How long the faults last, the seed that decides them, how many clients ask."""

    seconds: float
    seed: int
    clients: int


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(system: System, settings: Settings, say: Say) -> tuple[dict[str, Any], bool]:
    """Return the figures, and whether anything is wrong."""
    say(f"seed {settings.seed}: FAULTS_SEED={settings.seed} repeats these faults and wishes")
    made = prepare(system, say)
    say(f"{len(made.practitioners)} practitioners, {len(made.times)} times each; "
        f"{settings.clients} clients for {settings.seconds:.0f} s")  # fmt: skip
    tally = load.Tally()
    began = time.monotonic()
    ends = began + settings.seconds
    threads = load.start(clients(system, settings, made, tally, ends))
    kills = _strike(system, settings, tally, began, say)
    for thread in threads:
        thread.join()
    effects, at_rest = rest(system, ends)
    say(f"after the faults: every effect there at {effects} s, every message at {at_rest} s")
    evidence = collecting.collect(system, tally)
    findings = verdict.judge(evidence)
    published = witness.seen(system.place)
    figures = {
        "acknowledged": len(tally.acknowledged),
        **verdict.figures(findings),
        "duplicates_absorbed": collecting.duplicates(published, evidence.journal),
        "drained_s": at_rest,
        "effects_s": effects,
        "kills": sum(kills.values()),
        "seed": settings.seed,
        "seconds": settings.seconds,
        "by_change": Counter(one.change for one in tally.acknowledged),
        "answers": tally.answers,
        "refused": tally.refused,
        "kills_by_victim": kills,
    }
    _report(system, figures, findings, say)
    return figures, bool(findings) or at_rest is None or not tally.acknowledged


def prepare(system: System, say: Say) -> stage.Stage:
    """Start the system, a witness of what is published, and the clinic."""
    said: list[str] = []

    def tell(what: str) -> None:
        if what not in said:
            said.append(what)
            say(f"starting: waiting for {what}")

    system.rate_limits = NO_RATE_LIMITS
    system.start(tell)
    witness.attach(system.place)
    return stage.build(lambda: Api(system.address, system.sign_in))


def clients(
    system: System, settings: Settings, made: stage.Stage, tally: load.Tally, ends: float
) -> list[load.Client]:
    """Return the clients, who ask until ``ends`` and insist on answers for a while longer."""
    token = sign_in(system.address, system.sign_in)
    return [
        load.Client(
            name=f"{settings.seed}-{number}",
            connection=Connection(system.address, token),
            stage=made,
            intents=plan.intents(settings.seed, number, len(made.practitioners), len(made.times)),
            tally=tally,
            ends=ends,
            pace=PACE_SECONDS,
            gives_up=ends + GIVE_UP_SECONDS,
        )
        for number in range(settings.clients)
    ]


def _strike(
    system: System, settings: Settings, tally: load.Tally, began: float, say: Say
) -> Counter[str]:
    """Kill by plan until the load ends, telling how it goes."""
    kills: Counter[str] = Counter()
    faults = plan.faults(settings.seed, settings.seconds)
    last, told, before = "none yet", began, 0
    while (passed := time.monotonic() - began) < settings.seconds:
        if faults and passed >= faults[0].at:
            fault = faults.pop(0)
            if victims.kill(system.place, fault.victim, began + settings.seconds):
                kills[fault.victim] += 1
                last = f"{fault.victim} killed at {passed:.1f} s"
        if time.monotonic() - told >= PROGRESS_SECONDS:
            done = len(tally.acknowledged)
            rate = (done - before) / (time.monotonic() - told)
            told, before = time.monotonic(), done
            say(f"{settings.seconds - passed:5.0f} s left  {done:6} acknowledged "
                f"{rate:5.0f}/s  last fault: {last}")  # fmt: skip
        time.sleep(0.05)
    return kills


def rest(system: System, since: float) -> tuple[float | None, float | None]:
    """Return how long after ``since`` every event had had its effect, and every message too.

    None what did not happen in time.
    """
    connection = Connection(system.address)
    effects = None
    while (passed := time.monotonic() - since) < REST_SECONDS:
        answer = connection.ask("GET", "/operations/verify")
        if answer.status == UNAUTHENTICATED:
            with contextlib.suppress(ConnectionError):
                connection = Connection(system.address, sign_in(system.address, system.sign_in))
        elif answer.status == OK and day.delivered(answer.body):
            effects = effects or round(passed, 1)
            if not answer.body["counts"]["messages_due"]:
                return effects, round(passed, 1)
        time.sleep(0.2)
    return effects, None


def _report(
    system: System, figures: dict[str, Any], findings: list[verdict.Finding], say: Say
) -> None:
    path = system.place.under("report.json")
    found = [asdict(finding) for finding in findings]
    path.write_text(json.dumps({**figures, "findings": found}, indent=2), encoding="utf-8")
    for finding in findings[:SHOWN]:
        say(f"  {finding.figure}: {finding.subject}: "
            f"expected {finding.expected}, found {finding.found}")  # fmt: skip
    if len(findings) > SHOWN:
        say(f"  … and {len(findings) - SHOWN} more in {path}")
