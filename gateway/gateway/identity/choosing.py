"""Which passwords may be chosen (NIST SP 800-63B, section 5.1.1.2).

Long ones of any composition, none that is commonly used or follows from the account.
"""

from clinic_contracts.errors import Invalid

SHORTEST = 12
LONGEST = 200
FEWEST_DIFFERENT = 5
COMMON = frozenset(
    {
        "123456789012",
        "1234567890123",
        "12345678901234",
        "123456789012345",
        "1234567890123456",
        "0123456789012",
        "123123123123",
        "123456123456",
        "1q2w3e4r5t6y",
        "1q2w3e4r5t6y7u",
        "1qaz2wsx3edc",
        "1qaz2wsx3edc4rfv",
        "abcdefghijkl",
        "abcdefghijklm",
        "administrator",
        "adminadminadmin",
        "changemechangeme",
        "changeme1234",
        "iloveyou1234",
        "letmein12345",
        "letmeinletmein",
        "massagetherapy",
        "massagetherapist",
        "password1234",
        "password12345",
        "password123456",
        "password2025",
        "password2026",
        "passwordpassword",
        "qazwsxedcrfv",
        "qwerty123456",
        "qwerty1234567",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopas",
        "qwertyuiopasdfghjkl",
        "unbelievable",
        "vancouver1234",
        "welcome12345",
        "welcomewelcome",
        "zaq12wsxcde3",
    }
)
"""The commonest of twelve characters and more; shorter ones are refused for that already."""


def check(password: str, email: str) -> None:
    """Raise Invalid, naming what is wrong, for a password that may not be chosen."""
    problem = _problem(password, email)
    if problem is not None:
        raise Invalid("not accepted: password", errors={"password": [problem]})


def _problem(password: str, email: str) -> str | None:
    plain = password.casefold()
    name = email.casefold().partition("@")[0]
    if len(password) < SHORTEST:
        return f"takes at least {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"takes at most {LONGEST} characters"
    if plain in COMMON or plain.strip("!.? ") in COMMON:
        return "is one of the commonest"
    if len(set(plain)) < FEWEST_DIFFERENT:
        return "repeats too few characters"
    if plain in {email.casefold(), name, f"{name}{name}"}:
        return "must not be your e-mail address"
    return None
