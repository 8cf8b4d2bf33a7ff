"""A place in a FHIR document, and what is wrong with what stands there.

FHIR R4B (4.3.0), the JSON format and the data types. Asking for something that is missing, or is of
another type, answers with nothing and leaves a finding; a finding's ``where`` is a FHIRPath.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from payer_formats.amounts import LARGEST_DIGITS, MINOR_DIGITS, minor_of
from payer_formats.findings import Finding, Severity, has_errors, quoted

MOST_FINDINGS = 100
MOST_DECIMALS = 6
MOST_CURRENCIES = 5
_SURROGATE = re.compile("[\ud800-\udfff]")
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?=T|$)", re.ASCII)
_NO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"}
    | {"RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THREE_DECIMALS = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]
NOT_OF_TWO_DECIMALS = frozenset([*_NO_DECIMALS, *_THREE_DECIMALS])
"""ISO 4217: currencies whose minor unit is not a hundredth."""


@dataclass(slots=True)
class Notes:
    """What reading a resource gathers: findings and the currencies its amounts are in.

    After ``MOST_FINDINGS`` only one more is kept, an error that says so.
    """

    reference: str = ""
    findings: list[Finding] = field(default_factory=list)
    currencies: list[str] = field(default_factory=list)

    def add(
        self, code: str, text: str, where: str, *, severity: Severity = "error", line: int = 0
    ) -> None:
        """Keep a finding."""
        if len(self.findings) > MOST_FINDINGS:
            return
        if len(self.findings) == MOST_FINDINGS:
            code, text, severity = "TOO_MANY", "there are more findings than are told", "error"
        finding = Finding(
            code=code,
            text=text,
            where=where,
            severity=severity,
            line=line,
            reference=self.reference,
        )
        # What is looked at twice is told once.
        if finding not in self.findings:
            self.findings.append(finding)

    def take(self, others: "Notes") -> None:
        """Keep what reading a part of the resource with notes of its own has found."""
        room = max(0, MOST_FINDINGS - len(self.findings))
        self.findings.extend(others.findings[:room])
        if len(others.findings) > room:
            self.add("TOO_MANY", "", "")
        self.currencies.extend(c for c in others.currencies if c not in self.currencies)

    @property
    def failed(self) -> bool:
        """Say whether an error has been found."""
        return has_errors(self.findings)

    def currency(self, where: str) -> str:
        """Return the one currency of all amounts, empty when there is none; two are a finding."""
        if len(self.currencies) > 1:
            named = " and ".join(sorted(self.currencies))
            self.add("CURRENCY_MIX", f"amounts are in {named}; they must be in one", where)
        return self.currencies[0] if self.currencies else ""


@dataclass(frozen=True, slots=True)
class Element:
    """A JSON object of a resource, where it stands, and the notes that reading it leaves."""

    values: Mapping[str, object]
    path: str
    notes: Notes

    def __bool__(self) -> bool:
        return bool(self.values)

    def where(self, name: str) -> str:
        """Return the FHIRPath of a child."""
        return f"{self.path}.{name}"

    def missing(self, name: str) -> None:
        """Say that something required is not there."""
        self.notes.add("REQUIRED", f"{name} is required and is not there", self.where(name))

    def text(self, name: str, *, required: bool = False) -> str:
        """Return a string, empty when there is none."""
        value = self.values.get(name)
        if isinstance(value, str) and _SURROGATE.search(value) is None:
            if value.strip():
                return value.strip()
        elif value is not None:
            self._wrong(name, value, "a string")
            return ""
        if required:
            self.missing(name)
        return ""

    def code(self, name: str, allowed: Collection[str], *, required: bool = False) -> str:
        """Return a code of a required value set, empty when it is none of them."""
        value = self.text(name, required=required)
        if value and value not in allowed:
            listed = ", ".join(sorted(allowed))
            self.notes.add("CODE", f"{quoted(value)} is none of {listed}", self.where(name))
            return ""
        return value

    def one(self, name: str, *, required: bool = False) -> "Element":
        """Return an object, an empty one when there is none."""
        value = self.values.get(name)
        if isinstance(value, dict):
            return Element(value, self.where(name), self.notes)
        if value is not None:
            self._wrong(name, value, "an object")
        elif required:
            self.missing(name)
        return Element({}, self.where(name), self.notes)

    def many(self, name: str, *, required: bool = False) -> "list[Element]":
        """Return the objects of an array."""
        value = self.values.get(name)
        if value is None or value == []:
            if required:
                self.missing(name)
            return []
        if not isinstance(value, list):
            self._wrong(name, value, "an array")
            return []
        found = []
        for at, each in enumerate(value):
            path = f"{self.where(name)}[{at}]"
            if isinstance(each, dict):
                found.append(Element(each, path, self.notes))
            else:
                self.notes.add("TYPE", f"{quoted(str(each))} is not an object", path)
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the strings of an array."""
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(
            isinstance(each, str) and _SURROGATE.search(each) is None for each in value
        ):
            self._wrong(name, value, "an array of strings")
            return ()
        return tuple(value)

    def whole(self, name: str, *, required: bool = False) -> int | None:
        """Return a whole number from 0 to 2147483647 (FHIR's unsignedInt)."""
        value = self.values.get(name)
        if type(value) is int and 0 <= value < 1 << 31:
            return value
        if value is not None:
            self._wrong(name, value, "a whole number")
        elif required:
            self.missing(name)
        return None

    def wholes(self, name: str) -> tuple[int, ...]:
        """Return the whole numbers of an array."""
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(type(each) is int for each in value):
            self._wrong(name, value, "an array of whole numbers")
            return ()
        return tuple(value)

    def decimal(self, name: str) -> Decimal | None:
        """Return a number of at most eleven digits before the point and six after it."""
        value = self.values.get(name)
        if type(value) is int:
            value = Decimal(value)
        if isinstance(value, Decimal):
            exponent = value.as_tuple().exponent
            if (
                value.adjusted() < LARGEST_DIGITS
                and isinstance(exponent, int)
                and exponent >= -MOST_DECIMALS
            ):
                return value
        if value is not None:
            self._wrong(name, value, "a number of a size that amounts and quantities have")
        return None

    def flag(self, name: str) -> bool | None:
        """Return a boolean."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        self._wrong(name, value, "true or false")
        return None

    def day(self, name: str, *, required: bool = False) -> date | None:
        """Return the day of a date or dateTime; a month or a year alone is no day."""
        text = self.text(name, required=required)
        if not text:
            return None
        found = _DAY.match(text)
        try:
            if found:
                return date.fromisoformat(found[0])
        except ValueError:
            pass
        self.notes.add("DATE", f"{quoted(text)} is not a day", self.where(name))
        return None

    def money(self, name: str, *, required: bool = False) -> int | None:
        """Return the minor units of a Money and note its currency."""
        money = self.one(name, required=required)
        return self._minor(money) if money else None

    def _minor(self, money: "Element") -> int | None:
        value = money.values.get("value")
        exact = type(value) is int or isinstance(value, Decimal)
        small = exact and Decimal(str(value)).adjusted() < LARGEST_DIGITS
        minor = minor_of(_plain(value)) if small else None
        if minor is None:
            text = f"{quoted(str(value))} is not an amount with at most {MINOR_DIGITS} decimals"
            self.notes.add("AMOUNT", text, money.where("value"))
        currency = money.text("currency")
        if not _CURRENCY.fullmatch(currency) or currency in NOT_OF_TWO_DECIMALS:
            text = f"{quoted(currency)} is not a currency of hundredths (ISO 4217)"
            self.notes.add("CURRENCY", text, money.where("currency"))
        elif len(self.notes.currencies) < MOST_CURRENCIES and currency not in self.notes.currencies:
            self.notes.currencies.append(currency)
        return minor

    def concept(self, name: str, system: str = "") -> str:
        """Return the first code of a CodeableConcept, of one system when that is told."""
        concept = self.one(name)
        for coding in concept.many("coding"):
            if not system or coding.text("system") == system:
                code = coding.text("code")
                if code:
                    return code
        return "" if system else concept.text("text")

    def system(self, name: str) -> str:
        """Return the system of the first coding of a CodeableConcept."""
        coding = self.one(name).many("coding")
        return coding[0].text("system") if coding else ""

    def identifier(self, kind: str = "") -> str:
        """Return the value of the first identifier, of a type of HL7 v2 table 0203 if told."""
        for each in self.many("identifier"):
            if not kind or each.concept("type") == kind:
                value = each.text("value")
                if value:
                    return value
        return ""

    def _wrong(self, name: str, value: object, wanted: str) -> None:
        shown = quoted(str(value)[:200]) if isinstance(value, str | Decimal | int) else "this"
        self.notes.add("TYPE", f"{shown} is not {wanted}", self.where(name))


def _plain(value: object) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def decimal_of(minor: int) -> Decimal:
    """Return minor units as the number that FHIR writes, with both decimals."""
    return Decimal(minor).scaleb(-MINOR_DIGITS)
