"""Runs a service's methods on green threads of nameko's pool, without nameko's cost for each.

What nameko's worker gives is kept: no more than ``max_workers`` at once, a stop that waits for
those under way, and dependencies told of each result. What it makes anew for each, the service and
its dependencies, is made once: every dependency here is the same for all.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from nameko.containers import WorkerContext
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import DependencyProvider, SharedExtension

from clinic_runtime.observability import get_logger

log = get_logger(__name__)
Done = Callable[[Any, Exception | None], None]


class Workers(SharedExtension):  # type: ignore[misc]  # nameko is untyped
    """The process's workers."""

    def __init__(self) -> None:
        """Start without a service: what it depends on is not set up yet."""
        super().__init__()
        self.service: Any = None
        self.told: list[Callable[..., None]] = []
        self.at_work: Counter[type] = Counter()
        """How many there are now, by the kind of entrypoint."""

    def spawn(self, entrypoint: Any, arguments: tuple[Any, ...], done: Done) -> None:  # noqa: ANN401
        """Run the entrypoint's method, then ``done(result, error)``; waits while all are busy.

        Raises ContainerBeingKilled.
        """
        if self.container._being_killed:  # noqa: SLF001 (as nameko's own spawn_worker)
            raise ContainerBeingKilled
        if self.service is None:
            self._make(entrypoint)
        pool = self.container._worker_pool  # noqa: SLF001 (which its stop waits for)
        pool.spawn_n(self._run, entrypoint, arguments, done)

    def _make(self, entrypoint: Any) -> None:  # noqa: ANN401
        service = self.container.service_cls()
        context = WorkerContext(self.container, service, entrypoint)
        for dependency in self.container.dependencies:
            setattr(service, dependency.attr_name, dependency.get_dependency(context))
            if type(dependency).worker_result is not DependencyProvider.worker_result:
                self.told.append(dependency.worker_result)
        self.service = service

    def _run(self, entrypoint: Any, arguments: tuple[Any, ...], done: Done) -> None:  # noqa: ANN401
        self.at_work[type(entrypoint)] += 1
        result, failed = None, None
        try:
            result = getattr(self.service, entrypoint.method_name)(*arguments)
        except Exception as error:  # noqa: BLE001 (told to whoever asked)
            failed = error
        try:
            done(result, failed)
            for tell in self.told:
                tell(None, result, None)
        except Exception:
            log.exception("worker.failed")  # the pool goes on with the next
        finally:
            self.at_work[type(entrypoint)] -= 1
