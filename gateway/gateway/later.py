"""Work that an answer does not wait for."""

from collections.abc import Callable

import eventlet

from clinic_contracts.errors import ClinicError, TooManyRequests
from clinic_runtime.observability import get_logger

log = get_logger(__name__)
MOST_UNDER_WAY = 50
RETRY_AFTER = 5


class Later:
    """Does work beside the answer, which takes as long whatever there is to do, or nothing."""

    def __init__(self) -> None:
        self.under_way = 0

    def do(self, work: Callable[[], None]) -> None:
        """Begin it; raises TooManyRequests when much is under way."""
        if self.under_way >= MOST_UNDER_WAY:
            raise TooManyRequests("too much is under way; try again", retry_after=RETRY_AFTER)
        self.under_way += 1
        eventlet.spawn_n(self._do, work)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except ClinicError as error:
            log.warning("later.refused", error=error.code)
        except Exception as error:  # noqa: BLE001 (nobody is there to be told)
            log.error("later.failed", error=type(error).__name__)  # noqa: TRY400 (it may quote people)
        finally:
            self.under_way -= 1
