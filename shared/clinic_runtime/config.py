"""A process's settings: one YAML file, the only reader of the environment."""

import os
import re
from pathlib import Path
from typing import Any

import yaml
from nameko.extensions import DependencyProvider

_REFERENCE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?::(?P<default>[^}]*))?\}")


class MissingSettingError(Exception):
    """The environment lacks settings that the configuration names."""


def load_config(path: Path) -> dict[str, Any]:
    """Read ``path`` (or the file CLINIC_CONFIG names), filling ``${NAME}`` and ``${NAME:default}``.

    Raises MissingSettingError naming every variable that is neither set nor has a default.
    """
    chosen = Path(os.environ.get("CLINIC_CONFIG", path))
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match["name"]) or match["default"]
        if found is None:
            missing.append(match["name"])
            return ""
        return found

    text = _REFERENCE.sub(value, chosen.read_text(encoding="utf-8"))
    if missing:
        message = f"{chosen}: set {', '.join(sorted(set(missing)))} in the environment"
        raise MissingSettingError(message)
    return dict(yaml.safe_load(text))


class Setting(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """One value of the configuration, for a service's method to read."""

    def __init__(self, name: str, default: Any = None) -> None:  # noqa: ANN401 (YAML)
        """Take the setting's name and what to use where it is absent."""
        self.name = name
        self.default = default

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ANN401, ARG002 (nameko's hook)
        """Return the setting's value."""
        return self.container.config.get(self.name, self.default)
