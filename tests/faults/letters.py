"""Which messages a visit's story asks for, told from its events alone.

A booking asks for a confirmation and a reminder, a move to another schedule for a notice and a
reminder, a cancellation for a notice. What is undone within the grace time is not told. So the last
that a client was told is true, nothing is told twice in a row, and a visit that the client knows
of and that is off is called off once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from tests.faults.evidence import Document, Evidence, Fact, Message

Wrong = tuple[Literal["lost", "doubled", "out_of_order_effects"], str, str, str]
BOOKED, MOVED, CANCELLED = (
    f"booking.appointment_{change}.v1" for change in ("booked", "moved", "cancelled")
)
TELLING = frozenset({"confirmation", "moved"})


def compare(evidence: Evidence) -> Iterator[Wrong]:
    """Yield figure, message or visit, what was expected and what was found."""
    stories: dict[str, list[Fact]] = defaultdict(list)
    for fact in sorted(evidence.journal, key=lambda fact: fact.seq):
        if fact.subject.startswith("apt_"):
            stories[fact.subject].append(fact)
    messages: dict[str, list[Message]] = defaultdict(list)
    for message in evidence.messages:
        messages[message.appointment_id].append(message)
        yield from _delivered(message)
    for mail in evidence.stray_mails:
        yield "doubled", mail, "a message it belongs to", "a mail of no message"
    for id_ in sorted(stories.keys() | messages.keys()):
        yield from _asked_for(id_, stories[id_], messages[id_])
        yield from _told(id_, stories[id_], messages[id_])


def schedule(visit: Document) -> tuple[str, str, str]:
    """Return what a client must know of a visit: when, where, with whom."""
    return str(visit["start"]), str(visit["location_id"]), str(visit["practitioner_id"])


def _asked_for(id_: str, story: list[Fact], messages: list[Message]) -> Iterator[Wrong]:
    """Exactly the messages that the events ask for: one per version and kind."""
    asked: Counter[tuple[int, str]] = Counter()
    for fact in story:
        if fact.type == BOOKED:
            asked.update([(fact.seq, "confirmation"), (fact.seq, "reminder")])
        elif fact.type == MOVED:
            if schedule(fact.data["visit"]) != schedule(fact.data["previous"]):
                asked.update([(fact.seq, "moved"), (fact.seq, "reminder")])
        elif fact.type == CANCELLED:
            asked[fact.seq, "cancelled"] += 1
    found = Counter((message.version, message.kind) for message in messages)
    for version, kind in sorted((asked - found).elements()):
        yield "lost", id_, f"{kind} of v{version}", "no such message"
    for version, kind in sorted((found - asked).elements()):
        yield "doubled", id_, f"no more of {kind} of v{version}", "one too many"


def _told(id_: str, story: list[Fact], messages: list[Message]) -> Iterator[Wrong]:
    sent = [each for each in messages if each.state == "sent" and each.told_at is not None]
    sent.sort(key=lambda each: each.version)  # an older version is outdated: not told after a newer
    telling = [each for each in sent if each.kind in TELLING]
    for before, after in pairwise(telling):
        if before.schedule == after.schedule:
            yield "doubled", id_, "each schedule told once", f"{before.id} and {after.id}"
    if not story:
        return
    off = [each for each in sent if each.kind == "cancelled"]
    if story[-1].type == CANCELLED:
        if telling and not off:
            yield "lost", id_, "a client who was told is told it is off", "not told"
    elif not telling:
        yield "lost", id_, "a client told of the visit", "not told"
    elif telling[-1].schedule != schedule(story[-1].data["visit"]):
        expected = f"told of {schedule(story[-1].data['visit'])} last"
        yield "out_of_order_effects", id_, expected, str(telling[-1].schedule)


def _delivered(message: Message) -> Iterator[Wrong]:
    waits = message.kind == "reminder" and message.state == "scheduled"
    if message.state not in {"sent", "skipped"} and not waits:
        yield "lost", message.id, f"{message.kind} dealt with", message.state
    if message.state == "sent" and not message.mail:
        yield "lost", message.id, "a mail", "sent, and no mail is there"
    # One handed over by a process that died then may be skipped afterwards, its mail being out.
    if message.mail and message.state != "sent" and message.told_at is None:
        yield "doubled", message.id, "no mail", f"a mail, and the message is {message.state}"
