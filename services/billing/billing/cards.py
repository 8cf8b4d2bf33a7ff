"""A simulated card processor: test tokens, no money."""

from clinic_contracts.errors import PaymentRefused

ACCEPTED = frozenset({"tok_visa", "tok_mastercard"})


class SimulatedCards:
    """Takes ``tok_visa`` and ``tok_mastercard``, declines every other token.

    It answers by the token alone, so the same id always gets the same answer.
    """

    def charge(self, payment_id: str, token: str, minor: int, currency: str) -> str:  # noqa: ARG002 (the port's shape)
        """Take the money; raises PaymentRefused when declined."""
        if token not in ACCEPTED:
            raise PaymentRefused("the card was declined", reason="card_declined")
        return f"simulated_{payment_id}"

    def refund(self, refund_id: str, reference: str, minor: int, currency: str) -> None:
        """Give back money of a charge: the simulator always has it."""
