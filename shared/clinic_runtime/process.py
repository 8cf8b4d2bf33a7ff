"""What a process has one of."""

from collections.abc import Callable
from typing import Any

from nameko.extensions import DependencyProvider


class OneForAll(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    """An object that all of a process's workers share."""

    def __init__(self, make: Callable[[], Any]) -> None:
        """Take what makes it, once a process."""
        self.make = make

    def setup(self) -> None:
        """Make it."""
        self.shared = self.make()

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ANN401, ARG002 (nameko's hook)
        """Return it."""
        return self.shared
