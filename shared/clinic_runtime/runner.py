"""Runs one service as a process: ``python -m booking``. SIGTERM drains, with a hard deadline."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import eventlet
from nameko.runners import ServiceRunner

from clinic_runtime.config import MissingSettingError, load_config
from clinic_runtime.health import readiness, serve_health
from clinic_runtime.observability import configure_logging, get_logger

log = get_logger(__name__)
DRAIN_SECONDS = 10


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
    _stop_on_signal(runner)
    runner.start()
    log.info("service.started", pid=os.getpid())
    runner.wait()
    log.info("service.stopped")


def _stop_on_signal(runner: Any) -> None:  # noqa: ANN401 (nameko is untyped)
    def stop(_signum: int, _frame: Any) -> None:  # noqa: ANN401
        eventlet.spawn_after(DRAIN_SECONDS, os._exit, 1)  # a drain that hangs must still end
        eventlet.spawn_n(runner.stop)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
