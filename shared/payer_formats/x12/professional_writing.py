"""Writes professional claims as one 837P interchange (X12 005010X222A1).

It writes what the scrubber lets pass. A billing provider, a subscriber and a patient stand once
each, before all the claims they share. Loops are named as the guide numbers them.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from payer_formats.claim import Claim, Payer, Person, Provider, Subscriber
from payer_formats.x12.professional_claim_writing import add_claim
from payer_formats.x12.professional_codes import FILING, RANKS, RELATIONSHIPS, VERSION
from payer_formats.x12.professional_party_writing import (
    add_address,
    add_person,
    add_provider,
    blank,
)
from payer_formats.x12.writing import Envelope, SetWriter, written

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitter:
    """Who sends the file, and whom to ask about it; ``id`` as the receiver gave it."""

    name: str
    id: str
    contact: str
    phone: str


def write(
    claims: Sequence[Claim], envelope: Envelope, submitter: Submitter, receiver: Payer
) -> bytes:
    """Return an interchange of one set; ``receiver`` is the payer or the clearing house."""
    one = SetWriter("837", 1, VERSION)
    at = envelope.at
    reference = f"{envelope.control:09}"
    one.add("BHT", "0019", "00", reference, f"{at:%Y%m%d}", f"{at:%H%M}", "CH")
    one.add("NM1", "41", "2", submitter.name, *blank(4), "46", submitter.id)
    one.add("PER", "IC", submitter.contact, "TE", submitter.phone)
    one.add("NM1", "40", "2", receiver.name, *blank(4), "46", receiver.id)
    _Tree(one).write(claims)
    return written(envelope, "HC", VERSION, [one])


class _Tree:
    """The hierarchy of HL segments: 20 billing provider, 22 subscriber, 23 patient."""

    def __init__(self, one: SetWriter) -> None:
        self.one = one
        self.count = 0

    def write(self, claims: Iterable[Claim]) -> None:
        for (provider, currency), billed in _grouped(claims, _billing_key):
            at = self._level("", "20", child=True)
            _billing(self.one, provider, currency)
            for _, insured in _grouped(billed, _subscriber_key):
                self._subscriber(at, insured)

    def _subscriber(self, parent: str, claims: list[Claim]) -> None:
        dependants = claims[0].patient is not None
        at = self._level(parent, "22", child=dependants)
        _subscriber(self.one, claims[0])
        if not dependants:
            self._claims(claims)
            return
        for _, treated in _grouped(claims, _patient_key):
            self._level(at, "23", child=False)
            _patient(self.one, treated[0])
            self._claims(treated)

    def _claims(self, claims: list[Claim]) -> None:
        for claim in claims:
            add_claim(self.one, claim)

    def _level(self, parent: str, code: str, *, child: bool) -> str:
        self.count += 1
        self.one.add("HL", self.count, parent, code, "1" if child else "0")
        return str(self.count)


def _grouped(
    claims: Iterable[Claim], key: Callable[[Claim], Key]
) -> Iterable[tuple[Key, list[Claim]]]:
    """Return the claims by a key, keys and claims in the order they first came."""
    groups: dict[Key, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(key(claim), []).append(claim)
    return groups.items()


def _billing_key(claim: Claim) -> tuple[Provider, str]:
    return claim.billing, claim.currency


def _subscriber_key(claim: Claim) -> tuple[Subscriber, Payer, str, str, bool]:
    number = _accident_number(claim) if claim.patient is None else ""
    return claim.subscriber, claim.payer, _filing(claim), number, claim.patient is None


def _patient_key(claim: Claim) -> tuple[Person, str]:
    return claim.treated, _accident_number(claim)


def _billing(one: SetWriter, provider: Provider, currency: str) -> None:
    """Loops 2000A and 2010AA."""
    if provider.taxonomy:
        one.add("PRV", "BI", "PXC", provider.taxonomy)
    if currency != "USD":
        one.add("CUR", "85", currency)
    add_provider(one, "85", provider)
    add_address(one, provider.address)
    if provider.tax_id:
        one.add("REF", "EI", provider.tax_id)


def _subscriber(one: SetWriter, claim: Claim) -> None:
    """Loops 2000B, 2010BA and 2010BB."""
    subscriber, payer = claim.subscriber, claim.payer
    own = RELATIONSHIPS["self"] if claim.patient is None else ""
    rank = RANKS[subscriber.rank - 1]
    one.add("SBR", rank, own, subscriber.group_number, *blank(5), _filing(claim))
    add_person(one, "IL", subscriber.person, "MI", subscriber.member_id)
    if claim.patient is None:
        _accident_reference(one, claim)
    one.add("NM1", "PR", "2", payer.name, *blank(4), "PI", payer.id)
    if claim.billing.number:
        one.add("REF", "G2", claim.billing.number)


def _patient(one: SetWriter, claim: Claim) -> None:
    """Loops 2000C and 2010CA."""
    relationship = claim.subscriber.relationship
    one.add("PAT", RELATIONSHIPS["other" if relationship == "self" else relationship])
    add_person(one, "QC", claim.treated)
    _accident_reference(one, claim)


def _accident_reference(one: SetWriter, claim: Claim) -> None:
    if number := _accident_number(claim):
        one.add("REF", "Y4", number)


def _accident_number(claim: Claim) -> str:
    return claim.accident.claim_number if claim.accident else ""


def _filing(claim: Claim) -> str:
    return FILING[claim.accident.kind if claim.accident else "other"]
