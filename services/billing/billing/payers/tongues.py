"""Every tongue behind one interface: claims as a file, by the profile of their payer.

A writer takes claims and returns the file and, of each claim that is in it, by what numbers the
payer will answer. Payers' own words for what keeps a claim from them are asked by ``demands``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing.claim_ports import Built, File, Leaving, Named
from billing.payers.outgoing import outgoing
from billing.payers.profiles import Profile, Profiles
from payer_formats.claim import Claim, Payer
from payer_formats.fhir.claims_out import claim_bytes
from payer_formats.findings import Finding
from payer_formats.portal import packet, render_html
from payer_formats.scrub import ELSEWHERE, Demands, scrub
from payer_formats.teleplan import checks
from payer_formats.teleplan.submission import Sender, Vendor, batch
from payer_formats.x12.professional_writing import Submitter, write
from payer_formats.x12.writing import Envelope

MOST_CLAIMS = 500
SOFTWARE, VERSION, SINCE = "CLINICOPS", "1", date(2026, 11, 1)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The number of a file, the first of its records where they are numbered, and when it is."""

    control: int
    sequence: int
    at: datetime


Writer = Callable[[Sequence[Claim], Profile, Numbers], Built]


def build_file(
    claims: Sequence[Leaving], payer_id: str, numbers: Numbers, profiles: Profiles
) -> Built:
    """Return claims as a file for a payer by its id; one that nobody described gets packets."""
    profile = profiles.by_id(payer_id) or Profile(id=payer_id, name=payer_id, tongue="portal")
    sent = [outgoing(each, profile) for each in claims]
    return WRITERS[profile.tongue](sent, profile, numbers)


def claims_a_file(payer_id: str, profiles: Profiles) -> int:
    """Return how many claims a payer takes in one file."""
    profile = profiles.by_id(payer_id)
    return 1 if profile is not None and profile.tongue == "fhir" else MOST_CLAIMS


def faults(claim: Claim, profile: Profile | None, today: date) -> Sequence[Finding]:
    """Return what the payer's tongue finds wrong with a claim."""
    if profile is None or profile.tongue == "portal":
        return ()
    timed = None if profile.units == "visits" else profile.units
    npi = profile.uses_npi
    asked = Demands(npi=npi, icd10cm=npi, timed=timed) if profile.tongue == "x12" else ELSEWHERE
    found = scrub([claim], today=today, demands=asked)
    if profile.tongue == "teleplan":
        found += checks.problems(claim, pays_patient=profile.pays_patient)
    return found


def _x12(claims: Sequence[Claim], profile: Profile, numbers: Numbers) -> Built:
    clinic, first = profile.clinic, claims[0]
    envelope = Envelope(
        sender=clinic.submitter,
        receiver=clinic.receiver,
        control=numbers.control,
        at=numbers.at,
        usage=profile.usage,
    )
    submitter = Submitter(
        name=first.billing.name,
        id=clinic.submitter,
        contact=clinic.contact or first.billing.name,
        phone=clinic.phone,
    )
    raw = write(claims, envelope, submitter, Payer(id=clinic.receiver, name=profile.name))
    name = f"{profile.id}-{numbers.control:09}.837"
    file = File(name=name, content_type="application/edi-x12", raw=raw)
    return Built(file=file, named={each.id: Named(reference=each.id) for each in claims})


def _teleplan(claims: Sequence[Claim], profile: Profile, numbers: Numbers) -> Built:
    vendor = Vendor(
        number=profile.clinic.submitter,
        software=SOFTWARE,
        version=VERSION,
        installed=SINCE,
        name="ClinicOps",
        phone=profile.clinic.phone,
        contact=profile.clinic.contact,
    )
    sender = Sender(
        data_centre=profile.clinic.submitter, vendor=vendor, pays_patient=profile.pays_patient
    )
    made = batch(sender, claims, numbers.sequence)
    named: dict[str, Named] = {}
    for each in made.sent:
        named.setdefault(each.id, Named(reference=each.folio, payer_reference=each.key))
    file = File(
        name=f"{profile.id}-{numbers.control:09}.txt", content_type="text/plain", raw=made.raw
    )
    return Built(file=file, named=named, findings=made.findings, next_sequence=made.next_sequence)


def _fhir(claims: Sequence[Claim], profile: Profile, numbers: Numbers) -> Built:
    (claim,) = claims  # a Claim is submitted alone ($submit)
    raw = claim_bytes(claim, created=numbers.at.date(), procedures=profile.procedure_system)
    name = f"{profile.id}-{numbers.control:09}.json"
    file = File(name=name, content_type="application/fhir+json", raw=raw)
    return Built(file=file, named={claim.id: Named(reference=claim.id)})


def _portal(claims: Sequence[Claim], profile: Profile, numbers: Numbers) -> Built:
    pages = render_html(*map(packet, claims))
    name = f"{profile.id}-{numbers.control:09}.html"
    file = File(name=name, content_type="text/html", raw=pages.encode())
    return Built(file=file, named={each.id: Named(reference=each.id) for each in claims})


WRITERS: Mapping[str, Writer] = {
    "x12": _x12,
    "fhir": _fhir,
    "teleplan": _teleplan,
    "portal": _portal,
}
