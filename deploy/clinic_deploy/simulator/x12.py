"""The simulated payer in X12: an 837P in; a 999 at once, a 277CA and 835s later.

A 270 is answered by a 271 at once, or later; one that cannot be read by a 999.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from clinic_deploy.simulator import entitlement
from clinic_deploy.simulator.behaviour import Answer, answers, verdict
from clinic_deploy.simulator.store import Mail, Taken, UnreadableError
from payer_formats.answers import (
    Acknowledgement,
    ClaimVerdict,
    Remittance,
    RemittedClaim,
    SetVerdict,
    Verdict,
)
from payer_formats.claim import Address, Claim, Payer, Provider
from payer_formats.findings import Finding
from payer_formats.x12 import syntax
from payer_formats.x12.acknowledging import write_277ca, write_999
from payer_formats.x12.entitling import write_271
from payer_formats.x12.inquiring import read_270
from payer_formats.x12.professional import read_professional
from payer_formats.x12.remitting import write_835
from payer_formats.x12.writing import Envelope

MEDIA_TYPE = "application/edi-x12"
PAYER = Provider(
    name="HARBOUR MUTUAL",
    tax_id="900000001",
    address=Address(line="1 HARBOUR RD", city="VICTORIA", region="BC", postal_code="V8V1A1"),
)
ACKNOWLEDGED_AFTER = 1.0
HELD = "P1:20"


def taken(raw: bytes, at: datetime, number: Callable[[], int]) -> Taken:
    """Return the answers to an 837P; raises UnreadableError where there is no one to answer."""
    file = syntax.read(raw)
    if not file.interchanges:
        raise UnreadableError(file.findings)
    sent = file.interchanges[0]
    house = _House(sent, at, number)
    if any(one.code == "270" for _, _, one in file.sets):
        return house.entitled(raw)
    read = read_professional(file)
    errors = [each for each in read.findings if each.severity == "error"]
    body = house.acknowledged(errors)
    if errors or not read.claims:
        return Taken(content_type=MEDIA_TYPE, body=body)
    return Taken(content_type=MEDIA_TYPE, body=body, later=tuple(house.mail(read.claims)))


class _House:
    """Answers one interchange."""

    def __init__(self, sent: syntax.Interchange, at: datetime, number: Callable[[], int]) -> None:
        self.sent = sent
        self.at = at
        self.number = number

    def acknowledged(self, errors: Sequence[Finding]) -> bytes:
        """Return the 999: the whole set is accepted, or rejected for what is wrong with it."""
        group = self.sent.groups[0] if self.sent.groups else None
        one = group.sets[0] if group is not None and group.sets else None
        said: Verdict = "rejected" if errors or one is None else "accepted"
        control = "" if group is None else group.control
        whole = SetVerdict(
            level="group", verdict=said, interchange=self.sent.control, group=control
        )
        inner = SetVerdict(
            level="set",
            verdict=said,
            interchange=self.sent.control,
            group=control,
            set="" if one is None else one.control,
            errors=tuple(errors[:20]),
        )
        return write_999(self._envelope(), [whole, inner])

    def entitled(self, raw: bytes) -> Taken:
        """Return the answer to a 270; what is late about one question of it is about all."""
        inquiries, findings = read_270(raw)
        if findings or not inquiries:
            return Taken(content_type=MEDIA_TYPE, body=self.acknowledged(findings))
        first = inquiries[0]
        answers = [entitlement.answer(each, entitlement.X12_BENEFITS) for each in inquiries]
        body = write_271(self._envelope(), answers, first.payer, first.provider)
        if any(entitlement.scenario(each) == "late" for each in inquiries):
            later = self._mail(entitlement.LATE, "271", body)
            return Taken(content_type=MEDIA_TYPE, body=self.acknowledged([]), later=(later,))
        return Taken(content_type=MEDIA_TYPE, body=body)

    def mail(self, claims: Sequence[Claim]) -> list[Mail]:
        """Return what is answered later: a 277CA, and remittances by when they are due."""
        numbered = [(claim, f"P{self.number():010}") for claim in claims]
        first = claims[0]
        told = Acknowledgement(
            kind="277CA",
            identity="",
            sets=(SetVerdict(level="set", verdict="accepted", set=self._reference()),),
            claims=tuple(verdict(claim, number) for claim, number in numbered),
        )
        payer = Payer(id=first.payer.id, name=PAYER.name)
        by_number = {claim.id: claim for claim in claims}
        raw = write_277ca(self._envelope(), told, payer, first.billing, by_number)
        mail = [self._mail(ACKNOWLEDGED_AFTER, "277", raw)]
        together: defaultdict[float, list[RemittedClaim]] = defaultdict(list)
        for claim, number in numbered:
            apart = defaultdict[float, list[Answer]](list)
            for each in answers(claim, number):
                if each.decided.decision == "pended":
                    mail.append(self._held(each.after, claim, number))
                elif each.apart:
                    apart[each.after].append(each)
                else:
                    together[each.after].append(each.decided)
            for after, own in sorted(apart.items()):
                mail += self._apart(after, own, first)
        for after, decided in sorted(together.items()):
            mail.append(self._mail(after, "835", self._remitted(decided, first)))
        return mail

    def _held(self, after: float, claim: Claim, number: str) -> Mail:
        """Return word of a claim that is held: no 835 can say so (277CA, category P)."""
        said = ClaimVerdict(
            reference=claim.id, verdict="pended", codes=(HELD,), payer_reference=number
        )
        told = Acknowledgement(
            kind="277CA",
            identity="",
            sets=(SetVerdict(level="set", verdict="accepted", set=self._reference()),),
            claims=(said,),
        )
        payer = Payer(id=claim.payer.id, name=PAYER.name)
        raw = write_277ca(self._envelope(), told, payer, claim.billing, {claim.id: claim})
        return self._mail(after, "277", raw)

    def _apart(self, after: float, own: Sequence[Answer], first: Claim) -> list[Mail]:
        decided = [each.decided for each in own]
        raw = self._remitted(decided, first, sum(each.off_by for each in own))
        copies = 2 if any(each.again for each in own) else 1
        return [self._mail(after, "835", raw)] * copies

    def _remitted(self, decided: Sequence[RemittedClaim], first: Claim, off_by: int = 0) -> bytes:
        paid = sum(each.paid_minor for each in decided) + off_by
        remittance = Remittance(
            identity="",
            payer_id=first.payer.id,
            payer_name=PAYER.name,
            paid_minor=paid,
            currency=first.currency,
            claims=tuple(decided),
            trace=f"EFT{self.number():09}",
            paid_on=self.at.date(),
            method="ACH" if paid else "NON",
        )
        return write_835(self._envelope(), [remittance], PAYER, first.billing)

    def _reference(self) -> str:
        """Return the number by which the sender knows its file (BHT03)."""
        sets = [one for group in self.sent.groups for one in group.sets]
        bht = next((each for one in sets for each in one.segments if each.id == "BHT"), None)
        return "" if bht is None else bht.at(3)

    def _envelope(self) -> Envelope:
        return Envelope(
            sender=self.sent.receiver,
            receiver=self.sent.sender,
            control=self.number(),
            at=self.at.replace(tzinfo=None),
            usage=self.sent.usage or "T",
        )

    def _mail(self, after: float, kind: str, raw: bytes) -> Mail:
        return Mail(
            after=after, content_type=MEDIA_TYPE, name=f"{self.number():09}.{kind}", body=raw
        )
