"""Stories of a visit and what the client is told in each: one table for every kind of storage."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from clinic_contracts.booking.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentMoved,
    Visit,
)
from clinic_contracts.envelope import Event
from notification.domain import Letter
from notification.ports import NotDeliveredError
from notification.sending import Sender
from notification.testing import NOW, VISIT, event, later

A = VISIT
B, C = later(2), later(4)
BY_OLD_RULES, LATER_BY_OLD_RULES = (
    replace(each, start=each.start + timedelta(hours=1), end=each.end + timedelta(hours=1))
    for each in (A, B)
)
"""The same wall times as an edition of the zone data had it that was an hour off."""
OTHER_ROOM = replace(A, room_id="room_2")
OTHER_THERAPIST = replace(A, practitioner_id="prac_2")


def booked(visit: Visit = A) -> Any:
    return AppointmentBooked(visit=visit)


def moved(previous: Visit, visit: Visit) -> Any:
    return AppointmentMoved(visit=visit, previous=previous)


def corrected(previous: Visit, visit: Visit) -> Any:
    return AppointmentMoved(visit=visit, previous=previous, cause="tzdb")


def cancelled(visit: Visit) -> Any:
    return AppointmentCancelled(visit=visit, late=False, fee_waived=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happens, by minutes after the booking (grace: three), and what the client reads."""

    events: tuple[tuple[float, Any], ...]
    told: tuple[str, ...]


NO_SHOW_AT = (A.end - NOW) / timedelta(minutes=1)
# fmt: off
STORIES = {
    "booked": Story(
        events=((0, booked()),),
        told=("booked 10:00 Robin", "reminded 10:00 Robin")),
    "moved within the grace": Story(
        events=((0, booked()), (1, moved(A, B))),
        told=("booked 12:00 Robin", "reminded 12:00 Robin")),
    "moved after the grace": Story(
        events=((0, booked()), (5, moved(A, B))),
        told=("booked 10:00 Robin", "moved 12:00 Robin", "reminded 12:00 Robin")),
    "moved twice within the grace": Story(
        events=((0, booked()), (1, moved(A, B)), (2, moved(B, C))),
        told=("booked 14:00 Robin", "reminded 14:00 Robin")),
    "moved twice after the grace": Story(
        events=((0, booked()), (5, moved(A, B)), (6, moved(B, C))),
        told=("booked 10:00 Robin", "moved 14:00 Robin", "reminded 14:00 Robin")),
    "moved and back within the grace": Story(
        events=((0, booked()), (1, moved(A, B)), (2, moved(B, A))),
        told=("booked 10:00 Robin", "reminded 10:00 Robin")),
    "moved after the grace and back before that was told": Story(
        events=((0, booked()), (5, moved(A, B)), (6, moved(B, A))),
        told=("booked 10:00 Robin", "reminded 10:00 Robin")),
    "moved and back, each told": Story(
        events=((0, booked()), (5, moved(A, B)), (10, moved(B, A))),
        told=("booked 10:00 Robin", "moved 12:00 Robin", "moved 10:00 Robin",
              "reminded 10:00 Robin")),
    "another room within the grace": Story(
        events=((0, booked()), (1, moved(A, OTHER_ROOM))),
        told=("booked 10:00 Robin", "reminded 10:00 Robin")),
    "another room after the grace": Story(
        events=((0, booked()), (5, moved(A, OTHER_ROOM))),
        told=("booked 10:00 Robin", "reminded 10:00 Robin")),
    "cancelled within the grace": Story(
        events=((0, booked()), (1, cancelled(A))),
        told=()),
    "cancelled after being told": Story(
        events=((0, booked()), (5, cancelled(A))),
        told=("booked 10:00 Robin", "cancelled 10:00 Robin")),
    "moved, and cancelled before that was told": Story(
        events=((0, booked()), (5, moved(A, B)), (6, cancelled(B))),
        told=("booked 10:00 Robin", "cancelled 10:00 Robin")),
    "no-show": Story(
        events=((0, booked()), (NO_SHOW_AT, AppointmentMissed(visit=A, fee_waived=False))),
        told=("booked 10:00 Robin", "reminded 10:00 Robin")),
    "corrected by the zone data": Story(
        events=((0, booked(BY_OLD_RULES)), (5, corrected(BY_OLD_RULES, A))),
        told=("booked 10:00 Robin", "corrected 10:00 Robin", "reminded 10:00 Robin")),
    "corrected within the grace": Story(
        events=((0, booked(BY_OLD_RULES)), (1, corrected(BY_OLD_RULES, A))),
        told=("booked 10:00 Robin", "reminded 10:00 Robin")),
    "moved, and corrected before that was told": Story(
        events=((0, booked(BY_OLD_RULES)), (5, moved(BY_OLD_RULES, LATER_BY_OLD_RULES)),
                (6, corrected(LATER_BY_OLD_RULES, B))),
        told=("booked 10:00 Robin", "moved 12:00 Robin", "reminded 12:00 Robin")),
    "corrected, and moved before that was told": Story(
        events=((0, booked(BY_OLD_RULES)), (5, corrected(BY_OLD_RULES, A)), (6, moved(A, B))),
        told=("booked 10:00 Robin", "moved 12:00 Robin", "reminded 12:00 Robin")),
    "corrected, and called off": Story(
        events=((0, booked(BY_OLD_RULES)), (5, corrected(BY_OLD_RULES, A)), (10, cancelled(A))),
        told=("booked 10:00 Robin", "corrected 10:00 Robin", "cancelled 10:00 Robin")),
    "another therapist": Story(
        events=((0, booked()), (5, moved(A, OTHER_THERAPIST))),
        told=("booked 10:00 Robin", "moved 10:00 Sam", "reminded 10:00 Sam")),
}
# fmt: on
SUBJECT = re.compile(
    r"(?P<kind>Your visit on|Your visit was moved to|Reminder: your visit on"
    r"|Calendar entry corrected: your visit on) "
    r"Tuesday, 01 December 2026 at (?P<time>\d\d:\d\d)(?P<off> was cancelled)?"
)
KINDS = {
    "Your visit on": "booked",
    "Your visit was moved to": "moved",
    "Reminder: your visit on": "reminded",
    "Calendar entry corrected: your visit on": "corrected",
}


class Post:
    """A channel that keeps the letters; ``broken`` is raised once a letter is handed over."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.broken: BaseException | None = None
        self.away = False

    def send(self, letter: Letter, hand_over: Callable[[], None]) -> None:
        if self.away:
            raise NotDeliveredError("ConnectionRefusedError")
        hand_over()
        if self.broken is not None:
            raise self.broken
        self.letters.append(letter)

    @property
    def told(self) -> list[str]:
        """What the letters say, in a few words."""
        return [words_of(letter) for letter in self.letters]


def words_of(letter: Letter) -> str:
    found = SUBJECT.fullmatch(letter.subject)
    assert found, letter.subject
    kind = "cancelled" if found["off"] else KINDS[found["kind"]]
    therapist = re.search(r"^With: +(.*)$", letter.text, re.MULTILINE)
    return f"{kind} {found['time']} {therapist[1] if therapist else '?'}"


def tell(story: Story, follow: Callable[[Event], None], sender: Any) -> None:
    """Play a story: ``follow`` takes each event when it happens; send when it is due."""
    events = list(story.events)
    moments = [minute / 2 for minute in range(60)]
    moments += [(A.start - NOW) / timedelta(minutes=1) - hours * 60 for hours in (24, 22, 20, -1)]
    version = 0
    for minute in sorted({*moments, *(minute for minute, _ in events)}):
        at = NOW + timedelta(minutes=minute)
        while events and events[0][0] <= minute:
            version += 1
            follow(event(events.pop(0)[1], version, at=at))
        sender(at).send_due()


@pytest.fixture(params=list(STORIES.values()), ids=list(STORIES))
def story(request: pytest.FixtureRequest) -> Story:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def play(post: Post) -> Callable[..., list[str]]:
    """Return what plays a story on some messages, and gives what the client read."""

    def play(story: Story, messages: Any, follow: Callable[[Event], None]) -> list[str]:
        def sender(at: datetime) -> Sender:
            return Sender(
                messages=messages,
                channel=post,
                clock=lambda: at,
                report=_raise,
                offer_link=str,
            )

        tell(story, follow, sender)
        return post.told

    return play


def _raise(_message_id: str, error: Exception) -> None:
    raise error
