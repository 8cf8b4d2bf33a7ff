"""Who asks, and on whose thread of events: carried by every RPC call and copied into events."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """The caller of one operation.

    ``actor`` is ``staff:<id>``, ``key:<id>`` or ``system:<name>``. ``location_scope`` lists the
    locations whose records the caller may see, None meaning all. ``sees_health_numbers`` says
    whether the caller is shown health numbers whole, ``may_override`` whether they may double-book
    on purpose wherever they book, ``override_at`` where besides. ``operation_id`` is the same for
    every retry of one request, so an effect keyed by it happens once. ``fingerprint`` tells that
    request from another one under the same key; empty when there is no key.
    """

    actor: str
    correlation_id: str
    operation_id: str
    traceparent: str = ""
    location_scope: tuple[str, ...] | None = None
    causation_id: str = ""
    sees_health_numbers: bool = False
    may_override: bool = False
    override_at: tuple[str, ...] = ()
    fingerprint: str = ""

    def sees(self, location_id: str) -> bool:
        """Say whether records of this location are the caller's to see."""
        return self.location_scope is None or location_id in self.location_scope

    def overrides_at(self, location_id: str) -> bool:
        """Say whether the caller may double-book on purpose at a location."""
        return self.may_override or location_id in self.override_at

    def sees_client_of(self, location_ids: Collection[str]) -> bool:
        """Say whether a client of these locations is the caller's to see; of none, everybody's.

        So it is with practitioners.
        """
        return not location_ids or any(map(self.sees, location_ids))

    def sees_whole(self, location_ids: Collection[str] | None) -> bool:
        """Say whether all of these locations, None: the whole chain, are the caller's to see."""
        if location_ids is None:
            return self.location_scope is None
        return all(map(self.sees, location_ids))

    def to_wire(self) -> dict[str, Any]:
        """Return the context as JSON-able members."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_wire(cls, document: Mapping[str, Any]) -> "CallContext":
        """Read a context, tolerating members that a newer caller adds."""
        known = {name: document[name] for name in cls.__slots__ if name in document}
        if known.get("location_scope") is not None:
            known["location_scope"] = tuple(known["location_scope"])
        known["override_at"] = tuple(known.get("override_at", ()))
        return cls(**known)
