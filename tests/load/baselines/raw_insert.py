"""The database's floor: ``insert_one`` of the same document, so many at a time.

``python -m tests.load.baselines.raw_insert`` reads ``{uri, database, plan, first, concurrency,
seconds}`` from standard input and writes ``{rate, inserted}``.
"""

import asyncio
import json
import sys
import time
from typing import Any

from pymongo import AsyncMongoClient, WriteConcern
from ulid import ULID

from tests.load import slots, visits


async def run(orders: dict[str, Any]) -> dict[str, float]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(orders["uri"], maxPoolSize=64)
    majority = WriteConcern("majority")
    collection = client[orders["database"]].get_collection("raw", write_concern=majority)
    await collection.create_index("claims", **visits.UNIQUE_CLAIMS)
    plan, numbers = slots.from_json(orders["plan"]), iter(range(orders["first"], sys.maxsize))
    start = time.perf_counter()
    done = 0

    async def insert() -> None:
        nonlocal done
        while time.perf_counter() < start + orders["seconds"]:
            document = visits.document(plan.body(next(numbers)))
            await collection.insert_one({"_id": f"apt_{ULID()}", **document})
            done += 1

    await asyncio.gather(*(insert() for _ in range(orders["concurrency"])))
    seconds = time.perf_counter() - start
    await client.close()
    return {"rate": done / seconds, "inserted": done}


if __name__ == "__main__":
    import uvloop  # only the bench's own environment has it

    print(json.dumps(uvloop.run(run(json.load(sys.stdin)))))
