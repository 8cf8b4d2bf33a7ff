"""Work that comes round: ``@every(1.0)`` on a service's method."""

from typing import Any

from nameko.timer import timer


def every(seconds: float) -> Any:  # noqa: ANN401 (nameko's decorator is untyped)
    """Run the method each ``seconds``, never twice at once in a process; errors are logged."""
    return timer(seconds)
