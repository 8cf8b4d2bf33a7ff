"""The secret in the link of an offer, made alike by who offers and by who writes the letter."""

import base64
import hashlib
import hmac


def offer_token(secret: str, offer_id: str) -> str:
    """Return the token of an offer: 256 bits in 43 characters.

    Booking must know it and notification must print it, but events are kept for ever and shown to
    whoever reads the feed, so it may not travel there, sealed or not: a sealed one would have
    to be opened by a key that both have anyway. So both derive it from the offer's id with a secret
    that only these two are given. Booking stores its hash alone: neither its database nor
    the events are enough to answer for a client. A new secret leaves open links good, save those of
    letters not written yet.
    """
    digest = hmac.digest(secret.encode(), offer_id.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
