"""A professional claim: what was done to whom by whom, and what is asked for it.

Amounts are minor units of the claim's one currency. What a tongue has no field for it leaves out.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Frequency = Literal["original", "corrected", "void"]
"""X12 CLM05-3: 1, 7 and 8; the last two name the payer's number of the claim they replace."""
Relationship = Literal["self", "spouse", "child", "other"]
Sex = Literal["F", "M", "U"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where somebody is; ``region`` is a state or province, ``country`` ISO 3166 alpha-2."""

    line: str
    city: str
    region: str
    postal_code: str
    line2: str = ""
    country: str = "CA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A subscriber or a patient; ``health_number`` is a provincial one."""

    last_name: str
    first_name: str
    middle_name: str = ""
    birth_date: date | None = None
    sex: Sex = "U"
    address: Address | None = None
    health_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who bills, treats or refers; a person when there is a first name.

    ``npi`` is the US national number; ``number`` the one a payer gave (MSP's practitioner or payee
    number, ICBC's vendor number); ``tax_id`` an EIN or a GST number; ``taxonomy`` a NUCC code.
    """

    name: str
    first_name: str = ""
    npi: str = ""
    number: str = ""
    tax_id: str = ""
    taxonomy: str = ""
    address: Address | None = None

    @property
    def is_person(self) -> bool:
        """Say whether this is a person, not an organisation."""
        return bool(self.first_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who is asked to pay; ``id`` as the payer or the clearing house gives it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Whose policy it is. ``rank`` is the payer's place in the order of payers, 1 first."""

    person: Person
    member_id: str
    group_number: str = ""
    rank: int = 1
    relationship: Relationship = "self"
    """What the patient is to the subscriber."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A diagnosis; ``code`` undotted, first is the principal one."""

    code: str
    system: Literal["ICD10", "ICD9"] = "ICD10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Why less was paid than charged (X12 CAS): a group (CO, PR, OA, PI), a reason, an amount.

    A negative amount pays more. ``quantity`` is units, 0 where none are told.
    """

    group: str
    reason: str
    minor: int
    quantity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One service on one day; ``pointers`` count the claim's diagnoses from 1.

    ``units`` are what is charged for: visits, or timed units of ``minutes``. ``reference`` is the
    line's own number, which a remittance quotes; ``through`` the last day where there are more.
    """

    number: int
    procedure: str
    charge_minor: int
    units: int
    day: date
    modifiers: tuple[str, ...] = ()
    pointers: tuple[int, ...] = ()
    minutes: int = 0
    reference: str = ""
    description: str = ""
    through: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorLine:
    """What an earlier payer paid for a line, and why not all of it."""

    number: int
    paid_minor: int
    adjustments: tuple[Adjustment, ...] = ()
    procedure: str = ""
    units: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorPayment:
    """What an earlier payer made of the claim: charge = paid + adjustments, of claim and lines."""

    payer: Payer
    subscriber: Subscriber
    paid_minor: int
    paid_on: date | None = None
    payer_reference: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[PriorLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accident:
    """What the claim is about when it is an injury: of traffic (``auto``) or at ``work``.

    ``body_part``, ``side`` and ``nature`` are WorkSafeBC's codes (Teleplan C02, P116 and P118).
    """

    kind: Literal["auto", "work", "other"]
    day: date
    claim_number: str = ""
    region: str = ""
    body_part: str = ""
    side: str = ""
    nature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim to one payer; ``id`` is ours (CLM01), at most 20 characters.

    ``payer_reference`` is the payer's own number of the claim that a corrected one replaces or a
    void one takes back. ``patient`` is None when the subscriber is the patient.
    """

    id: str
    charge_minor: int
    currency: str
    payer: Payer
    billing: Provider
    subscriber: Subscriber
    lines: tuple[ServiceLine, ...]
    frequency: Frequency = "original"
    payer_reference: str = ""
    patient: Person | None = None
    rendering: Provider | None = None
    referring: Provider | None = None
    facility: Provider | None = None
    """Where it was done, if not at the billing provider's."""
    onset: date | None = None
    """When the illness or its symptoms began."""
    diagnoses: tuple[Diagnosis, ...] = ()
    place_of_service: str = "11"
    accident: Accident | None = None
    authorization: str = ""
    prior: tuple[PriorPayment, ...] = ()
    note: str = ""

    @property
    def treated(self) -> Person:
        """Who was treated."""
        return self.patient or self.subscriber.person
