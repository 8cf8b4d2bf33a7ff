"""``python -m billing`` runs the service."""

import clinic_runtime.green  # noqa: F401, I001 (patches before anything else is imported)

from pathlib import Path

from billing.service import BillingService
from clinic_runtime.runner import run

run(BillingService, Path(__file__).parents[1] / "config.yaml")
