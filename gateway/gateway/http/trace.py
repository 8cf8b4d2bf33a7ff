"""W3C trace context: the caller's trace goes on, or a new one begins."""

import re
import secrets

# A later version than 00 may append members; its first four are read as version 00's.
_TRACEPARENT = re.compile(
    r"(?P<version>(?!ff)[0-9a-f]{2})-(?!0{32})(?P<trace>[0-9a-f]{32})"
    r"-(?!0{16})[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
_SAMPLED = 1


def traceparent(given: str) -> str:
    """Return the ``traceparent`` of this request: a span of its own in the caller's trace.

    One that is missing or not valid is replaced by a new trace, as the specification asks.
    """
    found = _TRACEPARENT.fullmatch(given.strip())
    if found is None or (found["version"] == "00" and found["more"]):
        return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
    sampled = int(found["flags"], 16) & _SAMPLED
    return f"00-{found['trace']}-{secrets.token_hex(8)}-{sampled:02x}"
