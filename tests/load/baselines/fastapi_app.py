"""What a good engineer would write instead: FastAPI, pymongo's async client, the same document.

No events, no Idempotency-Key, no look at shifts, rooms or clients: it is given every advantage.
Started by the bench with ``BASELINE_MONGO``, ``BASELINE_DATABASE`` and ``BASELINE_SECRET``.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import jwt
import orjson
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field
from pymongo import ASCENDING, AsyncMongoClient, WriteConcern
from pymongo.errors import DuplicateKeyError
from ulid import ULID

from tests.load import visits

SECRET = os.environ["BASELINE_SECRET"]
AUDIENCE = "clinic"
UNAUTHORIZED, NOT_FOUND, CONFLICT, UNPROCESSABLE = 401, 404, 409, 422
HIDDEN = {"claims": 0}
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z]+_[0-9A-Za-z]+$")]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        os.environ["BASELINE_MONGO"], maxPoolSize=32, tz_aware=True
    )
    database = client[os.environ["BASELINE_DATABASE"]]
    collection = database.get_collection("appointments", write_concern=WriteConcern("majority"))
    await collection.create_index("claims", **visits.UNIQUE_CLAIMS)
    await collection.create_index([("location_id", ASCENDING), ("start", ASCENDING)])
    app.state.appointments = collection
    yield
    await client.close()


app = FastAPI(lifespan=lifespan)


class Booking(BaseModel):
    model_config = ConfigDict(extra="forbid")

    location_id: Id
    treatment_id: Id
    practitioner_id: Id
    room_id: Id
    client_id: Id
    local_start: datetime
    fold: Annotated[int, Field(ge=0, le=1)] = 0


async def caller(authorization: Annotated[str, Header()]) -> str:
    token = authorization.removeprefix("Bearer ")
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience=AUDIENCE)
    except jwt.PyJWTError as error:
        raise HTTPException(UNAUTHORIZED, "not signed in") from error
    return str(claims["sub"])


Caller = Annotated[str, Depends(caller)]


@app.post("/v1/appointments")
async def book(booking: Booking, _who: Caller) -> Response:
    body = booking.model_dump(mode="json")
    try:
        made = visits.document(body)
    except ValueError as error:
        raise HTTPException(UNPROCESSABLE, str(error)) from error
    made["_id"] = f"apt_{ULID()}"
    try:
        await app.state.appointments.insert_one(made)
    except DuplicateKeyError as error:
        raise HTTPException(CONFLICT, "that time is taken") from error
    del made["claims"]
    return _json(visits.view(made), 201)


@app.get("/v1/appointments/{appointment_id}")
async def one(appointment_id: str, _who: Caller) -> Response:
    found = await app.state.appointments.find_one({"_id": appointment_id}, HIDDEN)
    if found is None:
        raise HTTPException(NOT_FOUND, "there is no such appointment")
    return _json(visits.view(found))


@app.get("/v1/day-sheet")
async def day(location_id: str, date: date, _who: Caller) -> Response:
    midnight = datetime.combine(date, time(), ZoneInfo(visits.TIMEZONE))
    bounds = {"$gte": midnight, "$lt": midnight + timedelta(days=1)}
    query = {"location_id": location_id, "start": bounds}
    found = await app.state.appointments.find(query, HIDDEN).sort("start").to_list()
    return _json({"items": [visits.view(visit) for visit in found]})


def _json(answer: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(answer), status, media_type="application/json")
