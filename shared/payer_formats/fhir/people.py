"""People, organisations and policies of a claim, read from the resources it refers to.

What is referred to and not in the file is a warning (nothing is ever fetched): the claim then
knows a number or a display, and no more.
"""

from payer_formats.claim import Address, Payer, Person, Provider, Relationship, Sex, Subscriber
from payer_formats.fhir import systems
from payer_formats.fhir.element import Element
from payer_formats.fhir.eligibilities import group, member
from payer_formats.fhir.references import Directory, tail

SEXES: dict[str, Sex] = {"female": "F", "male": "M", "other": "U", "unknown": "U"}
RELATIONSHIPS: dict[str, Relationship] = {"self": "self", "spouse": "spouse", "child": "child"}


def resolved(owner: Element, name: str, known: Directory, *, required: bool = True) -> Element:
    """Return what a reference means; a warning says that it is not in the file."""
    if not owner.one(name, required=required):
        return Element({}, owner.where(name), owner.notes)
    found = known.find(owner, name)
    if not found:
        shown = owner.one(name).text("reference") or "it"
        text = f"{shown[:60]} is not in this file"
        owner.notes.add("REFERENCE", text, owner.where(name), severity="warning")
    return found


def read_person(resource: Element, fallback: str = "") -> Person:
    """Read a Patient; ``fallback`` is its last name where the file does not hold it."""
    family, given = _name(resource)
    return Person(
        last_name=family or fallback,
        first_name=given[0] if given else "",
        middle_name=" ".join(given[1:]),
        birth_date=resource.day("birthDate"),
        sex=SEXES.get(resource.code("gender", SEXES), "U"),
        address=_address(resource),
        health_number=resource.identifier("JHN"),
    )


def read_provider(owner: Element, name: str, known: Directory) -> Provider:
    """Read the Practitioner or Organization that a reference means."""
    found = resolved(owner, name, known)
    if not found:
        shown = known.name(owner, name) or tail(owner, name)
        return Provider(name=shown, number=owner.one(name).one("identifier").text("value"))
    person = found.values.get("resourceType") == "Practitioner"
    family, given = _name(found) if person else (found.text("name"), ())
    codes = found.many("qualification") if person else ()
    kinds = [each.concept("code", systems.NUCC) for each in codes]
    return Provider(
        name=family,
        first_name=" ".join(given),
        npi=_of_system(found, systems.NPI) or found.identifier("NPI"),
        number=found.identifier("PRN"),
        tax_id=found.identifier("TAX"),
        taxonomy=kinds[0] if kinds else "" if person else _specialty(found),
        address=_address(found),
    )


def read_payer(owner: Element, name: str, known: Directory) -> Payer:
    """Read the insurer that a reference means."""
    return Payer(id=known.number(owner, name), name=known.name(owner, name))


def read_subscriber(insurance: Element, known: Directory) -> Subscriber:
    """Read the policy of an insurance."""
    policy = resolved(insurance, "coverage", known)
    holder = resolved(policy, "subscriber", known, required=False)
    relationship = policy.concept("relationship")
    return Subscriber(
        person=read_person(holder, tail(policy, "subscriber")),
        member_id=member(policy) or known.number(insurance, "coverage"),
        group_number=group(policy),
        rank=policy.whole("order") or 1,
        relationship=RELATIONSHIPS.get(relationship, "other") if relationship else "self",
    )


def _name(resource: Element) -> tuple[str, tuple[str, ...]]:
    names = resource.many("name")
    return (names[0].text("family"), names[0].texts("given")) if names else ("", ())


def _specialty(organisation: Element) -> str:
    for each in organisation.many("type"):
        for coding in each.many("coding"):
            if coding.text("system") == systems.NUCC:
                return coding.text("code")
    return ""


def _of_system(resource: Element, system: str) -> str:
    for each in resource.many("identifier"):
        if each.text("system") == system:
            return each.text("value")
    return ""


def _address(resource: Element) -> Address | None:
    addresses = resource.many("address")
    if not addresses:
        return None
    first = addresses[0]
    lines = first.texts("line")
    return Address(
        line=lines[0] if lines else "",
        line2=", ".join(lines[1:]),
        city=first.text("city"),
        region=first.text("state"),
        postal_code=first.text("postalCode"),
        country=first.text("country") or "CA",
    )
