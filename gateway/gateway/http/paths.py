"""Which call a verb on a path is: compiled once, one look for fixed paths, a few for the others."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote

from clinic_contracts.errors import MethodNotAllowed, NotFound

T = TypeVar("T")
_NAMED = re.compile(r"<(\w+)>")
LONGEST = {"correlation_id": 128}
"""Of what a path names, where it is not 64 characters: a request may be named by its sender."""


@dataclass(frozen=True, slots=True)
class _Place(Generic[T]):
    pattern: re.Pattern[str]
    verbs: dict[str, T] = field(default_factory=dict)


class Paths(Generic[T]):
    """What is behind each verb on each path; ``<name>`` in a path stands for one segment."""

    def __init__(self, calls: Iterable[tuple[str, str, T]]) -> None:
        """Take verb, path and what is behind it."""
        places: dict[str, _Place[T]] = {}
        for verb, path, behind in calls:
            place = places.setdefault(path, _Place(_compiled(path)))
            place.verbs[verb] = behind
            if verb == "GET":
                place.verbs["HEAD"] = behind
        self._fixed = {path: place.verbs for path, place in places.items() if "<" not in path}
        named = [path for path in places if "<" in path]
        # More fixed text first: /receipts/<id>.pdf before /receipts/<id>.
        named.sort(key=lambda path: len(_NAMED.sub("", path)), reverse=True)
        self._named: dict[int, list[_Place[T]]] = {}
        for path in named:
            self._named.setdefault(path.count("/"), []).append(places[path])

    def find(self, verb: str, path: str) -> tuple[T, Mapping[str, str]]:
        """Return what is behind a path as it was sent, and the values of its named segments.

        Raises NotFound, or MethodNotAllowed with the verbs that the path takes.
        """
        verbs, values = self._place(path)
        behind = verbs.get(verb)
        if behind is None:
            allowed = sorted({*verbs, "OPTIONS"})
            raise MethodNotAllowed("this path does not take that method", allow=allowed)
        return behind, values

    def _place(self, path: str) -> tuple[dict[str, T], Mapping[str, str]]:
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed, {}
        if "%" in path:
            if "%2f" in path.lower():
                # Decoded it would be a separator, and the path another one than was written.
                raise _nothing()
            path = unquote(path)
        for place in self._named.get(path.count("/"), ()):
            found = place.pattern.fullmatch(path)
            if found is not None:
                return place.verbs, found.groupdict()
        if path in self._fixed:
            return self._fixed[path], {}
        raise _nothing()


def longest(name: str) -> int:
    """Return how many characters may stand in a path for a name."""
    return LONGEST.get(name, 64)


def segment(name: str) -> str:
    """Return what may stand in a path for a name: ids and secrets as they are given out.

    Another text names nothing, so there is nothing at its path.
    """
    return rf"[A-Za-z0-9_-][A-Za-z0-9_.:~-]{{0,{longest(name) - 1}}}"


def _compiled(path: str) -> re.Pattern[str]:
    parts = _NAMED.split(path)
    text = "".join(
        f"(?P<{part}>{segment(part)})" if at % 2 else re.escape(part)
        for at, part in enumerate(parts)
    )
    return re.compile(text)


def _nothing() -> NotFound:
    return NotFound("there is nothing at this path")
