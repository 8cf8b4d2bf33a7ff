"""Answers that are written without the contracts' ``dump``, since they are long."""

from booking.domain.free import FreeTimes
from clinic_contracts.trusted import Written


def written(found: FreeTimes) -> Written:
    """Return an ``Availability`` of the free times; an instant is written once, not once a slot."""
    slots = []
    for time in found.times:
        start, end = time.start.isoformat(), time.end.isoformat()
        local = time.local_start.isoformat(timespec="minutes")
        slots += [
            {
                "practitioner_id": id_,
                "room_id": time.room_id,
                "start": start,
                "local_start": local,
                "end": end,
            }
            for id_ in time.practitioner_ids
        ]
    return Written(slots=slots)
