"""A queue beside the consumers': what the broker was given, counted."""

from collections import Counter
from typing import Any

import amqp

from clinic_deploy.local import rabbitmq
from clinic_deploy.local.paths import Place
from clinic_deploy.provision.accounts import ADMIN
from clinic_runtime import topology
from clinic_runtime.packing import unpacked

NAME = "faults.witness"
DURABLE = {"x-queue-type": "quorum"}


def attach(place: Place) -> None:
    """Have a copy of every event published from now on kept."""
    with _connected(place) as connection:
        channel = connection.channel()
        channel.queue_declare(NAME, durable=True, auto_delete=False, arguments=DURABLE)
        for name in topology.SERVICES:
            exchange = topology.exchange(name)
            if name != "gateway":
                channel.queue_bind(NAME, exchange, "#")


def seen(place: Place) -> Counter[str]:
    """Return how often each event, by its id, was published."""
    found: Counter[str] = Counter()
    with _connected(place) as connection:
        channel = connection.channel()
        while (message := channel.basic_get(NAME, no_ack=True)) is not None:
            found.update(delivery.id for delivery in unpacked(message))
    return found


def _connected(place: Place) -> Any:
    accounts = place.accounts()
    connection = amqp.Connection(rabbitmq.address(place), ADMIN, accounts.passwords[ADMIN])
    connection.connect()
    return connection
