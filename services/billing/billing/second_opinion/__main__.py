"""``python -m billing.second_opinion``: the worker.

It reads a line ``<kind> <bytes>`` and so many bytes on standard input, and answers each with a line
of JSON: ``{"given": true, "problems": [...]}`` or ``{"given": false, "reason": "..."}``. It ends
when its input does, when it has been idle, and when a file takes too long.
"""

import json
import logging
import os
import resource
import select
import signal
import sys
from dataclasses import asdict

from billing.second_opinion.opinions import MOST_PROBLEMS, OPINIONS, NoOpinionError
from billing.second_opinion.wire import IDLE_SECONDS, MOST_BYTES, MOST_MEMORY, SECONDS


def main() -> None:
    """Answer until there is nothing more to answer."""
    # A socket from a green process does not wait, and a file larger than its buffer comes in parts.
    os.set_blocking(sys.stdin.fileno(), True)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # What the libraries print goes nowhere: it would stand among the answers, and it quotes files.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    # An alarm that nobody handles ends the process, even one whose service has gone.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    requests = sys.stdin.buffer
    while select.select([requests], [], [], IDLE_SECONDS)[0]:
        kind, _, length = requests.readline().decode("ascii", "replace").strip().partition(" ")
        if kind not in OPINIONS or not length.isdecimal() or int(length) > MOST_BYTES:
            return
        raw = requests.read(int(length))
        if len(raw) < int(length):
            return
        signal.setitimer(signal.ITIMER_REAL, SECONDS * 2)
        answers.write(json.dumps(_answer(kind, raw)) + "\n")
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(kind: str, raw: bytes) -> dict[str, object]:
    try:
        problems = OPINIONS[kind](raw)
    except NoOpinionError as none:
        return {"given": False, "reason": str(none)}
    except Exception as failed:  # noqa: BLE001 (a library's failure is no opinion, and no more)
        return {"given": False, "reason": f"the library failed: {type(failed).__name__}"}
    return {"given": True, "problems": [asdict(each) for each in problems[:MOST_PROBLEMS]]}


main()
