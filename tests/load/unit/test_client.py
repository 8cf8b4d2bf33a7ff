from itertools import islice

import pytest

from tests.load import client
from tests.load.client import Orders

READ = Orders(
    port=1, connections=1, seconds=1, headers={"Authorization": "Bearer t"}, paths=["/a", "/b"]
)


def test_reads_ask_for_the_paths_in_turn() -> None:
    asked = [request.split(b" ")[1] for _, request in islice(client.requests(READ), 3)]
    assert asked == [b"/a", b"/b", b"/a"]


def test_a_request_ends_with_an_empty_line_and_carries_the_headers() -> None:
    _, request = next(client.requests(READ))
    assert request.endswith(b"Authorization: Bearer t\r\n\r\n")
    assert request.startswith(b"GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\n")


@pytest.mark.parametrize(
    ("head", "length"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX: 1", 12),
        (b"HTTP/1.1 200 OK\r\ncontent-length:7", 7),
        (b"HTTP/1.1 304 Not Modified\r\nETag: x", 0),
    ],
)
def test_the_length_of_an_answer_is_read_from_its_head(head: bytes, length: int) -> None:
    assert client.content_length(head) == length


def test_an_answer_in_chunks_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="chunked"):
        client.content_length(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked")
