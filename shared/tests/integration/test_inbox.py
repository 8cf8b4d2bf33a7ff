"""Handled deliveries, recorded together and acknowledged together."""

from typing import Any

import amqp
import eventlet
import pytest
from pymongo.database import Database
from pymongo.errors import WriteConcernError
from pymongo.write_concern import WriteConcern

from clinic_contracts.envelope import Event
from clinic_runtime.clock import now
from clinic_runtime.inbox import Hand, record
from clinic_runtime.link import open_connection
from clinic_runtime.watching import Watch

Documents = Database[dict[str, Any]]


def event(id_: str) -> Event:
    return Event(
        id=id_,
        type="source.job_set.v1",
        subject="job",
        seq=1,
        occurred_at=now(),
        data=None,
        actor="staff:test",
        correlation_id="1",
    )


def test_deliveries_that_end_together_share_a_write_and_each_is_told_its_own_outcome(
    watched: Documents, watch: Watch
) -> None:
    assert record(watched, event("3")) == "handled"
    ending = [eventlet.spawn(record, watched, event(str(number))) for number in range(20)]
    again = eventlet.spawn(record, watched, event("7"))
    outcomes = [each.wait() for each in ending]
    assert outcomes == ["duplicate" if number == 3 else "handled" for number in range(20)]
    assert again.wait() == "duplicate"
    assert [next(iter(each)) for each in watch.commands].count("insert") <= 3
    assert watched["inbox"].count_documents({}) == 20


def test_what_could_not_be_recorded_is_told_to_each(database: Documents) -> None:
    two = WriteConcern(w=2, wtimeout=50)  # of a set of one
    unsafe = database.client.get_database(database.name, write_concern=two)
    ending = [eventlet.spawn(record, unsafe, event(str(number))) for number in range(2)]
    for each in ending:
        with pytest.raises(WriteConcernError):
            each.wait()


def test_what_is_still_in_hand_is_not_acknowledged_along(amqp_uri: str) -> None:
    connection = open_connection(amqp_uri)
    channel = connection.channel()
    queue = channel.queue_declare(exclusive=True, auto_delete=False).queue
    messages: list[Any] = []
    for number in range(6):
        channel.basic_publish(amqp.Message(str(number)), routing_key=queue)
    channel.basic_consume(queue, callback=messages.append)
    while len(messages) < 6:
        connection.drain_events()
    hand = Hand(channel)
    for message in messages:
        hand.take(message)
    for number in (4, 1, 0):
        hand.settle(messages[number])
    eventlet.sleep(0)
    hand.give_back(messages[2])
    hand.settle(messages[3])
    eventlet.sleep(0)
    assert hand.owed == {messages[5].delivery_tag: 1}
    channel.close()  # which gives back what was not acknowledged
    left = connection.channel()
    bodies = [left.basic_get(queue, no_ack=True).body for _ in range(2)]
    assert sorted(bodies) == ["2", "5"]
    assert left.basic_get(queue) is None
    connection.close()
