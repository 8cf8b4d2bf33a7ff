"""``python -m booking`` runs the service."""

import clinic_runtime.green  # noqa: F401, I001 (patches before anything else is imported)

from pathlib import Path

from booking.service import BookingService
from clinic_runtime.runner import run

run(BookingService, Path(__file__).parents[1] / "config.yaml")
