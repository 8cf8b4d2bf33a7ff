"""What the simulated payer remembers, and its doors: HTTP and a folder."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from clinic_deploy.simulator import doors, store, x12
from clinic_deploy.simulator.doors import Payer, Server, Watched
from clinic_deploy.simulator.store import Mail, Store, Taken

ANSWER = Taken(
    content_type="text/plain",
    body=b"taken",
    later=(
        Mail(after=5, content_type="text/plain", name="late", body=b"late"),
        Mail(after=1, content_type="text/plain", name="soon", body=b"soon"),
    ),
)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_what_is_due_is_numbered_in_the_order_in_which_it_came_to_be(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.take("a", 0, lambda _number: ANSWER).body == b"taken"
    assert [each.name for each in store.listed(0, 10, 2)] == ["soon"]
    assert [each.name for each in store.listed(0, 10, 9)] == ["soon", "late"]
    assert [each.number for each in store.listed(1, 10, 9)] == [2]
    assert store.mail(2) == ("text/plain", b"late")
    assert store.mail(3) is None


def test_the_same_key_is_taken_once_also_by_another_process(tmp_path: Path) -> None:
    Store(tmp_path).take("a", 0, lambda _number: ANSWER)

    def never(_number: object) -> Taken:
        raise AssertionError

    assert Store(tmp_path).take("a", 0, never).body == b"taken"
    assert len(Store(tmp_path).listed(0, 10, 99)) == 2


def test_what_fails_in_the_middle_is_not_taken(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def fails(number: object) -> Taken:
        assert callable(number)
        number()
        raise sqlite3.OperationalError

    with pytest.raises(sqlite3.OperationalError):
        store.take("a", 0, fails)
    numbers: list[int] = []

    def makes(number: object) -> Taken:
        assert callable(number)
        numbers.append(number())
        return ANSWER

    store.take("a", 0, makes)
    assert numbers == [1]


@pytest.fixture
def payer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Payer:
    monkeypatch.setattr(x12, "taken", lambda _raw, _at, _number: ANSWER)
    return Payer(Store(tmp_path), Clock())


@pytest.fixture
def url(payer: Payer) -> Iterator[str]:
    server = Server(payer, "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_file_is_posted_and_its_answers_are_fetched(payer: Payer, url: str) -> None:
    answer = requests.post(f"{url}/x12", data=b"ISA", headers={"Idempotency-Key": "k"}, timeout=5)
    assert (answer.status_code, answer.content) == (200, b"taken")
    assert requests.get(f"{url}/outbox", timeout=5).json() == {"files": [], "next": "0"}
    assert isinstance(payer.clock, Clock)
    payer.clock.now += 1
    listed = requests.get(f"{url}/outbox?after=0", timeout=5).json()
    assert [each["name"] for each in listed["files"]] == ["soon"]
    assert requests.get(f"{url}/outbox/{listed['files'][0]['id']}", timeout=5).content == b"soon"
    assert requests.get(f"{url}/outbox?after={listed['next']}", timeout=5).json()["files"] == []
    assert "A payer to try claims against" in requests.get(url, timeout=5).text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/outbox?after=x", 422), ("/outbox/9", 404), ("/nothing", 404)],
)
def test_what_is_asked_wrongly_is_answered(url: str, path: str, status: int) -> None:
    assert requests.get(f"{url}{path}", timeout=5).status_code == status
    assert requests.post(f"{url}/fax", data=b"x", timeout=5).status_code == 404


def test_a_file_that_is_too_large_is_refused_before_it_is_read(url: str) -> None:
    headers = {"Content-Length": str(doors.LARGEST + 1)}
    answer = requests.post(f"{url}/x12", data=iter([b""]), headers=headers, timeout=5)
    assert answer.status_code == 413


def test_what_is_put_into_the_folder_is_taken_once_it_has_settled(
    payer: Payer, tmp_path: Path
) -> None:
    watched = Watched(payer, tmp_path)
    path = tmp_path / "in" / "claims.837"
    path.write_bytes(b"ISA")
    watched.look()
    assert path.exists()
    os.utime(path, (1, 1))
    watched.look()
    assert not path.exists()
    assert (tmp_path / "out" / "claims.837.answer").read_bytes() == b"taken"
    assert isinstance(payer.clock, Clock)
    payer.clock.now += 9
    watched.look()
    Watched(payer, tmp_path).look()
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        ".last",
        "claims.837.answer",
        "late",
        "soon",
    ]


def test_what_cannot_be_answered_is_put_aside_with_the_reason(tmp_path: Path) -> None:
    watched = Watched(Payer(Store(tmp_path), Clock()), tmp_path)
    path = tmp_path / "in" / "letter.txt"
    path.write_bytes(b"hello")
    os.utime(path, (1, 1))
    watched.look()
    assert (tmp_path / "rejected" / "letter.txt").read_bytes() == b"hello"
    assert "NO_ISA" in (tmp_path / "rejected" / "letter.txt.txt").read_text()


def test_a_file_waits_in_the_folder_while_too_much_is_owed(
    payer: Payer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(payer, tmp_path)
    path = tmp_path / "in" / "claims.837"
    path.write_bytes(b"ISA")
    os.utime(path, (1, 1))
    monkeypatch.setattr(store, "MOST_WAITING", 0)
    watched.look()
    assert path.exists()
    assert not list((tmp_path / "rejected").iterdir())
    monkeypatch.undo()
    monkeypatch.setattr(x12, "taken", lambda _raw, _at, _number: ANSWER)
    watched.look()
    assert not path.exists()
    assert (tmp_path / "out" / "claims.837.answer").read_bytes() == b"taken"


def test_a_file_that_cannot_be_read_keeps_no_other_from_being_taken(
    payer: Payer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(payer, tmp_path)
    for name in ("a.837", "b.837"):
        (tmp_path / "in" / name).write_bytes(name.encode())
        os.utime(tmp_path / "in" / name, (1, 1))
    read = Path.read_bytes

    def refuses(path: Path) -> bytes:
        if path.name == "a.837":
            raise PermissionError
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuses)
    watched.look()
    assert [each.name for each in (tmp_path / "in").iterdir()] == ["a.837"]
