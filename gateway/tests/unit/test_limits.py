from typing import Any

import pytest

from clinic_contracts.booking import operations as op
from clinic_contracts.errors import TooManyRequests
from gateway import limits
from gateway.calls import DOCS
from gateway.http.messages import Request
from gateway.identity_calls.sessions import SIGN_IN
from gateway.limits import Limits, UnusableQuotaError
from gateway.routing import Call, Route

READ = Route("GET", "/v1/appointments", op.LIST_APPOINTMENTS, "read", "Appointments")
WRITE = Route("POST", "/v1/appointments", op.BOOK_APPOINTMENT, "book", "Appointments")
REPORT = Route("GET", "/v1/r", op.GET_UTILISATION, "read", "Reports", costs_much=True)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def request(token: str = "", peer: str = "192.0.2.1", method: str = "GET") -> Request:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return Request(method=method, path="/", headers=headers, peer=peer)


def ask(kept: Limits, call: Call, asked: Request, status: int = 200) -> dict[str, Any]:
    """Return the headers of one answered request; raises TooManyRequests."""
    turn = kept.turn(asked, call)
    turn.check()
    return kept.answered(turn, status).headers()


def test_the_draft_s_fields_say_what_is_left(clock: Clock) -> None:
    kept = Limits("default=3", clock=clock)
    answers = [ask(kept, READ, request("t")) for _ in range(3)]
    assert {each["RateLimit-Policy"] for each in answers} == {'"default";q=3;w=60'}
    found = [each["RateLimit"] for each in answers]
    assert found == ['"default";r=2;t=20', '"default";r=1;t=40', '"default";r=0;t=60']


def test_a_used_up_quota_comes_back_evenly(clock: Clock) -> None:
    kept = Limits("default=3", clock=clock)
    for _ in range(3):
        ask(kept, READ, request("t"))
    with pytest.raises(TooManyRequests) as refused:
        ask(kept, READ, request("t"))
    assert refused.value.extra["retry_after"] == 20
    clock.now += 20
    ask(kept, READ, request("t"))
    with pytest.raises(TooManyRequests):
        ask(kept, READ, request("t"))
    clock.now += 60
    assert ask(kept, READ, request("t"))["RateLimit"] == '"default";r=2;t=20'


def test_a_refusal_costs_nothing_more(clock: Clock) -> None:
    kept = Limits("default=1", clock=clock)
    ask(kept, READ, request("t"))
    for _ in range(10):
        with pytest.raises(TooManyRequests) as refused:
            ask(kept, READ, request("t"))
        assert refused.value.extra["retry_after"] == 60


def test_reads_writes_and_costly_reads_are_counted_apart(clock: Clock) -> None:
    kept = Limits("default=1,write=1,costly=1", clock=clock)
    for call, method in ((READ, "GET"), (WRITE, "POST"), (REPORT, "GET")):
        ask(kept, call, request("t", method=method))
        with pytest.raises(TooManyRequests):
            ask(kept, call, request("t", method=method))


def test_callers_behind_one_address_do_not_share_a_quota(clock: Clock) -> None:
    kept = Limits("default=2,anonymous=1", clock=clock)
    for token in ("one", "two", "three"):
        ask(kept, READ, request(token))
        ask(kept, READ, request(token))
        with pytest.raises(TooManyRequests):
            ask(kept, READ, request(token))


def test_tokens_that_are_nobody_s_are_their_address_s(clock: Clock) -> None:
    kept = Limits("anonymous=5", clock=clock)
    for number in range(5):
        told = ask(kept, READ, request(f"guess {number}"), 401)
    assert told["RateLimit"] == '"anonymous";r=0;t=60'
    with pytest.raises(TooManyRequests):
        ask(kept, READ, request("another"), 401)
    with pytest.raises(TooManyRequests):
        ask(kept, SIGN_IN, request(method="POST"))
    ask(kept, READ, request("another", peer="192.0.2.2"), 401)


def test_a_refused_write_shows_no_token_to_be_somebody_s(clock: Clock) -> None:
    """A page of another site is refused before its cookie is looked at."""
    kept = Limits("anonymous=2", clock=clock)
    ask(kept, WRITE, request("a", method="POST"), 403)
    ask(kept, WRITE, request("b", method="POST"), 415)
    with pytest.raises(TooManyRequests):
        ask(kept, WRITE, request("c", method="POST"), 403)


def test_a_session_that_ended_is_its_address_s_again(clock: Clock) -> None:
    kept = Limits("anonymous=1", clock=clock)
    ask(kept, READ, request("t"))
    assert "default" in ask(kept, READ, request("t"), 401)["RateLimit"]
    assert "anonymous" in ask(kept, READ, request("t"), 401)["RateLimit"]


def test_pages_have_a_quota_of_their_own(clock: Clock) -> None:
    kept = Limits("anonymous=1,page=2", clock=clock)
    ask(kept, SIGN_IN, request(method="POST"))
    assert '"page";r=1' in ask(kept, DOCS, request())["RateLimit"]


def test_an_ipv6_address_is_its_site_s(clock: Clock) -> None:
    kept = Limits("anonymous=1", clock=clock)
    ask(kept, SIGN_IN, request(peer="2001:db8::1"))
    with pytest.raises(TooManyRequests):
        ask(kept, SIGN_IN, request(peer="2001:db8:0:0:ffff::2"))
    ask(kept, SIGN_IN, request(peer="2001:db8:0:1::1"))


def test_what_is_kept_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CALLERS", 3)
    kept = Limits("anonymous=1", clock=clock)
    for last in range(10):
        ask(kept, SIGN_IN, request(peer=f"192.0.2.{last}"))
        ask(kept, READ, request(f"token {last}", peer=f"198.51.100.{last}"))
    assert [len(each) for each in kept.until.values()] == [3, 0, 0, 3, 0]
    assert len(kept.shown) == 3
    with pytest.raises(TooManyRequests):
        ask(kept, SIGN_IN, request(peer="192.0.2.9"))


@pytest.mark.parametrize("text", ["reads=5", "default", "default=0", "default=-1", "default=x"])
def test_a_setting_that_cannot_be_used_is_named(text: str) -> None:
    with pytest.raises(UnusableQuotaError, match=text):
        Limits(text)
    assert Limits("every=7, page=9").policies["page"].quota == 9
