"""Stock Nameko doing it: its HTTP entrypoint, its RpcProxy, its RPC, one insert.

``python -m tests.load.baselines.stock_nameko http|service`` runs one of the two processes.
"""

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402 (patched first)
import os  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from nameko.extensions import DependencyProvider  # noqa: E402
from nameko.rpc import RpcProxy, rpc  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402
from nameko.web.handlers import http  # noqa: E402
from pymongo import MongoClient, WriteConcern  # noqa: E402
from ulid import ULID  # noqa: E402

from tests.load import visits  # noqa: E402

WORKERS = 50


class Appointments(DependencyProvider):  # type: ignore[misc]  # nameko is untyped
    def setup(self) -> None:
        self.client: MongoClient[dict[str, Any]] = MongoClient(os.environ["BASELINE_MONGO"])
        database = self.client[os.environ["BASELINE_DATABASE"]]
        majority = WriteConcern("majority")
        self.collection = database.get_collection("appointments", write_concern=majority)
        self.collection.create_index("claims", **visits.UNIQUE_CLAIMS)

    def stop(self) -> None:
        self.client.close()

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.collection


class StockService:
    name = "stock_booking"
    appointments = Appointments()

    @rpc  # type: ignore[untyped-decorator]  # nameko is untyped
    def book(self, body: dict[str, str]) -> dict[str, str]:
        made = visits.document(body)
        made["_id"] = f"apt_{ULID()}"
        self.appointments.insert_one(made)
        return {"id": made["_id"], **body}


class StockGateway:
    name = "stock_gateway"
    booking = RpcProxy("stock_booking")

    @http("POST", "/v1/appointments")  # type: ignore[untyped-decorator]  # nameko is untyped
    def book(self, request: Any) -> tuple[int, str]:
        made = self.booking.book(json.loads(request.get_data()))
        return 201, json.dumps(made)


def main(part: str) -> None:
    config = {
        "AMQP_URI": os.environ["BASELINE_AMQP"],
        "WEB_SERVER_ADDRESS": f"127.0.0.1:{os.environ['BASELINE_PORT']}",
        "max_workers": WORKERS,
    }
    runner = ServiceRunner(config)
    runner.add_service({"http": StockGateway, "service": StockService}[part])
    runner.start()
    runner.wait()


if __name__ == "__main__":
    main(sys.argv[1])
