"""Refusals that only HTTP knows."""

from clinic_contracts.errors import ClinicError


class UnsupportedMediaType(ClinicError):
    """The body is not declared as JSON where it must be."""

    code = "unsupported_media_type"
    kind = "bad_request"


class UrlTooLong(ClinicError):
    """Path and query exceed the limit."""

    code = "url_too_long"
    kind = "bad_request"


class HeadersTooLarge(ClinicError):
    """A header line, or all of them together, exceed the limit."""

    code = "headers_too_large"
    kind = "bad_request"


class TotpRequired(ClinicError):
    """The password is right, and the account asks for a code of its authenticator as well."""

    code = "totp_required"
    kind = "unauthenticated"
