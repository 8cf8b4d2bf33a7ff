"""What an administrator can do to the private broker."""

import subprocess
from pathlib import Path

from clinic_deploy.local import rabbitmq
from clinic_deploy.local.paths import Place

CONTROL = Path("/usr/lib/rabbitmq/bin/rabbitmqctl")
NORMAL_MEMORY = "0.4"
NO_MEMORY = "0.00001"


def control(place: Place, *arguments: str) -> str:
    """Run ``rabbitmqctl`` and return what it says; raises CalledProcessError."""
    program = str(CONTROL) if CONTROL.exists() else "rabbitmqctl"
    return subprocess.run(
        [program, "-n", "clinic@localhost", *arguments],
        env=rabbitmq.environment(place),
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def stop(place: Place) -> None:
    """Stop the broker: its connections end, its port is closed. Its Erlang machine stays."""
    control(place, "stop_app")


def start(place: Place) -> None:
    """Have it come back."""
    control(place, "start_app")


def fill(place: Place) -> None:
    """Raise the memory alarm: it reads no more from any connection that publishes."""
    control(place, "set_vm_memory_high_watermark", NO_MEMORY)


def relieve(place: Place) -> None:
    """End the alarm."""
    control(place, "set_vm_memory_high_watermark", NORMAL_MEMORY)


def blocks(place: Place) -> bool:
    """Say whether it holds up somebody who wants to publish."""
    return "blocked" in control(place, "list_connections", "-q", "state").split()
