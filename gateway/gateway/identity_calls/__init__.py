"""What is asked of the gateway's own accounts, and the answers: one subject a file."""

from collections.abc import Callable, Mapping

from gateway.http.messages import Response
from gateway.identity_calls import audit, keys, oidc, passwords, second_factor, sessions, staff
from gateway.identity_calls.asking import Asked
from gateway.routing import OwnCall

Answer = Callable[[Asked], Response]
SIGNED_IN: Mapping[OwnCall, Answer] = {
    **sessions.ANSWERS,
    **second_factor.ANSWERS,
    **passwords.ANSWERS,
    **staff.ANSWERS,
    **keys.ANSWERS,
    **audit.ANSWERS,
}
"""Of who is signed in, and may."""
OPEN: Mapping[OwnCall, Answer] = {
    **sessions.OPEN_ANSWERS,
    **passwords.OPEN_ANSWERS,
    **oidc.OPEN_ANSWERS,
}
"""Of anybody: these look for themselves who asks."""
IDENTITY = (*OPEN, *SIGNED_IN)
