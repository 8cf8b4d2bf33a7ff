"""Runs one service as a process: ``python -m booking``. SIGTERM drains, with a hard deadline."""

import gc
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.runners import ServiceRunner

from clinic_runtime.config import MissingSettingError, load_config
from clinic_runtime.health import readiness, serve_health
from clinic_runtime.observability import configure_logging, get_logger

log = get_logger(__name__)
DRAIN_SECONDS = 10
GARBAGE_THRESHOLD = 10_000


def run(service: type, config_path: Path) -> None:
    """Run ``service`` until SIGTERM or SIGINT; exits 1 when a setting is missing."""
    name: str = service.name  # type: ignore[attr-defined]  # nameko's convention
    configure_logging(name, os.environ.get("CLINIC_LOG_LEVEL", "INFO"))
    try:
        config = load_config(config_path)
    except MissingSettingError as error:
        sys.exit(str(error))
    runner = ServiceRunner(config)
    runner.add_service(service)
    container = runner.service_map[name]
    if int(config.get("health_port") or 0):
        serve_health(int(config["health_port"]), lambda: readiness(container))
    started = Event()
    _stop_on_signal(runner, started)
    runner.start()
    started.send(None)
    _collect_garbage_rarely()
    log.info("service.started", pid=os.getpid())
    runner.wait()
    log.info("service.stopped")


def _collect_garbage_rarely() -> None:
    """Look for cycles every 10,000 objects instead of 700, and not among what starting made.

    That stays for good and is most of what a collection would go through each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)


def _stop_on_signal(runner: Any, started: Event) -> None:  # noqa: ANN401 (nameko is untyped)
    told, teller = socket.socketpair()
    teller.setblocking(False)

    def stop() -> None:
        told.recv(1)
        if not started.ready():
            os._exit(0)  # still waiting for broker or database: nothing is in hand
        eventlet.spawn_after(DRAIN_SECONDS, os._exit, 1)  # a drain that hangs must still end
        runner.stop()

    # A byte that arrives wakes the hub, which would notice a mere signal at its next timer only.
    signal.set_wakeup_fd(teller.fileno())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: teller)  # which keeps the socket from being collected
    eventlet.spawn(stop)
