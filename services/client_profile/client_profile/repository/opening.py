"""What is sealed, opened, or told of in the log."""

from clinic_contracts.errors import ServiceUnavailable
from clinic_runtime.observability import get_logger
from clinic_runtime.sealing import CannotOpenError, Sealer

log = get_logger(__name__)


def about(id_: str, field: str) -> str:
    """Return what a sealed field is bound to: whose it is, and which."""
    return f"{id_}/{field}"


def opened(sealer: Sealer, sealed: bytes, id_: str, field: str) -> str:
    """Return the text of a sealed field; raises ServiceUnavailable and logs why."""
    try:
        return sealer.open(sealed, about(id_, field))
    except CannotOpenError as error:
        reason = str(error)  # whole: a traceback would add nothing
        log.error("sealed_field.unopened", field=field, record_id=id_, error=reason)  # noqa: TRY400
        what = field.replace("_", " ")
        raise ServiceUnavailable(
            f"a {what} cannot be opened; the log says why", retry_after=60
        ) from error
