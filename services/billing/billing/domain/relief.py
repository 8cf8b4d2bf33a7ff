"""A claim put right whose earlier decision was taken back after a later one had paid of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from billing.domain.claim import outstanding
from clinic_contracts.billing.claims import ClaimSettlement
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """What a later decision no longer takes back of an earlier one."""

    moved_to_client: Money
    written_off: Money


def relieved(claim: ClaimView) -> tuple[ClaimView, Relief]:
    """Return a claim of which less than nothing was the client's, or written off, put right.

    A decision that was taken back had left it so, and a later one that stands was paid after all of
    that: it is paid of what is outstanding now, as if the first had never been.
    """
    client = max(-claim.moved_to_client.amount_minor, 0)
    off = max(-claim.written_off.amount_minor, 0)
    back = Relief(
        moved_to_client=replace(claim.amount, amount_minor=client),
        written_off=replace(claim.amount, amount_minor=off),
    )
    right = replace(
        claim,
        settlements=_without_relief(claim.settlements, client, off),
        moved_to_client=claim.moved_to_client + back.moved_to_client,
        written_off=claim.written_off + back.written_off,
        outstanding=outstanding(claim) - back.moved_to_client - back.written_off,
    )
    return right, back


def _without_relief(
    settlements: Iterable[ClaimSettlement], client: int, off: int
) -> tuple[ClaimSettlement, ...]:
    """Return decisions of which those that stand give back so much less."""
    changed = []
    for each in settlements:
        of_client = 0 if each.undone else min(client, max(-each.moved_to_client.amount_minor, 0))
        of_off = 0 if each.undone else min(off, max(-each.written_off.amount_minor, 0))
        client, off = client - of_client, off - of_off
        changed.append(
            replace(
                each,
                moved_to_client=_more(each.moved_to_client, of_client),
                written_off=_more(each.written_off, of_off),
            )
        )
    return tuple(changed)


def _more(money: Money, minor: int) -> Money:
    return replace(money, amount_minor=money.amount_minor + minor)
