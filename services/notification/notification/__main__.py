"""``python -m notification`` runs the service."""

import clinic_runtime.green  # noqa: F401, I001 (patches before anything else is imported)

from pathlib import Path

from clinic_runtime.runner import run
from notification.service import NotificationService

run(NotificationService, Path(__file__).parents[1] / "config.yaml")
