"""Finding what a reference means: contained resources, and the other entries of a Bundle.

FHIR R4B, "Resource References" and "Resolving references in Bundles". Nothing is ever fetched.
"""

from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import dataclass, field

from payer_formats.fhir.element import Element


@dataclass(frozen=True, slots=True)
class Directory:
    """Resources by the references that mean them: ``#id``, ``Type/id`` or a full URL."""

    resources: MutableMapping[str, Element] = field(default_factory=dict)

    def within(self, resource: Element) -> "Directory":
        """Return a directory that also knows what a resource contains."""
        contained = resource.many("contained")
        own = {f"#{each.text('id')}": each for each in contained}
        return Directory(ChainMap(own, self.resources)) if own else self

    def find(self, owner: Element, name: str) -> Element:
        """Return what a Reference means, an empty element when that is not in the file."""
        reference = owner.one(name).text("reference")
        found = self.resources.get(reference)
        if found is None and "/" in reference:
            found = self.resources.get("/".join(reference.split("/")[-2:]))
        if found is None:
            return Element({}, owner.where(name), owner.notes)
        return Element(found.values, found.path, owner.notes)

    def number(self, owner: Element, name: str, kind: str = "") -> str:
        """Return whose a Reference is: an identifier, else the id that it ends with."""
        value = owner.one(name).one("identifier").text("value")
        found = self.find(owner, name)
        return value or found.identifier(kind) or found.identifier() or tail(owner, name)

    def name(self, owner: Element, name: str) -> str:
        """Return how a Reference is to be shown: its display, else the name of what it means."""
        shown = owner.one(name).text("display")
        if shown:
            return shown
        found = self.find(owner, name)
        if isinstance(found.values.get("name"), str):
            return found.text("name")
        people = found.many("name") if found.values.get("name") else []
        return " ".join([*people[0].texts("given"), people[0].text("family")]) if people else ""


def tail(owner: Element, name: str) -> str:
    """Return the id that a Reference ends with, ``100156`` of ``Claim/100156``."""
    return owner.one(name).text("reference").rsplit("/", 1)[-1].removeprefix("#")


def directory(root: Element) -> Directory:
    """Return what the entries of a Bundle are known by; of another resource, nothing."""
    found: dict[str, Element] = {}
    if root.values.get("resourceType") == "Bundle":
        for entry in root.many("entry"):
            resource = entry.one("resource")
            kind, number = resource.text("resourceType"), resource.text("id")
            for key in (entry.text("fullUrl"), f"{kind}/{number}" if number else ""):
                if key:
                    found[key] = resource
    return Directory(found)
