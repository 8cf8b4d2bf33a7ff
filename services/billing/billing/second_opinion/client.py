"""The service's side of the second opinion: one worker, started when asked, one file at a time.

Never raises: no opinion is an answer too. A socket, not pipes, since eventlet makes waiting for one
cooperative, so that a file being looked at holds nobody else up.
"""

import json
import socket
import subprocess
import sys
import threading
import time

from billing.claim_ports import Opinion
from billing.second_opinion.wire import MOST_ANSWER, MOST_BYTES, SECONDS
from payer_formats.findings import Finding

COMMAND = (sys.executable, "-m", "billing.second_opinion")
CHUNK = 65_536


class _WorkerGoneError(Exception):
    """The worker ended, or was ended, before it answered."""


class SecondOpinion:
    """Asks a worker about files; may be shared by all that ask, who then wait for each other."""

    def __init__(self, *, seconds: float = SECONDS, command: tuple[str, ...] = COMMAND) -> None:
        self._seconds = seconds
        self._command = command
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process id, None while there is none."""
        return self._process.pid if self._process else None

    def ask(self, kind: str, raw: bytes) -> Opinion:
        """Return the opinion on a file, ``x12`` or ``fhir``, within twice the time for one file.

        A worker that has ended (idle, or killed) is replaced once; one that takes too long is
        killed, and the file gets no opinion.
        """
        if len(raw) > MOST_BYTES:
            return Opinion(given=False, reason=f"the file has more than {MOST_BYTES} bytes")
        if not self._turn.acquire(timeout=self._seconds):
            return Opinion(given=False, reason="other files are being looked at")
        deadline = time.monotonic() + self._seconds
        try:
            for _ in range(2):
                try:
                    return self._asked(kind, raw, deadline)
                except _WorkerGoneError:
                    self._end()
            return Opinion(given=False, reason="the worker ended while it looked")
        except TimeoutError:
            self._end()
            return Opinion(given=False, reason=f"no answer in {self._seconds:g} s")
        except (OSError, ValueError, KeyError, TypeError) as failed:
            self._end()
            return Opinion(given=False, reason=f"the worker failed: {type(failed).__name__}")
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the worker; asking again starts another."""
        with self._turn:
            self._end()

    def _asked(self, kind: str, raw: bytes, deadline: float) -> Opinion:
        link = self._started()
        try:
            link.settimeout(max(0.001, deadline - time.monotonic()))
            link.sendall(b"%s %d\n%s" % (kind.encode(), len(raw), raw))
            answer = b""
            while not answer.endswith(b"\n"):
                link.settimeout(max(0.001, deadline - time.monotonic()))
                piece = link.recv(CHUNK)
                if not piece:
                    raise _WorkerGoneError
                answer += piece
                if len(answer) > MOST_ANSWER:
                    return self._refused()
        except (BrokenPipeError, ConnectionError):
            raise _WorkerGoneError from None
        return _opinion(json.loads(answer))

    def _refused(self) -> Opinion:
        self._end()
        return Opinion(given=False, reason="the answer is too long")

    def _started(self) -> socket.socket:
        if self._process and self._link and self._process.poll() is None:
            return self._link
        self._end()
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(  # noqa: S603 (our own module)
                self._command,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._link = ours
        return ours

    def _end(self) -> None:
        link, process = self._link, self._process
        self._link = self._process = None
        if link:
            link.close()
        if process:
            process.kill()
            process.wait()


def _opinion(answer: dict[str, object]) -> Opinion:
    if not answer["given"]:
        return Opinion(given=False, reason=str(answer["reason"]))
    problems = answer["problems"]
    if not isinstance(problems, list):
        raise TypeError
    return Opinion(given=True, findings=tuple(_finding(each) for each in problems))


def _finding(problem: dict[str, object]) -> Finding:
    position = problem["position"]
    return Finding(
        code=str(problem["code"]),
        text=str(problem["text"]),
        where=str(problem["where"]),
        position=position if isinstance(position, int) else 0,
        severity="warning",
    )
