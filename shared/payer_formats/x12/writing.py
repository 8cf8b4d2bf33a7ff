"""Writing an interchange: elements cleaned of separators, envelopes counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from payer_formats.x12.syntax import Separators

_PLAIN = Separators()
_UNSAFE = str.maketrans(dict.fromkeys("".join(_PLAIN) + "\r\n\t", " "))


class Repeated(tuple[str, ...]):
    """The repetitions of one element."""

    __slots__ = ()


Element = str | int | Sequence[str]
"""Text, a number, the components of a composite, or the repetitions of an element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who sends to whom; ``usage`` T is a test, P production; ``control`` up to 9 digits."""

    sender: str
    receiver: str
    control: int
    at: datetime
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    usage: str = "T"
    wants_ta1: bool = False


class SetWriter:
    """Collects the segments of one transaction set."""

    def __init__(self, code: str, control: int, version: str = "") -> None:
        """Begin with ST; ``version`` is ST03, left out where empty."""
        self.control = f"{control:04}"
        self.segments: list[str] = []
        self.add("ST", code, self.control, version)

    def add(self, name: str, *elements: Element) -> None:
        """Add a segment, without the empty elements at its end."""
        parts = [name, *map(_element, elements)]
        while not parts[-1]:
            parts.pop()
        self.segments.append(_PLAIN.element.join(parts))

    def ended(self) -> list[str]:
        """Return the segments with SE, which counts itself."""
        return [*self.segments, f"SE*{len(self.segments) + 1}*{self.control}"]


def written(envelope: Envelope, kind: str, version: str, sets: Iterable[SetWriter]) -> bytes:
    """Return an interchange of one group; ``kind`` is GS01, ``version`` GS08."""
    done = [each.ended() for each in sets]
    at, control = envelope.at, f"{envelope.control:09}"
    group = str(envelope.control)
    parties = f"{_clean(envelope.sender)}*{_clean(envelope.receiver)}"
    segments = [
        _isa(envelope, control),
        f"GS*{kind}*{parties}*{at:%Y%m%d}*{at:%H%M}*{group}*X*{version}",
        *(segment for each in done for segment in each),
        f"GE*{len(done)}*{group}",
        f"IEA*1*{control}",
    ]
    return ("~\n".join(segments) + "~\n").encode()


def acknowledged(envelope: Envelope, elements: Sequence[str]) -> bytes:
    """Return an interchange that holds a TA1 segment alone."""
    control = f"{envelope.control:09}"
    ta1 = "*".join(["TA1", *map(_clean, elements)])
    return "~\n".join([_isa(envelope, control), ta1, f"IEA*0*{control}", ""]).encode()


def _isa(envelope: Envelope, control: str) -> str:
    at, ta1 = envelope.at, "1" if envelope.wants_ta1 else "0"
    sender, receiver = _clean(envelope.sender), _clean(envelope.receiver)
    return (
        f"ISA*00*{'':10}*00*{'':10}*{envelope.sender_qualifier:2.2}*{sender:15.15}"
        f"*{envelope.receiver_qualifier:2.2}*{receiver:15.15}*{at:%y%m%d}*{at:%H%M}"
        f"*^*00501*{control:9.9}*{ta1}*{envelope.usage:1.1}*:"
    )


def _element(value: Element) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, Repeated):
        return _PLAIN.repetition.join(map(_clean, value))
    parts = [_clean(part) for part in value]
    while parts and not parts[-1]:
        parts.pop()
    return _PLAIN.component.join(parts)


def _clean(text: str) -> str:
    return text.translate(_UNSAFE).strip()
