"""Who looked at a client's record: client_profile's log, with the names of those who did."""

from typing import Any

from pymongo.database import Database

from clinic_contracts.client_profile import operations as op
from clinic_contracts.client_profile.access_log import AccessPage, ReadAccessLog
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import RpcClient
from gateway.http import requests
from gateway.http.answers import json_answer
from gateway.http.cursors import Cursors
from gateway.http.messages import Request, Response
from gateway.identity.names import names_of
from gateway.routing import OwnCall

READ = OwnCall(
    method="GET",
    path="/v1/clients/<client_id>/access-log",
    name="read_access_log",
    summary="Who looked at a client's record.",
    tag="Clients",
    action="read_access_log",
    request=ReadAccessLog,
    answer=AccessPage,
    refusals=(404, 503),
)


def read(
    request: Request,
    rpc: RpcClient,
    context: CallContext,
    cursors: Cursors,
    database: Database[dict[str, Any]],
) -> Response:
    """Answer a page of looks, the latest first."""
    asked = {**requests.query(request), **request.path_values}
    if "cursor" in asked:
        asked["cursor"] = cursors.read(READ.path, asked["cursor"])
    answer = rpc.call(op.READ_ACCESS_LOG, asked, context, lenient=True)
    names = names_of(database, [each["actor"] for each in answer["items"]])
    items = [{**each, "actor_name": names[each["actor"]]} for each in answer["items"]]
    return json_answer({"items": items, "next": cursors.signed(READ.path, answer["next"])})
