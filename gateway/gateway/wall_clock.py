"""What time it is on a clinic's wall, for screens whose own zone data may be of another edition."""

import zoneinfo
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from clinic_contracts.constraints import Text
from clinic_contracts.errors import Invalid
from clinic_contracts.schemas import load
from clinic_contracts.trusted import dump
from clinic_runtime.clock import now, tzdata_version
from gateway.http import requests
from gateway.http.answers import json_answer
from gateway.http.messages import Request, Response
from gateway.routing import OwnCall


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadClock:
    """The time on the wall in a zone, such as ``America/Vancouver``."""

    timezone: Annotated[str, Text(max=60)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WallClock:
    """Now: the zone's local time without an offset, and the edition of the zone data."""

    timezone: str
    local_time: str
    offset: str
    tzdata_version: str


READ_CLOCK = OwnCall(
    method="GET",
    path="/v1/wall-clock",
    name="read_wall_clock",
    summary="What time it is on a clinic's wall.",
    tag="Locations",
    action="signed_in",
    request=ReadClock,
    answer=WallClock,
)


def read(request: Request) -> Response:
    """Answer the time of the zone asked for; raises Invalid for one that is not known."""
    wanted = load(ReadClock, requests.query(request), lenient=True)
    return json_answer(dump(clock(wanted.timezone, now())))


def clock(timezone: str, at: datetime) -> WallClock:
    """Return an instant as a zone's wall shows it."""
    try:
        local = at.astimezone(zoneinfo.ZoneInfo(timezone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        detail = f"there is no time zone {timezone}"
        raise Invalid(detail, errors={"timezone": [detail]}) from error
    text = local.isoformat(timespec="milliseconds")
    return WallClock(
        timezone=timezone,
        local_time=text[:-6],
        offset=text[-6:],
        tzdata_version=tzdata_version(),
    )
