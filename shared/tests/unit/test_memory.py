"""What the relay remembers: what may go out from memory, what is read back, and how much."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymongo.client_session import ClientSession

from clinic_runtime import memory as memory_module
from clinic_runtime.memory import READ_BACK, Key, Memory

SHEET: Key = ("sheets", "sheet_1")


def entries(*seqs: int) -> list[dict[str, Any]]:
    return [{"event": {"sequence": seq}} for seq in seqs]


def share(memory: Memory) -> dict[Key, Any]:
    (found,) = memory.shares(10)
    return found


@pytest.mark.parametrize(
    ("relayed", "handed", "goes_out"),
    [
        (0, [1], [1]),
        (0, [1, 2], [1, 2]),
        (0, [2], None),
        (0, [1, 3], None),
        (2, [3], [3]),
        (2, [4], None),
        (2, [1, 2, 3], [3]),
        (2, [2], []),
    ],
)
def test_what_follows_the_last_version_relayed_goes_out_and_else_it_is_read_back(
    relayed: int, handed: list[int], goes_out: list[int] | None
) -> None:
    memory = Memory()
    if relayed:
        memory.sent(SHEET, relayed)
    memory.take(SHEET, entries(*handed), None)
    expected = READ_BACK if goes_out is None else entries(*goes_out)
    assert share(memory) == {SHEET: expected}
    assert (memory.size, bool(memory)) == (0, False)


def test_what_a_transaction_wrote_is_read_back_once_it_is_over() -> None:
    memory, session = Memory(), SimpleNamespace(in_transaction=True)
    memory.take(SHEET, entries(2), cast("ClientSession", session))
    memory.take(SHEET, entries(1), None)
    memory.close_transactions()
    assert share(memory) == {SHEET: entries(1)}
    memory.take(SHEET, entries(3), None)
    session.in_transaction = False
    memory.close_transactions()
    assert share(memory) == {SHEET: READ_BACK}
    assert (memory.size, memory.open) == (0, [])


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "ENTRIES_KEPT", 3)
    monkeypatch.setattr(memory_module, "VERSIONS_KNOWN", 3)
    memory, session = Memory(), cast("ClientSession", SimpleNamespace(in_transaction=True))
    assert memory.take(SHEET, entries(1, 2), None)
    assert memory.take(("sheets", "sheet_2"), entries(1), session)
    assert not memory.take(("sheets", "sheet_3"), entries(1), None)
    memory.forget()
    assert memory.take(("sheets", "sheet_3"), entries(1), None)
    for number in range(5):
        memory.sent(("sheets", str(number)), 1)
    assert len(memory.relayed) == 3
