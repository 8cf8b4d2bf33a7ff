"""Which events somebody is shown: the one decision behind the feed and the stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clinic_contracts import envelope
from clinic_contracts.booking.events import TreatmentChanged
from clinic_contracts.client_profile.events import AlertChanged, ConsentChanged, ReferralChanged
from gateway.identity.access import Actor


def _name(type_: str) -> str:
    """Return an event type without its version."""
    return type_.rpartition(".")[0]


OF_CHARTS = frozenset(
    _name(envelope.type_of(cls)) for cls in (AlertChanged, ConsentChanged, ReferralChanged)
)
OF_EVERY_LOCATION = frozenset({_name(envelope.type_of(TreatmentChanged))})
"""What is of no location and everybody's. Who sees some locations alone is shown nothing else that
is of none: a client, say, may be another location's."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may see, and of it wants to: ``types`` with or without version, none for all.

    ``location_ids`` None means every location.
    """

    location_ids: frozenset[str] | None
    charts: bool
    types: frozenset[str] = frozenset()

    def sees(self, event: Mapping[str, Any]) -> bool:
        """Say whether an event, a CloudEvents document, is shown."""
        name = _name(event["type"])
        if not self._wants(event) or (name in OF_CHARTS and not self.charts):
            return False
        if self.location_ids is None or name in OF_EVERY_LOCATION:
            return True
        return event.get("locationid", "") in self.location_ids

    def loses(self, event: Mapping[str, Any]) -> bool:
        """Say whether an event takes away what was of a location that is seen, to one that is not.

        It tells of the other location's record, so it is not shown itself.
        """
        if self.location_ids is None or not self._wants(event) or self.sees(event):
            return False
        previous = event["data"].get("previous")
        return isinstance(previous, dict) and previous.get("location_id") in self.location_ids

    def _wants(self, event: Mapping[str, Any]) -> bool:
        type_ = event["type"]
        return not self.types or type_ in self.types or _name(type_) in self.types


def sight_of(actor: Actor, types: tuple[str, ...] = ()) -> Sight:
    """Return what an actor who is authorised may see of some types, or of all."""
    locations = None if actor.location_ids is None else frozenset(actor.location_ids)
    return Sight(locations, actor.may("chart"), frozenset(types))
