"""The refusal of one field of a request."""

from clinic_contracts.errors import Invalid


def invalid(field: str, detail: str) -> Invalid:
    """Return the error that says what is wrong with ``field``."""
    return Invalid(f"{field}: {detail}", errors={field: [detail]})
