"""Long work lets other green threads go on, and does all of it."""

import eventlet

from clinic_runtime.threads import taking_turns


def test_others_go_on_between_turns_and_nothing_is_left_out() -> None:
    told: list[str] = []
    eventlet.spawn(told.append, "another")
    told.extend(map(str, taking_turns(range(5), turn=2)))
    assert told == ["0", "1", "another", "2", "3", "4"]
