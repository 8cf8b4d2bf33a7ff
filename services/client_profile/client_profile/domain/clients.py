"""What a client's record must be to make sense, and how it is found."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta, timezone
from typing import Self

from client_profile.domain import places
from client_profile.domain.invalid import check_limits, invalid
from clinic_contracts.client_profile.events import ClientChanged, CoverageChanged
from clinic_contracts.client_profile.requests import (
    AddCoverage,
    ChangeClient,
    ChangeCoverage,
    ClientView,
    CoverageView,
)
from clinic_contracts.constraints import UNSET
from clinic_contracts.context import CallContext

PHN_DIGITS = 10
PHN_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3)
PHN_MODULUS = 11
MASK = "•"
DIGITS_SHOWN = 4
FIRST_ZONE = timezone(timedelta(hours=14))
"""Where each day begins first: UTC+14, the Line Islands."""
COVERAGES_MAX = 50
WHOLE_FEE = 100
NEEDED: Mapping[str, tuple[str, ...]] = {
    "extended_health": ("percent", "member_id"),
    "msp_supplementary": ("beneficiary_since",),
    "icbc": ("accident_date",),
    "worksafebc": ("accident_date",),
}
"""Of each kind of coverage, what is known from the start; the rest its payer says later."""
LAST_DIGITS = (10, 7)
JOINERS = re.compile("[-'`\u00b4\u02bb\u02bc\u2010-\u2015\u2018\u2019\u2032\uff07]")
"""Hyphens and apostrophes, as typed and as typeset."""
LONGEST_BEGINNING = 32
TOKENS_KEPT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client as kept, the health number whole. Answers are made by ``shown_to`` alone."""

    id: str
    version: int
    name: str
    birth_date: date | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    health_number: str | None = field(repr=False)
    preferred_channel: str
    language: str
    address: str
    location_ids: tuple[str, ...] = ()
    left: tuple[places.Left, ...] = ()
    operations: tuple[str, ...] = ()
    """The ids of the operations that made it what it is, the latest last."""

    def changed(self, request: ChangeClient, context: CallContext, at: datetime) -> Self:
        """Return the client with what the request gives, the rest as it was; raises Invalid."""
        given = {f.name: getattr(request, f.name) for f in fields(self) if hasattr(request, f.name)}
        if request.location_ids is not UNSET:
            had = self.location_ids
            has = places.after_change(had, request.location_ids, context)
            given |= {"location_ids": has, "left": places.left(self.left, had, has, at)}
        return replace(self, **{name: value for name, value in given.items() if value is not UNSET})

    def visiting(self, location_id: str, booked_at: datetime) -> Self | None:
        """Return the client as one of the location too; None when that is nothing new."""
        taken = any(each.location_id == location_id and each.at >= booked_at for each in self.left)
        if taken or location_id in self.location_ids:
            return None
        return replace(self, location_ids=(*self.location_ids, location_id))

    def shown_to(self, context: CallContext, *, whole: bool = False) -> ClientView:
        """Return what a caller is shown: all but the last four digits of a number are ``•``.

        ``whole`` marks the answers in which callers who see health numbers get them as they are:
        one client asked for, and a register or change that gave the number.
        """
        shown = {f.name: getattr(self, f.name) for f in fields(ClientView)}
        shown["location_ids"] = tuple(filter(context.sees, self.location_ids))
        if self.health_number is not None and not (whole and context.sees_health_numbers):
            hidden = len(self.health_number) - DIGITS_SHOWN
            shown["health_number"] = MASK * hidden + self.health_number[hidden:]
        return ClientView(**shown)


def health_number(text: str | None) -> str | None:
    """Return a BC personal health number as ten digits; raises Invalid (PHN_INVALID).

    Ten digits, the first 9; weights over digits 2 to 9; check = 11 - (sum of (d*w mod 11) mod 11).
    Source: BC Ministry of Health, PHN check-digit routine (modulus 11).
    """
    if text is None:
        return None
    digits = "".join(character for character in text if character not in " -")
    if len(digits) != PHN_DIGITS or not digits.isascii() or not digits.isdigit():
        raise invalid("health_number", "PHN_INVALID: a BC health number has ten digits")
    weighted = sum(
        int(digit) * weight % PHN_MODULUS
        for digit, weight in zip(digits[1:9], PHN_WEIGHTS, strict=True)
    )
    check = PHN_MODULUS - weighted % PHN_MODULUS
    if digits[0] != "9" or check > 9 or check != int(digits[9]):  # noqa: PLR2004 (one digit)
        raise invalid("health_number", "PHN_INVALID: the check digit does not fit")
    return digits


def check_past(field: str, day: date | None, now: datetime) -> None:
    """Refuse a day of birth, or of an accident, that has begun nowhere on earth."""
    if day is not None and day > now.astimezone(FIRST_ZONE).date():
        raise invalid(field, "lies in the future")


def folded(text: str) -> str:
    """Return the text without case and accents, as it is searched."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    """Return the words of a search as ``tokens`` hold them: folded, hyphens and the like left out.

    What is written as a phone number is one word.
    """
    digits = _digits(text)
    if digits and not any(character.isalpha() or character == "@" for character in text):
        return [digits]
    plain = folded(JOINERS.sub("", text)).replace(",", " ")
    return [word[:LONGEST_BEGINNING] for word in plain.split()]


def tokens(client: Client) -> list[str]:
    """Return the beginnings that find a client: of names and their parts, phones, e-mails.

    Every beginning stands by itself, so that a search is equality in an index that has the
    answer in order already. Beginnings longer than 32 characters are cut, in searches too.
    """
    whole = [*_name_words(client.name)]
    for phone in client.phones:
        digits = _digits(phone)
        whole += [digits, *(digits[-last:] for last in LAST_DIGITS)]
    whole += [word for email in client.emails for word in words(email)]
    beginnings = (word[:end] for word in whole for end in range(1, LONGEST_BEGINNING + 1))
    return list(dict.fromkeys(beginnings))[:TOKENS_KEPT]  # names first: they are not cut off


def changed_coverage(coverage: CoverageView, request: ChangeCoverage) -> CoverageView:
    """Return a coverage with what the request gives, the rest as it was; raises Invalid."""
    given = {f.name: getattr(request, f.name, UNSET) for f in fields(coverage)}
    changed = replace(
        coverage, **{name: value for name, value in given.items() if value is not UNSET}
    )
    check_coverage(changed)
    return changed


def coverage_event(coverage: CoverageView) -> CoverageChanged:
    """Return the event that tells of a coverage."""
    told = {f.name: getattr(coverage, f.name) for f in fields(coverage)}
    del told["id"], told["version"]
    return CoverageChanged(coverage_id=coverage.id, **told)


def check_coverage(request: AddCoverage | CoverageView) -> None:
    """Refuse a coverage that ends before it starts, or lacks what its payer goes by.

    Its limits are in our currency.
    """
    if request.valid_from and request.valid_to and request.valid_to < request.valid_from:
        raise invalid("valid_to", "lies before valid_from")
    check_limits({"per_visit_cap": request.per_visit_cap, "annual_maximum": request.annual_maximum})
    for name in NEEDED[request.kind]:
        if getattr(request, name) in {None, ""}:
            raise invalid(name, f"is needed for a coverage of kind {request.kind}")
    if request.visits_elsewhere and request.elsewhere_as_of is None:
        raise invalid("elsewhere_as_of", "says by which day visits_elsewhere were counted")


def changed_event(client: Client) -> ClientChanged:
    """Return the event that tells of a client; the health number is not in it."""
    return ClientChanged(
        client_id=client.id,
        name=client.name,
        emails=client.emails,
        phones=client.phones,
        preferred_channel=client.preferred_channel,
        language=client.language,
        location_ids=client.location_ids,
    )


def _name_words(name: str) -> Iterator[str]:
    """Yield each word of a name, then what follows each joiner: Anne-Marie is also Marie."""
    for word in name.replace(",", " ").split():
        parts = JOINERS.split(word)
        for at in range(len(parts)):
            yield from words("".join(parts[at:]))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
