"""Every order in which answers, time and replicas can come at a round, tried out.

Whoever takes a step reads the round, may be killed before writing, and writes only over the version
that was read; what is refused so is read again. The search visits every state that can be reached.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from booking.domain.round import ANSWER, WAVE, Offer, Opening, Round
from booking.testing import NOW, TEN
from clinic_contracts.errors import OfferOver

OPENING = Opening(
    location_id="loc_1",
    practitioner_id="prac_1",
    left_by="cli_0",
    start=NOW + timedelta(days=7),
    local_start=TEN,
    timezone="America/Vancouver",
)
FREED = Round(id="rnd_1", version=1, opening=OPENING, hold_id="apt_1", freed_at=NOW, due=NOW)
WAITING = ("1", "2", "3", "4")
LATEST = 2
"""The ticks, each as long as there is to answer, after which time stands still."""


@dataclass(frozen=True)
class Actor:
    """Somebody at work on the round: what they do, what they read, and what came of it."""

    does: str
    who: str = ""
    read: Round | None = None
    outcome: str = ""


@dataclass(frozen=True)
class World:
    """The round as stored (None before its event is handled), the time, everybody at work."""

    stored: Round | None
    tick: int
    actors: tuple[Actor, ...]

    @property
    def now(self) -> datetime:
        return NOW + self.tick * ANSWER


def offer(who: str, world: World) -> Offer:
    return Offer(
        id=who,
        entry_id=f"wl_{who}",
        client_id=f"cli_{who}",
        treatment_id="trt_1",
        token_hash="",
        expires_at=world.now + ANSWER,
    )


def swept(read: Round, world: World) -> Round:
    """Return what a replica that finds the round due makes of it."""
    now = world.now
    if read.status != "open" or now < read.due:
        return read
    left = [who for who in WAITING if f"wl_{who}" not in read.entry_ids]
    if not left:
        return read.end()
    return read.offer_to([offer(who, world) for who in left[:WAVE]], now + ANSWER)


def step(actor: Actor, read: Round, world: World) -> Round:
    if actor.does == "sweep":
        return swept(read, world)
    answer = read.accept if actor.does == "accept" else read.decline
    return answer(actor.who, world.now)


def offered(who: str, stored: Round) -> bool:
    return any(each.id == who for each in stored.offers)


def moves(world: World) -> Iterator[World]:
    """Yield every world that one move leads to."""
    if world.tick < LATEST:
        yield replace(world, tick=world.tick + 1)
    if world.stored is None:  # its event is delivered; once more it finds the round there
        yield replace(world, stored=FREED)
        return
    for number, actor in enumerate(world.actors):

        def becomes(changed: Actor, stored: Round = world.stored, number: int = number) -> World:
            actors = (*world.actors[:number], changed, *world.actors[number + 1 :])
            return replace(world, stored=stored, actors=actors)

        if actor.outcome:
            continue
        if actor.read is None:
            if actor.does == "sweep" or offered(actor.who, world.stored):
                yield becomes(replace(actor, read=world.stored))
            continue
        idle = replace(actor, read=None)
        yield becomes(idle)  # killed, and started again
        yield written(world, actor, actor.read, idle, becomes)


def written(
    world: World, actor: Actor, read: Round, idle: Actor, becomes: Callable[..., World]
) -> World:
    try:
        after = step(actor, read, world)
    except OfferOver:
        assert world.stored is not None
        assert world.stored.status_of(actor.who, world.now) != "open", "turned away for nothing"
        return becomes(replace(idle, outcome="refused"))
    if after == read:
        return becomes(idle)
    if world.stored != read:  # stale: read again
        return becomes(idle)
    done = idle if actor.does == "sweep" else replace(idle, outcome="done")
    return becomes(done, replace(after, version=read.version + 1))


def reachable(start: World) -> set[World]:
    seen, ahead = {start}, deque([start])
    while ahead:
        for following in moves(ahead.popleft()):
            if following not in seen:
                seen.add(following)
                ahead.append(following)
    return seen


def actor_of(words: str) -> Actor:
    does, _, who = words.partition(" ")
    return Actor(does, who)


@pytest.mark.parametrize(
    "answers",
    [
        ("sweep", "accept 1", "accept 2", "accept 4"),
        ("sweep", "accept 1", "decline 2", "decline 3"),
        ("sweep", "sweep", "accept 1", "decline 1"),
        ("sweep", "sweep", "accept 1", "accept 4"),
    ],
)
def test_one_has_the_time_whatever_comes_when(answers: tuple[str, ...]) -> None:
    worlds = reachable(World(None, 0, tuple(map(actor_of, answers))))

    ends = set()
    for world in worlds:
        offers = () if world.stored is None else world.stored.offers
        won = [each.id for each in offers if each.status == "accepted"]
        said = [a.who for a in world.actors if (a.does, a.outcome) == ("accept", "done")]
        assert won == said, "who was told that they have the time has it, and nobody else"
        assert len(won) <= 1
        assert len({each.entry_id for each in offers}) == len(offers), "nobody is asked twice"
        if world.stored is not None:
            assert (world.stored.status == "filled") is bool(won)
            ends.add(world.stored.status)
    assert ends == {"open", "filled", "over"}
