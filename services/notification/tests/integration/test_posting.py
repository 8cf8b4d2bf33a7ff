"""One webhook posted: to whom, by what certificate, and for how long."""

import socket
from pathlib import Path

import pytest

from clinic_runtime.clock import now
from notification.ports import NotDeliveredError, UndeliverableError
from notification.testing import Receiver
from notification.webhooks.posting import HttpPoster, new_secret

START = now()
HERE = "127.0.0.1"


def test_an_answer_that_drips_is_cut_off(receiver: Receiver) -> None:
    poster = HttpPoster(private=True, seconds=0.3)
    with pytest.raises(NotDeliveredError):
        poster.post(f"{receiver.url}/drips", "evt_1", "{}", [new_secret()], START)


def test_a_name_that_leads_to_this_machine_is_refused(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    poster = HttpPoster(private=False)
    port = receiver.server.server_port
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (at, port)) for at in ("8.8.8.8", HERE)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    url = f"https://hooks.example.org:{port}/"
    with pytest.raises(UndeliverableError, match="private network"):
        poster.post(url, "evt_1", "{}", [new_secret()], START)
    assert receiver.heard == []


def test_by_tls_the_certificate_must_be_trusted_and_the_hosts(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver(certificate)
    port = receiver.server.server_port

    def post(host: str) -> int:
        url = f"https://{host}:{port}/hook"
        return HttpPoster(private=True, seconds=5).post(url, "evt_1", "{}", ["whsec_eA=="], START)

    try:
        with pytest.raises(NotDeliveredError, match="SSLCertVerificationError"):
            post(HERE)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        assert post(HERE) == 204
        assert len(receiver.heard) == 1
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (HERE, port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        with pytest.raises(NotDeliveredError, match="SSLCertVerificationError"):
            post("hooks.example.org")
        assert len(receiver.heard) == 1
    finally:
        receiver.stop()
