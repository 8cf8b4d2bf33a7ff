"""Payers' profiles: dated by nothing but the contract, checked when they are loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from billing.domain.claim import Charges, Route
from clinic_contracts.booking.events import TreatmentChanged
from clinic_contracts.client_profile.events import CoverageChanged
from payer_formats.answers import Remittance

Tongue = Literal["x12", "fhir", "teleplan", "portal"]
UnitRule = Literal["visits", "cms", "ama"]
BUILT_IN = Path(__file__).with_name("profiles.yaml")


class ProfileError(Exception):
    """A file of profiles is not sound; the message names the file, the entry and the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """Who the clinic is to a payer."""

    submitter: str = ""
    receiver: str = ""
    npi: str = ""
    tax_id: str = ""
    number: str = ""
    contact: str = ""
    phone: str = ""
    taxonomy: str = "225700000X"
    """NUCC: massage therapist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A payer; see ``profiles.yaml`` for what its fields mean."""

    id: str
    name: str
    tongue: Tongue
    carriers: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    path: str = ""
    eligibility_path: str = ""
    usage: Literal["T", "P"] = "T"
    procedure_system: str = "urn:clinicops:procedure"
    uses_npi: bool = False
    units: UnitRule = "visits"
    file_within_days: int = 365
    procedures: Mapping[str, str] = field(default_factory=dict)
    practitioners: Mapping[str, str] = field(default_factory=dict)
    charges: Charges = "fee"
    pays_patient: bool = False
    second_opinion: bool = True
    clinic: Clinic = field(default_factory=Clinic)

    def route(self, discipline: str, day: date) -> Route:
        """Return how a claim for a service of that day goes to it."""
        return Route(
            payer_id=self.id,
            tongue=self.tongue,
            file_by=day + timedelta(days=self.file_within_days),
            procedure=self.procedures.get(discipline, ""),
            charges=self.charges,
        )

    def practitioner(self, id_: str, registration: str) -> str:
        """Return the payer's number of a practitioner, the college's where it has none."""
        known = self.practitioners
        return known.get(id_) or known.get(registration) or registration


@dataclass(frozen=True, slots=True)
class Profiles:
    """Every payer."""

    all: tuple[Profile, ...]

    def by_id(self, id_: str) -> Profile | None:
        """Return one, or None."""
        return next((each for each in self.all if each.id == id_), None)

    def looks_at(self, payer_id: str) -> bool:
        """Say whether files for a payer get a second opinion before they are carried."""
        profile = self.by_id(payer_id)
        return profile is None or profile.second_opinion

    def is_paid(self, remittance: Remittance) -> bool:
        """Say whether a remittance pays this clinic, as far as it says whom it pays."""
        ours = {
            _bare(number)
            for each in self.all
            for number in (each.clinic.npi, each.clinic.number, each.clinic.tax_id)
            if number
        }
        told = (remittance.payee_id, *remittance.payee_other_ids)
        return not any(told) or any(_bare(each) in ours for each in told)

    def of(self, coverage: CoverageChanged) -> Profile | None:
        """Return who pays under a coverage: by carrier, else by kind; None when nobody is known."""
        by_carrier = (each for each in self.all if coverage.carrier.casefold() in each.carriers)
        by_kind = (each for each in self.all if coverage.kind in each.kinds)
        return next(by_carrier, None) or next(by_kind, None)

    def route(self, coverage: CoverageChanged, treatment: TreatmentChanged, day: date) -> Route:
        """Return how a claim goes to its payer; by hand to one that nobody has described."""
        profile = self.of(coverage)
        if profile is None:
            return Route(payer_id="", tongue="portal")
        return profile.route(treatment.discipline, day)


def _bare(number: str) -> str:
    """Return a number without the hyphens that some write into tax numbers (``12-3456789``)."""
    return number.replace("-", "")


@cache
def profiles(path: Path = BUILT_IN) -> Profiles:
    """Return the payers of a file; raises ProfileError, or OSError when it cannot be read."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(rows, list):
        raise ProfileError(f"{path.name}: a list of payers is expected")
    found = tuple(
        _profile(row, f"{path.name}, entry {number}") for number, row in enumerate(rows, 1)
    )
    ids = [each.id for each in found]
    if twice := {id_ for id_ in ids if ids.count(id_) > 1}:
        raise ProfileError(f"{path.name}: {', '.join(sorted(twice))} is there twice")
    return Profiles(found)


def _profile(row: Any, where: str) -> Profile:  # noqa: ANN401 (YAML)
    values = _fields(Profile, row, where)
    for name, allowed in (
        ("tongue", get_args(Tongue)),
        ("units", get_args(UnitRule)),
        ("usage", ("T", "P")),
        ("charges", get_args(Charges)),
    ):
        if name in values and values[name] not in allowed:
            raise ProfileError(f"{where}: {name} is one of {', '.join(allowed)}")
    carriers = (str(each).casefold() for each in _listed(values, "carriers", where))
    values["carriers"] = frozenset(carriers)
    values["kinds"] = frozenset(str(each) for each in _listed(values, "kinds", where))
    values["clinic"] = Clinic(**_fields(Clinic, values.get("clinic", {}), f"{where}, clinic"))
    for name in ("procedures", "practitioners"):
        values[name] = _texts(values, name, where)
    for name in ("pays_patient", "second_opinion"):
        if not isinstance(values.get(name, False), bool):
            raise ProfileError(f"{where}: {name} is true or false")
    days = values.get("file_within_days", 1)
    if not isinstance(days, int) or days < 1:
        raise ProfileError(f"{where}: file_within_days is a number of days")
    if values.get("eligibility_path") and values.get("tongue") not in {"x12", "fhir"}:
        raise ProfileError(f"{where}: eligibility_path: {values.get('tongue')} has no questions")
    try:
        return Profile(**values)
    except TypeError as error:
        raise ProfileError(f"{where}: {error}") from error


def _fields(kind: type, row: Any, where: str) -> dict[str, Any]:  # noqa: ANN401 (YAML)
    if not isinstance(row, dict):
        raise ProfileError(f"{where}: fields are expected")
    if unknown := row.keys() - {each.name for each in fields(kind)}:
        raise ProfileError(f"{where}: {', '.join(sorted(map(str, unknown)))} is not known")
    return dict(row)


def _texts(values: Mapping[str, Any], name: str, where: str) -> Mapping[str, str]:
    """Return a map of texts; YAML takes an unquoted number for one, and its first zeros away."""
    found = values.get(name, {})
    if not isinstance(found, dict):
        raise ProfileError(f"{where}: {name} is a map")
    for key, text in found.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise ProfileError(f"{where}: {name}: put {key} and {text} in quotes")
    return found


def _listed(values: Mapping[str, Any], name: str, where: str) -> Sequence[Any]:
    found = values.get(name, [])
    if not isinstance(found, list):
        raise ProfileError(f"{where}: {name} is a list")
    return found
