"""32 writers in four processes, killed in the middle: nothing is had twice, nothing is lost."""

import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

from booking import repository
from booking.domain.availability import Span
from booking.testing import Clinic

WRITER = Path(__file__).with_name("writer.py")
ROOMS = [{"name": f"Room {number}"} for number in range(6)]


def contested(clinic: Clinic) -> dict[str, tuple[str, str]]:
    """Return, per kind of resource, a location and treatment of which it is the scarce one."""
    massage = clinic.new_treatment(duration=30, turnover=5)
    lifted = clinic.new_treatment(duration=30, turnover=5, equipment_kind="lift")
    lift = [{"kind": "lift", "count": 1}]
    places = {
        "therapist": (clinic.new_location("Therapist", rooms=ROOMS), massage, 1),
        "room": (clinic.new_location("Room", rooms=ROOMS[:1]), massage, 6),
        "equipment": (clinic.new_location("Lift", rooms=ROOMS, equipment=lift), lifted, 6),
        "client": (
            clinic.new_location("Client", rooms=ROOMS, clients_in_one_place=True),
            massage,
            6,
        ),
    }
    for there, treatment, people in places.values():
        for number in range(people):
            clinic.new_therapist(f"{there.name} {number}", [there.id], [treatment.id])
    return {kind: (there.id, treatment.id) for kind, (there, treatment, _) in places.items()}


def start(uri: str, clinic: Clinic, seed: str, kinds: dict[str, tuple[str, str]]) -> Any:
    places = [",".join((kind, *ids)) for kind, ids in kinds.items()]
    command = [sys.executable, str(WRITER), uri, clinic.database.name, seed, *places]
    return subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0)


def test_per_kind_of_resource_nothing_is_had_twice_and_nothing_acknowledged_is_lost(
    mongo_uri: str, clinic: Clinic
) -> None:
    kinds = contested(clinic)
    writers = [start(mongo_uri, clinic, str(number), kinds) for number in range(4)]
    said = b""
    for writer in writers[:2]:
        said += writer.stdout.readline()
        writer.kill()
    writers.append(start(mongo_uri, clinic, "again", kinds))
    for writer in writers:
        said += writer.communicate(timeout=120)[0].rpartition(b"\n")[0] + b"\n"
    acknowledged = [line.split() for line in said.decode().splitlines() if line]
    assert [writer.returncode for writer in writers] == [-9, -9, 0, 0, 0]

    rows = list(clinic.database["appointments"].find())
    stored = {row["_id"] for row in rows}
    assert {id_ for _, id_ in acknowledged} <= stored
    per_kind = Counter(kind for kind, _ in acknowledged)
    assert set(per_kind) == set(kinds)
    assert max(per_kind.values()) <= 4 * 11  # six hours hold no more visits of 35 minutes
    assert repository.findings(clinic.database) == {"overlaps": 0}
    ours = [Span(row["start"], row["end"]) for row in rows if row["client_id"] == "cli_1"]
    assert not any(one.overlaps(other) for one, other in combinations(ours, 2))
