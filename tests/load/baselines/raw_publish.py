"""The broker's floor: persistent messages to a quorum queue, confirmed one by one and pipelined.

``python -m tests.load.baselines.raw_publish`` reads ``{host, user, password, seconds}`` from
standard input and writes ``{one_by_one, pipelined}``, messages a second.
"""

import json
import sys
import time
from typing import Any

import amqp

QUEUE = "bench.floor"
WINDOW = 100
BODY = b"x" * 900
"""About as long as an event."""
ARGUMENTS = {"x-queue-type": "quorum", "x-max-length": 1_000}


class Confirming:
    """A channel with publisher confirms; ``unconfirmed`` is what the broker has not taken yet."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.channel = connection.channel()
        self.channel.queue_declare(QUEUE, durable=True, auto_delete=False, arguments=ARGUMENTS)
        self.channel.confirm_select()
        self.channel.events["basic_ack"].add(self._acked)
        self.sent = self.confirmed = 0

    def rate(self, window: int, seconds: float) -> float:
        start = time.perf_counter()
        before = self.confirmed
        while time.perf_counter() < start + seconds:
            for _ in range(window):
                message = amqp.Message(BODY, delivery_mode=2)
                self.channel._basic_publish(message, routing_key=QUEUE)
                self.sent += 1
            while self.confirmed < self.sent:
                self.connection.drain_events(timeout=10)
        return (self.confirmed - before) / (time.perf_counter() - start)

    def _acked(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 (amqp's callback)
        self.confirmed = tag if multiple else self.confirmed + 1


def run(orders: dict[str, Any]) -> dict[str, float]:
    with amqp.Connection(orders["host"], orders["user"], orders["password"]) as connection:
        confirming = Confirming(connection)
        half = orders["seconds"] / 2
        found = {
            "one_by_one": confirming.rate(1, half),
            "pipelined": confirming.rate(WINDOW, half),
        }
        confirming.channel.queue_delete(QUEUE)
        return found


if __name__ == "__main__":
    print(json.dumps(run(json.load(sys.stdin))))
