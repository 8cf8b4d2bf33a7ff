"""Who an 837P names: the NM1 loops of persons, providers and payers."""

from collections.abc import Sequence

from payer_formats.claim import Address, Payer, Person, Provider, Relationship, Sex, Subscriber
from payer_formats.x12.professional_codes import RANKS, RELATIONSHIPS
from payer_formats.x12.professional_elements import BLANK, Elements, cut, first
from payer_formats.x12.syntax import Segment

RELATED: dict[str, Relationship] = {code: name for name, code in RELATIONSHIPS.items()}
"""SBR02 and PAT01."""
_RANKED = {code: rank for rank, code in enumerate(RANKS, 1)}
Parties = dict[str, Sequence[Segment]]
_SEXES: dict[str, Sex] = {"F": "F", "M": "M", "U": "U"}


def parties_of(segments: Sequence[Segment]) -> Parties:
    """Return the NM1 loops by NM101; the empty key has what stands before the first."""
    before, *loops = cut(segments, "NM1")
    return {"": before, **{loop[0].at(1): loop for loop in reversed(loops)}}


def person_of(loop: Sequence[Segment], elements: Elements) -> Person:
    """Return a subscriber or patient: NM1, N3, N4, DMG."""
    name, about = first(loop, "NM1"), first(loop, "DMG")
    return Person(
        last_name=name.at(3),
        first_name=name.at(4),
        middle_name=name.at(5),
        birth_date=None if about is BLANK else elements.day(about, 2),
        sex=elements.coded(about, 3, _SEXES, "U") if about.at(3) else "U",
        address=_address_of(loop),
    )


def provider_of(loop: Sequence[Segment], specialty: Segment = BLANK) -> Provider:
    """Return a provider: NM1, N3, N4, REF, PRV; ``specialty`` a PRV that stands elsewhere."""
    name = first(loop, "NM1")
    taxonomy = first(loop, "PRV") if specialty is BLANK else specialty
    return Provider(
        name=name.at(3),
        first_name=name.at(4) if name.at(2) == "1" else "",
        npi=name.at(9) if name.at(8) == "XX" else "",
        number=first(loop, "REF", "G2").at(2),
        tax_id=first(loop, "REF", "EI").at(2),
        taxonomy=taxonomy.at(3),
        address=_address_of(loop),
    )


def payer_of(loop: Sequence[Segment]) -> Payer:
    """Return a payer: NM1."""
    name = first(loop, "NM1")
    return Payer(id=name.at(9), name=name.at(3))


def subscriber_of(
    about: Segment, parties: Parties, elements: Elements, relationship: Relationship = "self"
) -> Subscriber:
    """Return whose policy it is; ``about`` is its SBR segment, ``BLANK`` where there is none."""
    insured = parties.get("IL", ())
    return Subscriber(
        person=person_of(insured, elements),
        member_id=first(insured, "NM1").at(9),
        group_number=about.at(3),
        rank=elements.coded(about, 1, _RANKED, 1) if about is not BLANK else 1,
        relationship=relationship,
    )


def _address_of(loop: Sequence[Segment]) -> Address | None:
    street, place = first(loop, "N3"), first(loop, "N4")
    if street is BLANK and place is BLANK:
        return None
    return Address(
        line=street.at(1),
        line2=street.at(2),
        city=place.at(1),
        region=place.at(2),
        postal_code=place.at(3),
        country=place.at(4) or "US",
    )
