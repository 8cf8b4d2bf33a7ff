"""To pytest this folder is ``gateway`` too; the package of that name is the one to import."""

import sys

sys.modules.pop("gateway", None)

import gateway  # noqa: E402, F401 (now found on the path, before any test module asks for it)
