"""What client_profile can be asked, and how it answers."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from clinic_contracts.constraints import (
    UNSET,
    Cursor,
    ExpectedVersion,
    Id,
    Instant,
    Items,
    Limit,
    Name,
    Note,
    PathId,
    Range,
    Text,
    Unset,
)
from clinic_contracts.money import Money

Phones = Annotated[tuple[Annotated[str, Text(max=30)], ...], Items(10)]
_PART = r"[^@\s\x00-\x1f\x7f-\x9f]+"
Emails = Annotated[
    tuple[
        Annotated[
            str, Text(max=254, pattern=rf"{_PART}@{_PART}\.{_PART}", hint="an e-mail address")
        ],
        ...,
    ],
    Items(10),
]
Channel = Literal["email", "sms", "phone", "none"]
HealthNumber = Annotated[str, Text(max=20)]
Language = Annotated[str, Text(max=10, pattern=r"[a-z]{2}(-[A-Z]{2})?", hint="such as en or fr-CA")]
Discipline = Annotated[str, Text(max=40)]
CoverageKind = Literal["extended_health", "msp_supplementary", "icbc", "worksafebc"]
Relationship = Literal["self", "spouse", "child", "other"]
"""What the client is to the policy's holder."""
OptionalText = Annotated[str, Text(min=0, max=40)]
LocationIds = Annotated[tuple[Id, ...], Items(200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterClient:
    """Register a client. Phones become E.164; a BC health number is checked (domain.md, 7).

    ``location_ids`` left out are the caller's own; of who sees the whole chain none, and then
    everybody sees the client until the first visit, which adds its location.
    """

    name: Name
    birth_date: date | None = None
    phones: Phones = ()
    emails: Emails = ()
    health_number: HealthNumber | None = None
    preferred_channel: Channel = "email"
    language: Language = "en"
    address: Annotated[str, Text(min=0, max=300)] = ""
    location_ids: LocationIds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeClient:
    """Change what is given, keep the rest.

    ``location_ids`` replace those that the caller sees; a client's others stay as they are.
    """

    client_id: PathId
    expected_version: ExpectedVersion | None = None
    name: Name | Unset = UNSET
    birth_date: date | Unset | None = UNSET
    phones: Phones | Unset = UNSET
    emails: Emails | Unset = UNSET
    health_number: HealthNumber | Unset | None = UNSET
    preferred_channel: Channel | Unset = UNSET
    language: Language | Unset = UNSET
    address: Annotated[str, Text(min=0, max=300)] | Unset = UNSET
    location_ids: LocationIds | Unset = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class GetClient:
    """One client."""

    client_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchClients:
    """Clients whose name, phone or e-mail has words beginning as ``q``'s do; by name.

    A whole health number finds its owner. Hyphens and apostrophes may be left out, and the parts
    they join are words too.
    """

    q: Annotated[str, Text(min=0, max=100)] = ""
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameClients:
    """What clients are called, such as those of a day's visits; who is not known is left out."""

    ids: Annotated[tuple[Id, ...], Items(500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientName:
    """A client's name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientNames:
    """The names that are known, in no order."""

    items: tuple[ClientName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientView:
    """A client. ``health_number`` is masked, all but its last four digits being ``•``.

    It is whole for a caller who sees health numbers, in the answer to GET one client and to the
    register or change that gave it. A masked one is no number: a change refuses it (PHN_INVALID).
    ``location_ids`` are those of the client's locations that the caller sees.
    """

    id: str
    version: int
    name: str
    birth_date: date | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    health_number: str | None
    preferred_channel: str
    language: str
    address: str
    location_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPage:
    """A page of clients."""

    items: tuple[ClientView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCoverage:
    """Add a coverage: an extended-health policy, MSP supplementary benefits, or an injury's claim.

    ``percent`` of the capped fee is paid, up to the maximum; an extended-health policy needs it and
    ``member_id``, of the others it is 100. ``benefit_year_start`` is the month and day on which the
    annual maximum starts anew; ``disciplines`` empty means all. ``order`` 1 pays first, among those
    that the payers' rules leave equal. A client has at most 50 coverages.

    ICBC and WorkSafeBC: ``accident_date``, and the payer's ``claim_number``. WorkSafeBC: the days
    on which the claim was accepted and a physician referred. MSP: since when the client is a
    beneficiary. ``relationship`` is what the client is to the policy's holder; of a child, both
    parents' birth dates and first names say who pays first (CLHIA, co-ordination of benefits).
    ``visits_elsewhere`` were paid to others by ``elsewhere_as_of``, in its year or of this injury.
    ``approved_visits`` are all that the payer has approved, instead of as many as its rule has, and
    ``approved_until`` is the last day when that is later than the rule's.
    """

    client_id: PathId
    kind: CoverageKind = "extended_health"
    carrier: Name
    group_number: Annotated[str, Text(min=0, max=40)] = ""
    member_id: Annotated[str, Text(min=0, max=40)] = ""
    percent: Annotated[int, Range(0, 100)] | None = None
    per_visit_cap: Money | None = None
    annual_maximum: Money | None = None
    benefit_year_start: Annotated[
        str,
        Text(
            max=5,
            pattern=(
                r"(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)"
                r"|02-(0[1-9]|[12]\d)"
            ),
            hint="a month and day such as 01-01",
        ),
    ] = "01-01"
    order: Annotated[int, Range(1, 9)] = 1
    disciplines: Annotated[tuple[Discipline, ...], Items(20)] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    claim_number: OptionalText = ""
    accident_date: date | None = None
    accepted_on: date | None = None
    referred_on: date | None = None
    beneficiary_since: date | None = None
    relationship: Relationship = "self"
    holder_first_name: OptionalText = ""
    holder_birth_date: date | None = None
    visits_elsewhere: Annotated[int, Range(0, 100)] = 0
    elsewhere_as_of: date | None = None
    approved_visits: Annotated[int, Range(1, 100)] | None = None
    approved_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCoverage:
    """Change of a coverage what is given: mostly what its payer said since. None takes it away."""

    client_id: PathId
    coverage_id: PathId
    expected_version: ExpectedVersion | None = None
    group_number: OptionalText | Unset = UNSET
    member_id: OptionalText | Unset = UNSET
    percent: Annotated[int, Range(0, 100)] | Unset = UNSET
    per_visit_cap: Money | Unset | None = UNSET
    annual_maximum: Money | Unset | None = UNSET
    order: Annotated[int, Range(1, 9)] | Unset = UNSET
    valid_from: date | Unset | None = UNSET
    valid_to: date | Unset | None = UNSET
    claim_number: OptionalText | Unset = UNSET
    accident_date: date | Unset | None = UNSET
    accepted_on: date | Unset | None = UNSET
    referred_on: date | Unset | None = UNSET
    beneficiary_since: date | Unset | None = UNSET
    visits_elsewhere: Annotated[int, Range(0, 100)] | Unset = UNSET
    elsewhere_as_of: date | Unset | None = UNSET
    approved_visits: Annotated[int, Range(1, 100)] | Unset | None = UNSET
    approved_until: date | Unset | None = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCoverage:
    """One coverage of a client."""

    client_id: PathId
    coverage_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageView:
    """A coverage of a client."""

    id: str
    version: int
    client_id: str
    kind: str
    carrier: str
    group_number: str
    member_id: str
    percent: int
    per_visit_cap: Money | None
    annual_maximum: Money | None
    benefit_year_start: str
    order: int
    disciplines: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    claim_number: str = ""
    accident_date: date | None = None
    accepted_on: date | None = None
    referred_on: date | None = None
    beneficiary_since: date | None = None
    relationship: str = "self"
    holder_first_name: str = ""
    holder_birth_date: date | None = None
    visits_elsewhere: int = 0
    elsewhere_as_of: date | None = None
    approved_visits: int | None = None
    approved_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOfClient:
    """Everything of one kind that belongs to a client."""

    client_id: PathId


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageList:
    """A client's coverages in order of payment."""

    items: tuple[CoverageView, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsent:
    """Record that a client granted or withdrew consent, with the wording shown to them."""

    client_id: PathId
    purpose: Literal["appointments", "marketing", "recalls"] = "appointments"
    channel: Literal["email", "sms", "phone"]
    granted: bool
    wording: Note | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """A consent and its evidence."""

    id: str
    client_id: str
    purpose: str
    channel: str
    granted: bool
    wording: str | None
    given_at: Instant
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentList:
    """A client's consents, newest first: the first of each purpose and channel is in force."""

    items: tuple[ConsentView, ...]
    next: str | None = None
