"""What changes the meaning of a resource, and is known to its sender alone.

FHIR R4B, "Extensibility", modifier extensions, and ``Resource.implicitRules``: who does not know
one must not process what it stands in, since it may say the opposite ("not", "in error").
"""

from collections.abc import Iterator

from payer_formats.fhir.element import Element

EXTENSION, RULES = "modifierExtension", "implicitRules"


def refuse_modifiers(resource: Element) -> None:
    """Leave an error for the first modifier in a resource, or in what it contains."""
    for path, name in _modifiers(resource.values, resource.path):
        text = f"{name} changes what this means in a way that is not known here"
        resource.notes.add("MODIFIER", text, f"{path}.{name}")
        return


def _modifiers(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield where modifiers stand; how deep a document is nested was looked at before."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name in {EXTENSION, RULES} and each:
                yield path, name
            elif isinstance(each, dict | list):
                yield from _modifiers(each, f"{path}.{name}")
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _modifiers(each, f"{path}[{at}]")
