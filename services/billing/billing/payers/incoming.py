"""A claim that another system fills in: what it may say, and what it must not say otherwise."""

from collections.abc import Iterator

from billing.domain.claim import with_content
from clinic_contracts.billing import claims as c
from clinic_contracts.billing.requests import ClaimView
from clinic_contracts.money import Money
from clinic_contracts.schemas import load
from clinic_contracts.trusted import dump
from payer_formats.claim import Address, Claim, Person, Provider, ServiceLine

UNTOLD_PLACE = "11"
"""What the reader takes for the place of service where a resource says none."""


def differences(told: Claim, claim: ClaimView) -> tuple[c.ClaimFinding, ...]:
    """Return what a claim handed in says otherwise than ours: its money, day, policy, kind."""
    return tuple(_differences(told, claim))


def _differences(told: Claim, claim: ClaimView) -> Iterator[c.ClaimFinding]:
    charge = claim.charge
    if (told.charge_minor, told.currency) != (charge.amount_minor, charge.currency):
        asked = f"{told.charge_minor} {told.currency}"
        text = f"it asks for {asked}, the claim is for {charge.amount_minor} {charge.currency}"
        yield _differs("AMOUNT", f"{text} (minor units)", "Claim.total")
    for line in told.lines:
        if line.day != claim.service_date:
            text = f"item {line.number} is of {line.day}, the claim of {claim.service_date}"
            yield _differs("SERVICE_DATE", text, "Claim.item.servicedDate", line.number)
    member = told.subscriber.member_id
    if member and member != claim.member_id:
        yield _differs("MEMBER_ID", "the policy is another than the claim's", "Claim.insurance")
    payer = told.payer
    if payer.id not in {"", claim.payer_id} and payer.name.casefold() != claim.carrier.casefold():
        yield _differs("PAYER", f"the claim is for {claim.carrier}", "Claim.insurer")
    if told.frequency != claim.frequency:
        text = f"it is {told.frequency}, the claim {claim.frequency}"
        yield _differs("FREQUENCY", text, "Claim.status")
    system = "ICD9" if claim.tongue == "teleplan" else "ICD10"
    if any(each.system != system for each in told.diagnoses):
        yield _differs("DX_SYSTEM", f"its payer takes diagnoses in {system}", "Claim.diagnosis")


def _differs(code: str, text: str, where: str, line: int = 0) -> c.ClaimFinding:
    return c.ClaimFinding(code=code, text=text, where=where, line=line)


def filled(told: Claim, now: c.ClaimDetails) -> c.ClaimDetails:
    """Return the details with what is told; what is not stays. Raises Invalid for the limits."""
    accident, referring = told.accident, told.referring
    change = c.ChangeClaim(
        claim_id=told.id,
        lines=tuple(_line(line, told, _at(now.lines, at)) for at, line in enumerate(told.lines)),
        diagnoses=tuple(each.code for each in told.diagnoses) or now.diagnoses,
        person=_person(told, now.person),
        referring=now.referring if referring is None else _referring(referring),
        accident=now.accident
        if accident is None
        else c.ClaimAccident(
            kind=accident.kind, day=accident.day, claim_number=accident.claim_number
        ),
        authorization=told.authorization or now.authorization,
        place_of_service=now.place_of_service
        if told.place_of_service == UNTOLD_PLACE
        else told.place_of_service,
        note=told.note or now.note,
    )
    # Read as a change that is sent to /v1: under the same limits.
    allowed = load(c.ChangeClaim, dump(change))
    return with_content(now, allowed)


def _at(lines: tuple[c.ClaimLine, ...], at: int) -> c.ClaimLine | None:
    return lines[at] if at < len(lines) else None


def _line(line: ServiceLine, told: Claim, before: c.ClaimLine | None) -> c.ClaimLine:
    """Return a line; FHIR has no minutes, which stay those of the line in its place."""
    return c.ClaimLine(
        procedure=line.procedure,
        charge=Money(amount_minor=line.charge_minor, currency=told.currency),
        units=line.units,
        modifiers=line.modifiers,
        pointers=line.pointers,
        minutes=before.minutes if before else 0,
        description=line.description or (before.description if before else ""),
    )


def _person(told: Claim, now: c.ClaimPerson) -> c.ClaimPerson:
    """Return the policy's holder, when the resource holds them and not a bare reference."""
    holder = told.subscriber.person
    if not (holder.first_name and holder.last_name):
        return now
    return c.ClaimPerson(
        name=f"{holder.first_name} {holder.last_name}",
        birth_date=holder.birth_date or now.birth_date,
        sex=now.sex if holder.sex == "U" else holder.sex,
        address=_address(holder) or now.address,
        relationship=told.subscriber.relationship,
    )


def _address(person: Person) -> c.ClaimAddress | None:
    where: Address | None = person.address
    if where is None:
        return None
    return c.ClaimAddress(
        line=where.line,
        city=where.city,
        region=where.region,
        postal_code=where.postal_code,
        country=where.country,
    )


def _referring(who: Provider) -> c.ClaimProvider:
    return c.ClaimProvider(name=who.name, first_name=who.first_name, number=who.npi or who.number)
