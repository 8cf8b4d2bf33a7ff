"""A page of a list, and the cursor of the next."""

from collections.abc import Iterable
from typing import Any

from clinic_runtime import paging

Document = dict[str, Any]
Order = list[tuple[str, int]]


def page_of(
    found: Iterable[Document], limit: int, order: Order
) -> tuple[list[Document], str | None]:
    """Return up to ``limit`` documents, and the cursor of those that follow when there are more.

    ``found`` is in ``order`` and holds one document more than ``limit`` if there is one.
    """
    documents = list(found)
    page = documents[:limit]
    if len(documents) <= limit:
        return page, None
    return page, paging.encode([page[-1][field] for field, _ in order])
