"""What became of a visit: booking's record of it, with the names of those who did it."""

from typing import Any

from pymongo.database import Database

from clinic_contracts.booking import operations as op
from clinic_contracts.booking.history import History
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import RpcClient
from gateway.http.answers import json_answer
from gateway.http.messages import Request, Response
from gateway.identity.names import names_of
from gateway.routing import OwnCall

READ_HISTORY = OwnCall(
    method="GET",
    path="/v1/appointments/<appointment_id>/history",
    name="read_history",
    summary="What became of a visit, when and by whom.",
    tag="Appointments",
    action="read",
    answer=History,
    refusals=(404, 422, 503),
)


def read(
    request: Request, rpc: RpcClient, context: CallContext, database: Database[dict[str, Any]]
) -> Response:
    """Answer the changes of a visit, earliest first."""
    answer = rpc.call(op.GET_HISTORY, request.path_values, context)
    names = names_of(database, [entry["actor"] for entry in answer["items"]])
    items = [{**entry, "actor_name": names[entry["actor"]]} for entry in answer["items"]]
    return json_answer({"items": items})
