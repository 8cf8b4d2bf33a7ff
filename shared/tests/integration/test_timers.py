"""Work that comes round, over a real container."""

import eventlet
import pytest

from clinic_runtime.testing import eventually, running
from clinic_runtime.timers import every

ROUNDS: list[int] = []


class Sweeper:
    name = "sweeper"

    @every(0.01)
    def sweep(self) -> None:
        ROUNDS.append(len(ROUNDS))
        eventlet.sleep(0)
        message = "this round went wrong"
        raise RuntimeError(message)


def test_a_round_that_fails_is_logged_and_the_next_comes(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(Sweeper, {}):
        eventually(lambda: len(ROUNDS) > 2)
    logged = caplog.text + "".join(capsys.readouterr())
    assert logged.count("timer.failed") > 1
    assert "this round went wrong" in logged
