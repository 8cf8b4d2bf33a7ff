"""Entity tags and the conditions made of them (RFC 9110, sections 8.8.3 and 13.1)."""

import re
from dataclasses import dataclass

from clinic_contracts.errors import BadRequest

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
LIST = rf"[\s,]*{_TAG}(?:\s*,[\s,]*{_TAG})*[\s,]*"
_LIST = re.compile(LIST)
_VERSION = re.compile(r"0|[1-9]\d{0,9}")
MOST_TAGS = 50
NO_VERSION = 0
"""A version that no record has: records begin at 1."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What a condition names; ``any`` is ``*``. Each tag is kept as it was written."""

    any: bool = False
    tags: tuple[str, ...] = ()


def parse(header: str) -> Tags | None:
    """Return the tags of an If-Match or If-None-Match, or None when it is neither form."""
    if header.strip() == "*":
        return Tags(any=True)
    if _LIST.fullmatch(header) is None:
        return None
    found = tuple(re.findall(_TAG, header))
    return Tags(tags=found) if len(found) <= MOST_TAGS else None


def unchanged(if_none_match: str, etag: str | None) -> bool:
    """Say whether a reader who sent If-None-Match has this already; weak tags count.

    A header that cannot be read counts as none: the answer is then sent whole.
    """
    given = parse(if_none_match)
    if given is None or etag is None:
        return False
    return given.any or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in given.tags}


def versions(if_match: str) -> tuple[int, ...] | None:
    """Return the versions an If-Match allows, None meaning any (``*``).

    Tags that are weak or are no version of ours match nothing and are left out. Raises BadRequest
    for what is not an If-Match.
    """
    given = parse(if_match)
    if given is None:
        raise BadRequest('If-Match must be a version such as "3", several of them, or *')
    if given.any:
        return None
    inside = [tag[1:-1] for tag in given.tags if not tag.startswith("W/")]
    return tuple(int(text) for text in inside if _VERSION.fullmatch(text))
