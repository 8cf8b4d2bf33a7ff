"""Work that comes round: ``@every(1.0)`` on a service's method."""

from collections.abc import Callable
from typing import Any

from nameko.extensions import register_entrypoint
from nameko.timer import Timer

from clinic_runtime.observability import get_logger

log = get_logger(__name__)


class _Round(Timer):  # type: ignore[misc]  # nameko is untyped
    """Nameko's timer, which by itself tells nobody of a round that failed."""

    def handle_result(self, worker_ctx: Any, result: Any, exc_info: Any) -> Any:  # noqa: ANN401
        if exc_info is not None:
            log.error("timer.failed", method=self.method_name, exc_info=exc_info[1])
        return super().handle_result(worker_ctx, result, exc_info)


def every(seconds: float) -> Callable[[Any], Any]:
    """Run the method each ``seconds``, never twice at once in a process; errors are logged."""

    def decorate(method: Any) -> Any:  # noqa: ANN401
        register_entrypoint(method, _Round(seconds))
        return method

    return decorate
