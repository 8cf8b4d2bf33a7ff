"""Writes who an 837P names: the segments of NM1 loops."""

from datetime import date

from payer_formats.claim import Address, Person, Provider
from payer_formats.x12.writing import SetWriter


def add_provider(one: SetWriter, code: str, provider: Provider) -> None:
    """Add NM1 for a provider; ``code`` is NM101."""
    kind = "1" if provider.is_person else "2"
    number = ("XX", provider.npi) if provider.npi else ()
    one.add("NM1", code, kind, provider.name, provider.first_name, *blank(3), *number)


def add_person(
    one: SetWriter, code: str, person: Person, qualifier: str = "", number: str = ""
) -> None:
    """Add NM1, N3, N4 and DMG for a person, with a number and its qualifier (NM108)."""
    name = (person.last_name, person.first_name, person.middle_name)
    one.add("NM1", code, "1", *name, "", "", qualifier, number)
    add_address(one, person.address)
    if person.birth_date is not None:
        one.add("DMG", "D8", f"{person.birth_date:%Y%m%d}", person.sex)


def add_address(one: SetWriter, address: Address | None) -> None:
    """Add N3 and N4; the country only where it is not the US, as the guide wants it."""
    if address is None:
        return
    one.add("N3", address.line, address.line2)
    postal = address.postal_code.replace(" ", "").replace("-", "")
    country = "" if address.country == "US" else address.country
    one.add("N4", address.city, address.region, postal, country)


def add_date(one: SetWriter, qualifier: str, day: date | None) -> None:
    """Add DTP for a day, if there is one; ``qualifier`` is DTP01."""
    if day is not None:
        one.add("DTP", qualifier, "D8", f"{day:%Y%m%d}")


def blank(count: int) -> tuple[str, ...]:
    """Return so many empty elements."""
    return ("",) * count
