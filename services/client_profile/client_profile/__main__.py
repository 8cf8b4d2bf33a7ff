"""``python -m client_profile`` runs the service."""

import clinic_runtime.green  # noqa: F401, I001 (patches before anything else is imported)

from pathlib import Path

from client_profile.service import ClientProfileService
from clinic_runtime.runner import run

run(ClientProfileService, Path(__file__).parents[1] / "config.yaml")
