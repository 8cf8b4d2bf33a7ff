"""The way to payers over HTTP: a clearing house that takes files and keeps a mailbox for us.

``POST {url}{path of the payer}`` takes a file; an ``Idempotency-Key`` has it taken once. What it
answers at once is a payer's file too. ``GET {url}/outbox?after={cursor}`` lists what has come
since, ``GET {url}/outbox/{id}`` is one of them.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import requests

from billing.claim_ports import Batch, File, Mail
from billing.eligibility_ports import Question
from billing.payers.profiles import Profiles
from clinic_contracts.client_profile.events import CoverageChanged
from clinic_contracts.errors import ClaimUnfit, ServiceUnavailable
from clinic_runtime.observability import get_logger

log = get_logger(__name__)
SECONDS = (5, 30)
SECONDS_ASKING = (1, 3)
"""A call through the gateway has five; what takes longer is asked again by the timer."""
LARGEST_ANSWER = 10 * 1024 * 1024
FILES_AT_ONCE = 50
AGAIN_SECONDS = 60
TRY_AGAIN = frozenset({408, 425, 429})
REFUSED = range(400, 500)
FILE_TYPES = frozenset({"application/edi-x12", "application/fhir+json", "text/plain"})


class HttpCarrier:
    """One clearing house, at ``url``; empty: nobody is reached, and people send files."""

    def __init__(self, url: str, profiles: Profiles) -> None:
        self.url = url.rstrip("/")
        self.profiles = profiles
        self.session = requests.Session()

    @property
    def reaches(self) -> Callable[[str], bool]:
        """Say whether a payer, by its id, is reached."""
        return lambda payer_id: bool(self.url and self._path(payer_id))

    def send(self, batch: Batch) -> list[File]:
        """Send a batch, once by its id however often asked; return what is answered at once.

        Raises ServiceUnavailable when it is not known to have arrived, ClaimUnfit when the payer
        does not take it.
        """
        return self._post(self._path(batch.payer_id), batch.id, batch.file, SECONDS)

    def ask(self, question: Question) -> list[File]:
        """Send a question of eligibility as ``send`` sends a batch; somebody waits for it."""
        profile = self.profiles.by_id(question.payer_id)
        path = "" if profile is None else profile.eligibility_path
        return self._post(path, question.id, question.file, SECONDS_ASKING)

    def asks(self, coverage: CoverageChanged) -> bool:
        """Say whether the payer of a coverage can be asked about it."""
        profile = self.profiles.of(coverage)
        return bool(self.url and profile is not None and profile.eligibility_path)

    def fetch(self, cursor: str) -> Mail:
        """Return what has come since; raises ServiceUnavailable."""
        listed = self._ask("GET", f"/outbox?after={quote(cursor, safe='')}&limit={FILES_AT_ONCE}")
        try:
            found = listed.json()
            ids, following = [str(each["id"]) for each in found["files"]], str(found["next"])
        except (ValueError, KeyError, TypeError) as error:
            raise _away(error) from error
        files = [_file(self._ask("GET", f"/outbox/{quote(id_, safe='')}"), id_) for id_ in ids]
        return Mail(files=[each for each in files if each is not None], cursor=following)

    def _path(self, payer_id: str) -> str:
        profile = self.profiles.by_id(payer_id)
        return "" if profile is None else profile.path

    def _post(self, path: str, key: str, file: File, seconds: tuple[int, int]) -> list[File]:
        headers = {"Content-Type": file.content_type, "Idempotency-Key": key}
        answer = self._ask("POST", path, seconds, data=file.raw, headers=headers)
        if answer.status_code in REFUSED:
            raise ClaimUnfit(f"the payer refuses the file: HTTP {answer.status_code}", findings=[])
        told = _file(answer, f"answer to {file.name}")
        return [told] if told is not None else []

    def _ask(
        self,
        method: str,
        path: str,
        seconds: tuple[int, int] = SECONDS,
        **more: Any,  # noqa: ANN401 (what requests takes)
    ) -> requests.Response:
        try:
            answer = self.session.request(method, f"{self.url}{path}", timeout=seconds, **more)
        except requests.RequestException as error:
            raise _away(error) from error
        refused = method == "POST" and answer.status_code in REFUSED
        if not answer.ok and (not refused or answer.status_code in TRY_AGAIN):
            raise _away(f"HTTP {answer.status_code}")
        return answer


def _file(answer: requests.Response, name: str) -> File | None:
    """Return the file an answer holds, or None; one too large is left where it is, and logged."""
    content_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not answer.content or content_type not in FILE_TYPES:
        return None
    if len(answer.content) > LARGEST_ANSWER:
        log.error("payer.file_too_large", name=name, bytes=len(answer.content))
        return None
    return File(name=name, content_type=content_type, raw=answer.content)


def _away(why: object) -> ServiceUnavailable:
    log.warning(
        "payer.unavailable", error=type(why).__name__ if isinstance(why, Exception) else why
    )
    return ServiceUnavailable("the payer does not answer", retry_after=AGAIN_SECONDS)
