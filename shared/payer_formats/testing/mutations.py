"""Files spoilt on purpose: one seed, one spoilt file, always the same.

Half of what is done to X12's segments is followed by a new count in SE01, so that a reader cannot
lean on the envelope alone.
"""

import re
from collections.abc import Callable
from random import Random

_COUNT = re.compile(rb"(?<=~)(\s*)SE\*\d*\*")
_AMOUNT = re.compile(rb"(?<=[*])-?\d+(?:\.\d+)?(?=[*~])")
_ELEMENT = re.compile(rb"(?<=[*])[^*~]*(?=[*~])")
SEPARATORS = b"*:^~"
OTHERS = b"|>!&;\n\t\x00A9"
JUNK = (
    b"",
    b"-",
    b".",
    b"0",
    b"-0",
    b"1e9",
    b"9" * 40,
    b"NaN",
    b"\xff\xfe",
    "½²".encode(),
    b"::::",
)


def spoilt(raw: bytes, seed: str) -> bytes:
    """Return a file with one to three things done to it; ``seed`` decides which and where."""
    random = Random(seed)  # noqa: S311 (a repeatable choice, not a secret)
    for _ in range(random.randint(1, 3)):
        raw = random.choice(_WAYS)(raw, random)
    return raw


def _flip(raw: bytes, random: Random) -> bytes:
    at = random.randrange(len(raw) + 1)
    return raw[:at] + bytes([random.randrange(256)]) + raw[at + 1 :]


def _cut(raw: bytes, random: Random) -> bytes:
    return raw[: random.randrange(len(raw) + 1)]


def _without_slice(raw: bytes, random: Random) -> bytes:
    start = random.randrange(len(raw) + 1)
    return raw[:start] + raw[start + random.randint(1, 40) :]


def _insert(raw: bytes, random: Random) -> bytes:
    at = random.randrange(len(raw) + 1)
    return raw[:at] + random.choice(JUNK) + raw[at:]


def _separator(raw: bytes, random: Random) -> bytes:
    """Change a separator everywhere, or everywhere but in the ISA segment that declares it."""
    old, new = random.choice(SEPARATORS), random.choice(OTHERS)
    head = 106 if random.random() < 0.5 else 0  # noqa: PLR2004 (half of them)
    return raw[:head] + raw[head:].replace(bytes([old]), bytes([new]))


def _element(raw: bytes, random: Random) -> bytes:
    return _one_match(_ELEMENT, raw, random, random.choice(JUNK))


def _amount(raw: bytes, random: Random) -> bytes:
    return _one_match(_AMOUNT, raw, random, str(random.randint(-99_999, 99_999) / 100).encode())


def _one_match(pattern: re.Pattern[bytes], raw: bytes, random: Random, new: bytes) -> bytes:
    places = list(pattern.finditer(raw))
    if not places:
        return raw
    start, end = random.choice(places).span()
    return raw[:start] + new + raw[end:]


def _swap(segments: list[bytes], random: Random) -> None:
    one, other = random.randrange(len(segments)), random.randrange(len(segments))
    segments[one], segments[other] = segments[other], segments[one]


def _repeat(segments: list[bytes], random: Random) -> None:
    at = random.randrange(len(segments))
    segments.insert(random.randrange(len(segments) + 1), segments[at])


def _drop(segments: list[bytes], random: Random) -> None:
    del segments[random.randrange(len(segments))]


def _repeat_run(segments: list[bytes], random: Random) -> None:
    start = random.randrange(len(segments))
    segments[start:start] = segments[start : start + random.randint(2, 12)]


def _of_segments(change: Callable[[list[bytes], Random], None]) -> Callable[[bytes, Random], bytes]:
    def changed(raw: bytes, random: Random) -> bytes:
        segments = raw.split(b"~")
        change(segments, random)
        again = b"~".join(segments)
        return recounted(again) if random.random() < 0.5 else again  # noqa: PLR2004 (half of them)

    return changed


def recounted(raw: bytes) -> bytes:
    """Return the file with SE01 right again for its first set."""
    names = [segment.strip().partition(b"*")[0] for segment in raw.split(b"~")]
    if b"ST" not in names or b"SE" not in names:
        return raw
    count = names.index(b"SE") - names.index(b"ST") + 1
    return _COUNT.sub(rb"\1SE*%d*" % count, raw, count=1)


_WAYS: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip,
    _cut,
    _without_slice,
    _insert,
    _separator,
    _element,
    _amount,
    *map(_of_segments, (_swap, _repeat, _drop, _repeat_run)),
)
