"""``python -m gateway`` runs the gateway."""

import clinic_runtime.green  # noqa: F401, I001 (patches before anything else is imported)

from pathlib import Path

from clinic_runtime.runner import run
from gateway.service import GatewayService

run(GatewayService, Path(__file__).parents[1] / "config.yaml")
