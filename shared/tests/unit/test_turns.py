"""What goes to one place in one turn goes together, in bounds."""

import eventlet

from clinic_runtime.turns import BYTES_A_MESSAGE, Turns

Sent = list[tuple[str, list[str]]]


def sent_of(*turns_of_parts: list[tuple[str, str]], most: int = 64) -> Sent:
    sent: Sent = []
    turns: Turns[str, str] = Turns(lambda to, parts: sent.append((to, [*parts])), len, most)
    for parts in turns_of_parts:
        for to, part in parts:
            turns.add(to, part)
        eventlet.sleep(0)
    return sent


def test_one_turn_is_one_message_a_place_and_the_next_turn_another() -> None:
    sent = sent_of([("a", "1"), ("b", "2"), ("a", "3")], [("a", "4")])
    assert sent == [("a", ["1", "3"]), ("b", ["2"]), ("a", ["4"])]


def test_a_message_is_bounded_in_parts() -> None:
    sent = sent_of([("a", str(number)) for number in range(130)], most=64)
    assert [len(parts) for _to, parts in sent] == [64, 64, 2]
    assert [part for _to, parts in sent for part in parts] == [str(n) for n in range(130)]


def test_a_message_is_bounded_in_bytes_and_a_larger_part_goes_alone() -> None:
    half, huge = "x" * (BYTES_A_MESSAGE // 2), "y" * (2 * BYTES_A_MESSAGE)
    sent = sent_of([("a", part) for part in (half, half, "z", huge, "z")])
    assert [parts for _to, parts in sent] == [[half, half], ["z"], [huge], ["z"]]
