"""Every tongue behind one interface: claims as a file, by the profile of their payer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from billing.payers.outgoing import outgoing
from billing.payers.profiles import Profile, Profiles
from billing.ports import File, Leaving
from clinic_contracts.errors import ClaimUnfit
from payer_formats.claim import Claim

Writer = Callable[[Sequence[Claim], Profile, int, datetime], File]
WRITERS: Mapping[str, Writer] = {}


def build_file(
    claims: Sequence[Leaving],
    payer_id: str,
    control: int,
    profiles: Profiles,
    at: datetime,
) -> File:
    """Return claims as a file of that number for a payer by its id.

    Raises ClaimUnfit for a payer that nobody has described.
    """
    profile = profiles.by_id(payer_id)
    writer = None if profile is None else WRITERS.get(profile.tongue)
    if profile is None or writer is None:
        raise ClaimUnfit(f"how to write to {payer_id or 'this payer'} is not known", findings=[])
    return writer([outgoing(each, profile) for each in claims], profile, control, at)
