"""Who has an authenticator, and which of its codes were used."""

from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from clinic_contracts.errors import IllegalTransition, Invalid
from clinic_runtime.clock import now
from clinic_runtime.sealing import Sealer
from gateway.identity import totp

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Whether codes are asked for at sign-in, and how many recovery codes are left."""

    enabled: bool
    recovery_codes_left: int


class SecondFactors:
    """Keeps each account's secret, sealed, and its recovery codes as keyed digests."""

    def __init__(self, database: Database[Document], sealer: Sealer) -> None:
        self.collection = database["staff"]
        self.sealer = sealer

    def state(self, staff_id: str) -> Enrolled:
        """Return what an account has."""
        kept = self._kept(staff_id)
        return Enrolled(kept.get("confirmed", False), len(kept.get("recovery", ())))

    def begin(self, staff_id: str) -> bytes:
        """Return a new secret, which counts once ``confirm`` has seen a code of it.

        Raises IllegalTransition when codes are asked for already.
        """
        secret = totp.new_secret()
        kept = {"sealed": self.sealer.seal_bytes(secret, _about(staff_id)), "confirmed": False}
        asked = {"_id": staff_id, "totp.confirmed": {"$ne": True}}
        if self.collection.update_one(asked, {"$set": {"totp": kept}}).matched_count == 0:
            raise IllegalTransition("second factor", "in use", "new")
        return secret

    def confirm(self, staff_id: str, given: str) -> tuple[str, ...]:
        """Return recovery codes, and ask for codes from now on; raises Invalid for a wrong one."""
        kept = self._kept(staff_id)
        if not kept or kept["confirmed"]:
            raise IllegalTransition("second factor", "not begun", "confirmed")
        step = totp.matching_step(self._secret(staff_id, kept), totp.plain(given), now())
        if step is None:
            detail = "is not what the authenticator shows now"
            raise Invalid("not accepted: code", errors={"code": [detail]})
        codes = totp.recovery_codes()
        recovery = [self._digest(staff_id, each) for each in codes]
        change = {"totp.confirmed": True, "totp.last_step": step, "totp.recovery": recovery}
        asked = {"_id": staff_id, "totp.sealed": kept["sealed"], "totp.confirmed": False}
        if self.collection.update_one(asked, {"$set": change}).matched_count == 0:
            raise IllegalTransition("second factor", "begun anew", "confirmed")
        return codes

    def spend(self, staff_id: str, given: str) -> bool:
        """Say whether this is a code or a recovery code that was not used yet; it is now.

        The verifier must not accept a code twice (RFC 6238, section 5.2): no step counts that is
        not later than the last one used.
        """
        kept = self._kept(staff_id)
        if not kept.get("confirmed", False):
            return False
        typed = totp.plain(given)
        if len(typed) != totp.DIGITS:
            found = self._digest(staff_id, typed)
            asked = {"_id": staff_id, "totp.recovery": found}
            return self._changed(asked, {"$pull": {"totp.recovery": found}})
        step = totp.matching_step(self._secret(staff_id, kept), typed, now())
        if step is None:
            return False
        later: Document = {"totp.sealed": kept["sealed"], "totp.last_step": {"$lt": step}}
        asked = {"_id": staff_id, **later}
        return self._changed(asked, {"$set": {"totp.last_step": step}})

    def remove(self, staff_id: str) -> bool:
        """Ask for codes no more; False when none were asked for."""
        asked = {"_id": staff_id, "totp": {"$exists": True}}
        return self._changed(asked, {"$unset": {"totp": ""}})

    def _changed(self, asked: Document, change: Document) -> bool:
        return self.collection.update_one(asked, change).modified_count == 1

    def _kept(self, staff_id: str) -> Document:
        found = self.collection.find_one({"_id": staff_id}, {"totp": 1}) or {}
        kept: Document = found.get("totp", {})
        return kept

    def _secret(self, staff_id: str, kept: Document) -> bytes:
        return self.sealer.open_bytes(kept["sealed"], _about(staff_id))

    def _digest(self, staff_id: str, recovery_code: str) -> str:
        return self.sealer.blind(f"recovery code\x1f{staff_id}\x1f{totp.plain(recovery_code)}")


def _about(staff_id: str) -> str:
    return f"totp {staff_id}"
