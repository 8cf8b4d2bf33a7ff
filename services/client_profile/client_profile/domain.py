"""What a client's record must be to make sense, and how it is found."""

import unicodedata
from datetime import date

from clinic_contracts.client_profile.events import ClientChanged
from clinic_contracts.client_profile.requests import ClientView
from clinic_contracts.errors import Invalid

PHN_DIGITS = 10
PHN_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3)
PHN_MODULUS = 11
LAST_DIGITS = (10, 7)
TOKENS_KEPT = 60


def health_number(text: str | None) -> str | None:
    """Return a BC personal health number as ten digits; raises Invalid (PHN_INVALID).

    Ten digits, the first 9; weights over digits 2 to 9; check = 11 - (sum of (d*w mod 11) mod 11).
    Source: BC Ministry of Health, PHN check-digit routine (modulus 11).
    """
    if text is None:
        return None
    digits = "".join(character for character in text if character not in " -")
    if len(digits) != PHN_DIGITS or not digits.isascii() or not digits.isdigit():
        _refuse("health_number", "PHN_INVALID: a BC health number has ten digits")
    weighted = sum(
        int(digit) * weight % PHN_MODULUS
        for digit, weight in zip(digits[1:9], PHN_WEIGHTS, strict=True)
    )
    check = PHN_MODULUS - weighted % PHN_MODULUS
    if digits[0] != "9" or check > 9 or check != int(digits[9]):  # noqa: PLR2004 (one digit)
        _refuse("health_number", "PHN_INVALID: the check digit does not fit")
    return digits


def check_birth_date(born: date | None, today: date) -> None:
    """Refuse a birth date in the future."""
    if born is not None and born > today:
        _refuse("birth_date", "lies in the future")


def folded(text: str) -> str:
    """Return the text without case and accents, as it is searched."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    """Return the words of a search, folded; what is written as a phone number is one word."""
    digits = "".join(character for character in text if character.isdigit())
    if digits and not any(character.isalpha() or character == "@" for character in text):
        return [digits]
    return [word for word in folded(text).replace(",", " ").split() if word]


def tokens(client: ClientView) -> list[str]:
    """Return the words whose beginnings find a client: names, phones, e-mail addresses."""
    found = set(words(client.name))
    for phone in client.phones:
        digits = "".join(character for character in phone if character.isdigit())
        found |= {digits, *(digits[-last:] for last in LAST_DIGITS)}
    found |= {folded(email) for email in client.emails}
    return sorted(found)[:TOKENS_KEPT]


def changed_event(client: ClientView) -> ClientChanged:
    """Return the event that tells of a client; the health number is not in it."""
    return ClientChanged(
        client_id=client.id,
        name=client.name,
        emails=client.emails,
        phones=client.phones,
        preferred_channel=client.preferred_channel,
        language=client.language,
    )


def _refuse(field: str, detail: str) -> None:
    raise Invalid(f"{field}: {detail}", errors={field: [detail]})
