"""Phone numbers in their one international form."""

from typing import Any

import phonenumbers

HOME_REGION = "CA"


def normal_phone(text: str) -> str | None:
    """Return a phone number as E.164, or None when it cannot be one."""
    try:
        number: Any = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
