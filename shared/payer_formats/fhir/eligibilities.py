"""CoverageEligibilityResponse and Coverage, read: whether a policy is in force and what it gives.

FHIR R4B; the kinds of benefit are those of the example code system benefit-type.
"""

from dataclasses import replace

from payer_formats.answers import Benefit, Eligibility
from payer_formats.fhir import systems
from payer_formats.fhir.element import Element
from payer_formats.fhir.references import Directory

KINDS = {
    "benefit": "limit",
    "visit": "limit",
    "deductible": "deductible",
    "copay": "copay",
    "copay-percent": "coinsurance",
    "copay-maximum": "copay_limit",
}


def read_eligibility(resource: Element, known: Directory) -> Eligibility:
    """Read a CoverageEligibilityResponse; each of its insurances must be of one policy."""
    notes = resource.notes
    known = known.within(resource)
    _stands(resource)
    resource.day("created", required=True)
    outcome = resource.code("outcome", systems.OUTCOMES, required=True)
    errors = [each.concept("code") or "error" for each in resource.many("error")]
    if outcome == "error" and not errors:
        errors = [resource.text("disposition") or "error"]
    insurances = resource.many("insurance")
    members = list(dict.fromkeys(_member(each, known) for each in insurances))
    if len(members) > 1:
        text = "there is more than one policy in the answer; each needs its own"
        notes.add("POLICY_MIX", text, resource.where("insurance"))
    inforce = [each.flag("inforce") for each in insurances]
    found = Eligibility(
        payer_id=known.number(resource, "insurer"),
        member_id=members[0] if members else "",
        active=None if not inforce or None in inforce or errors else all(inforce),
        benefits=tuple(b for each in insurances for b in _benefits(each)),
        subscriber_name=known.name(resource, "patient"),
        group_number=group(known.find(insurances[0], "coverage")) if insurances else "",
        trace=known.number(resource, "request"),
        rejections=tuple(errors),
    )
    return _finished(found, resource)


def read_coverage(resource: Element, known: Directory) -> Eligibility:
    """Read a Coverage: ``active`` is its status, and its period stands with the benefits."""
    known = known.within(resource)
    status = resource.code("status", systems.STATUSES, required=True)
    resource.one("beneficiary", required=True)
    resource.many("payor", required=True)
    period = _period(resource.one("period"))
    active = status == "active" if status else None
    benefits = [Benefit(kind="active" if active else "inactive", code=status, period=period)]
    for each in resource.many("class"):
        kind, value = each.concept("type"), each.text("value", required=True)
        benefits.append(Benefit(kind=kind or "class", code=value, text=each.text("name")))
    for cost in resource.many("costToBeneficiary"):
        kind = cost.concept("type")
        minor = cost.money("valueMoney")
        percent = cost.one("valueQuantity").decimal("value")
        benefits.append(
            Benefit(
                kind="copay" if minor is not None else "coinsurance",
                code=kind,
                minor=minor,
                percent=int(percent) if percent is not None else None,
            )
        )
    found = Eligibility(
        payer_id=known.number(*payor_of(resource)),
        member_id=member(resource),
        active=active,
        benefits=tuple(benefits),
        subscriber_name=known.name(resource, "subscriber"),
        group_number=group(resource),
    )
    return _finished(found, resource)


def payor_of(coverage: Element) -> tuple[Element, str]:
    """Return where the first payor of a policy stands: an element, and the name in it."""
    payors = coverage.many("payor")
    first = {"payor": payors[0].values} if payors else {}
    return Element(first, coverage.path, coverage.notes), "payor"


def member(coverage: Element) -> str:
    """Return the number of a policy: the subscriber's, else the coverage's own."""
    return (
        coverage.text("subscriberId") or coverage.identifier("MB") or coverage.identifier()
        if coverage
        else ""
    )


def _finished(found: Eligibility, resource: Element) -> Eligibility:
    resource.notes.currency(resource.path)
    return replace(found, findings=tuple(resource.notes.findings))


def _stands(resource: Element) -> None:
    status = resource.code("status", systems.STATUSES, required=True)
    if status in systems.STATUSES[1:]:
        text = f"an answer that is {status} says nothing"
        resource.notes.add("STATUS", text, resource.where("status"))


def _member(insurance: Element, known: Directory) -> str:
    insurance.one("coverage", required=True)
    return member(known.find(insurance, "coverage")) or known.number(insurance, "coverage")


def group(coverage: Element) -> str:
    """Return the group number of a policy."""
    for each in coverage.many("class"):
        if each.concept("type") == "group":
            return each.text("value")
    return ""


def _period(period: Element) -> str:
    start, end = period.day("start"), period.day("end")
    return f"{start or ''}/{end or ''}" if start or end else ""


def _benefits(insurance: Element) -> list[Benefit]:
    period = _period(insurance.one("benefitPeriod"))
    inforce = insurance.flag("inforce")
    benefits = []
    if inforce is not None:
        benefits.append(Benefit(kind="active" if inforce else "inactive", code="", period=period))
    for item in insurance.many("item"):
        service = item.concept("productOrService") or item.concept("category")
        services = (service,) if service else ()
        network = {"in": True, "out": False}.get(item.concept("network"))
        term = item.concept("term") or period
        if item.flag("excluded"):
            benefits.append(Benefit(kind="excluded", code="", services=services))
        for each in item.many("benefit"):
            benefits += _amounts(each, services, term, network=network)
    return benefits


def _amounts(
    benefit: Element, services: tuple[str, ...], term: str, *, network: bool | None
) -> list[Benefit]:
    code = benefit.concept("type")
    if not code:
        benefit.missing("type")
    found = []
    for prefix, kind in (("allowed", KINDS.get(code, code or "benefit")), ("used", "used")):
        minor = benefit.money(f"{prefix}Money")
        count = benefit.whole(f"{prefix}UnsignedInt")
        text = benefit.text(f"{prefix}String")
        if minor is None and count is None and not text:
            continue
        percent = count if code == "copay-percent" else None
        found.append(
            Benefit(
                kind=kind,
                code=code,
                services=services,
                minor=minor,
                percent=percent,
                quantity=None if percent is not None else count,
                in_network=network,
                period=term,
                text=text,
            )
        )
    return found
