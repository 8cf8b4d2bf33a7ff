"""Keyed-in results as a file, so that they are kept, read and posted as any payer's answer is.

A JSON object, UTF-8, with the fields of ``Keyed`` and of its claims by their names; amounts are
whole minor units, days ISO 8601. A claim is keyed as a whole, without its lines::

    {"keyed": 1, "payer_id": "ICBC", "payer_name": "ICBC", "trace": "EFT-9", "paid_minor": 10500,
     "currency": "CAD", "paid_on": "2026-11-28", "claims": [{"reference": "C1", "decision": "paid",
     "charge_minor": 12800, "paid_minor": 10500, "adjustments": [{"group": "CO", "reason": "45",
     "minor": 2300}]}]}
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeGuard, TypeVar, cast, get_args

from payer_formats.answers import Decision, ProviderAdjustment, Read, RemittedClaim
from payer_formats.claim import Adjustment
from payer_formats.findings import Finding, quoted
from payer_formats.portal.results import MOST_CLAIMS, Keyed, keyed

FORMAT = "portal"
CONTENT_TYPE = "application/vnd.clinicops.keyed+json"
VERSION = 1
LONGEST_TEXT = 200
LARGEST_MINOR = 10**11
MOST_PARTS = 50
"""Adjustments or remarks of one claim."""
MOST_FINDINGS = 200
T = TypeVar("T")


def speaks(raw: bytes, content_type: str = "") -> bool:
    """Say whether a file holds keyed-in results."""
    return content_type.startswith(CONTENT_TYPE) or b'"keyed"' in raw.lstrip()[:LONGEST_TEXT]


def read_keyed(raw: bytes) -> Read:
    """Return keyed-in results as a remittance; what is wrong is a finding, never raised.

    A field that is missing, unknown or of the wrong kind is an error of the whole file.
    """
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError) as error:
        text = f"it is no JSON: {quoted(str(error))}"
        return Read(format=FORMAT, findings=(Finding(code="KEYED_JSON", text=text),))
    whole = _Object.of(told, "", [])
    if whole.number("keyed") != VERSION:
        whole.wrong("keyed", f"is {VERSION}, the version of the format")
    result = _result(whole)
    if whole.findings:
        return Read(format=FORMAT, findings=tuple(whole.findings[:MOST_FINDINGS]))
    return Read(format=FORMAT, remittances=(keyed(result),))


def written(result: Keyed) -> bytes:
    """Return keyed-in results as such a file; the lines of claims are left out."""
    told = {
        "keyed": VERSION,
        "payer_id": result.payer_id,
        "payer_name": result.payer_name,
        "trace": result.trace,
        "paid_minor": result.paid_minor,
        "currency": result.currency,
        "paid_on": _iso(result.paid_on),
        "method": result.method,
        "claims": [_claim_told(each) for each in result.claims],
        "provider_adjustments": [
            {"reason": each.reason, "minor": each.minor, "reference": each.reference}
            for each in result.provider_adjustments
        ],
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _claim_told(claim: RemittedClaim) -> Mapping[str, object]:
    return {
        "reference": claim.reference,
        "decision": claim.decision,
        "charge_minor": claim.charge_minor,
        "paid_minor": claim.paid_minor,
        "client_minor": claim.client_minor,
        "payer_reference": claim.payer_reference,
        "adjustments": [
            {"group": each.group, "reason": each.reason, "minor": each.minor}
            for each in claim.adjustments
        ],
        "remarks": list(claim.remarks),
        "day": _iso(claim.day),
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _result(whole: "_Object") -> Keyed:
    result = Keyed(
        payer_id=whole.text("payer_id", required=True),
        payer_name=whole.text("payer_name"),
        trace=whole.text("trace", required=True),
        paid_minor=whole.number("paid_minor"),
        currency=whole.text("currency", required=True),
        claims=whole.each("claims", _claim, MOST_CLAIMS),
        paid_on=whole.day("paid_on"),
        method=whole.text("method"),
        provider_adjustments=whole.each("provider_adjustments", _provider_adjustment, MOST_PARTS),
    )
    whole.end()
    return result


def _claim(told: "_Object") -> RemittedClaim:
    decision = told.text("decision", required=True)
    if decision and decision not in get_args(Decision):
        told.wrong("decision", f"is one of {', '.join(get_args(Decision))}, not {quoted(decision)}")
    return RemittedClaim(
        reference=told.text("reference", required=True),
        decision=cast("Decision", decision),
        charge_minor=told.number("charge_minor"),
        paid_minor=told.number("paid_minor"),
        client_minor=told.number("client_minor", default=0),
        payer_reference=told.text("payer_reference"),
        adjustments=told.each("adjustments", _adjustment, MOST_PARTS),
        remarks=told.texts("remarks"),
        day=told.day("day"),
        code="keyed",
        position=told.position,
    )


def _adjustment(told: "_Object") -> Adjustment:
    return Adjustment(
        group=told.text("group", required=True),
        reason=told.text("reason", required=True),
        minor=told.number("minor"),
    )


def _provider_adjustment(told: "_Object") -> ProviderAdjustment:
    return ProviderAdjustment(
        reason=told.text("reason", required=True),
        minor=told.number("minor"),
        reference=told.text("reference"),
    )


def _is_text(told: object) -> TypeGuard[str]:
    """Say whether it is a bounded text that every database and page can hold."""
    return isinstance(told, str) and len(told) <= LONGEST_TEXT and told.isprintable()


@dataclass(slots=True)
class _Object:
    """A JSON object that is taken apart field by field; what is wrong gathers in ``findings``."""

    fields: dict[str, object]
    where: str
    findings: list[Finding]
    position: int = 0
    known: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, told: object, where: str, findings: list[Finding], position: int = 0) -> "_Object":
        """Return a JSON value as an object, an empty one with a finding when it is none."""
        if isinstance(told, dict):
            return cls(told, where, findings, position)
        made = cls({}, where, findings, position)
        made.wrong("", "is no object")
        return made

    def wrong(self, name: str, what: str) -> None:
        """Note what is wrong with a field."""
        where = ".".join(part for part in (self.where, name) if part)
        text = f"{quoted(name) if name else 'it'} {what}"
        self.findings.append(
            Finding(code="KEYED_FIELD", text=text, where=where, position=self.position)
        )

    def text(self, name: str, *, required: bool = False) -> str:
        """Return a text, empty when it is missing or wrong."""
        told = self._take(name)
        if told is None and not required:
            return ""
        if _is_text(told) and (told.strip() or not required):
            return told
        self.wrong(name, f"is a text of up to {LONGEST_TEXT} characters, on one line")
        return ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        told = self._list(name, MOST_PARTS)
        texts = tuple(each for each in told if _is_text(each))
        if len(texts) == len(told):
            return texts
        self.wrong(name, "is a list of texts")
        return ()

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number; one with decimals or in quotes is wrong."""
        told = self._take(name)
        if told is None and default is not None:
            return default
        if type(told) is int and abs(told) <= LARGEST_MINOR:
            return told
        self.wrong(name, "is a whole number of minor units")
        return 0

    def day(self, name: str) -> date | None:
        """Return a day, None when it is missing or wrong."""
        told = self._take(name)
        if told is None:
            return None
        try:
            return date.fromisoformat(cast("str", told))
        except (TypeError, ValueError):
            self.wrong(name, "is a day such as 2026-11-28")
            return None

    def each(self, name: str, make: "Callable[[_Object], T]", most: int) -> tuple[T, ...]:
        """Return a list of objects, each made into what it is."""
        made = []
        for number, told in enumerate(self._list(name, most)):
            where = ".".join(part for part in (self.where, f"{name}[{number}]") if part)
            one = _Object.of(told, where, self.findings, self.position or number + 1)
            made.append(make(one))
            one.end()
        return tuple(made)

    def end(self) -> None:
        """Note the fields that nobody asked for: a mistyped one must not be lost."""
        for name in self.fields.keys() - self.known:
            self.wrong(name if _is_text(name) else "?", "is not known here")

    def _take(self, name: str) -> object:
        self.known.add(name)
        return self.fields.get(name)

    def _list(self, name: str, most: int) -> Sequence[object]:
        told = self._take(name)
        if told is None:
            return ()
        if isinstance(told, list) and len(told) <= most:
            return told
        self.wrong(name, f"is a list of up to {most}")
        return ()
