"""A payer's answer in FHIR, read: a resource or a Bundle of them."""

from payer_formats.answers import Acknowledgement, Eligibility, Read, Remittance
from payer_formats.fhir.element import Element, Notes
from payer_formats.fhir.eligibilities import read_coverage, read_eligibility
from payer_formats.fhir.modifiers import refuse_modifiers
from payer_formats.fhir.outcomes import read_outcome
from payer_formats.fhir.reconciliations import alone, read_reconciliation
from payer_formats.fhir.references import Directory, directory
from payer_formats.fhir.responses import Response, read_response
from payer_formats.fhir.syntax import parse
from payer_formats.findings import Finding, quoted

MOST_RESOURCES = 10_000
ANSWERS = (
    "ClaimResponse",
    "PaymentReconciliation",
    "CoverageEligibilityResponse",
    "OperationOutcome",
    "Coverage",
)


def read_answers(raw: bytes) -> Read:
    """Read what a payer answers; never raises, what is wrong with it is among the findings.

    A ClaimResponse that is decided is a remittance of one claim, and a PaymentReconciliation one
    of all the ClaimResponses in its Bundle that it pays. One that is not decided, and an
    OperationOutcome, are acknowledgements. A Coverage alone answers as an eligibility does.
    """
    notes = Notes()
    root = parse(raw, notes)
    found = _answers(root) if root and not notes.failed else {}
    if found and not notes.failed and not any(found.values()):
        text = f"{quoted(root.path)} is, or holds, no answer of a payer"
        notes.add("RESOURCE_TYPE", text, f"{root.path}.resourceType")
    if notes.failed:
        return Read(format="FHIR", findings=tuple(notes.findings))
    known = directory(root)
    responses = {each.path: read_response(each, known) for each in found["ClaimResponse"]}
    return Read(
        format="FHIR",
        acknowledgements=(
            *_verdicts(responses),
            *map(read_outcome, found["OperationOutcome"]),
        ),
        remittances=_remittances(found["PaymentReconciliation"], known, responses),
        eligibilities=_eligibilities(found, known),
        findings=(*notes.findings, *_undecided(responses)),
    )


def _answers(root: Element) -> dict[str, list[Element]]:
    """Return a document's answers by type, each with notes of its own."""
    resources = [root]
    if root.path == "Bundle":
        entries = root.many("entry")
        # What a server says of a request in a batch stands beside the resource, if there is one.
        outcomes = [each.one("response").one("outcome") for each in entries]
        resources = [*(each.one("resource") for each in entries), *filter(None, outcomes)]
    if len(resources) > MOST_RESOURCES:
        text = f"the Bundle has more than {MOST_RESOURCES} entries"
        root.notes.add("TOO_MANY", text, root.where("entry"))
        resources = []
    found: dict[str, list[Element]] = {kind: [] for kind in ANSWERS}
    for each in resources:
        kind = each.values.get("resourceType")
        if isinstance(kind, str) and kind in found:
            answer = Element(each.values, each.path, Notes())
            refuse_modifiers(answer)
            found[kind].append(answer)
    return found


def _verdicts(responses: dict[str, Response]) -> list[Acknowledgement]:
    return [
        Acknowledgement(
            kind="ClaimResponse",
            identity=f"fhir|{each.payer_id}|{each.verdict.payer_reference}|{each.verdict.verdict}",
            claims=(each.verdict,),
            findings=tuple(each.notes.findings),
        )
        for each in responses.values()
        if each.verdict
    ]


def _undecided(responses: dict[str, Response]) -> list[Finding]:
    """Return what is wrong with responses that are neither a verdict nor a decision."""
    return [
        finding
        for each in responses.values()
        if not each.verdict and not each.claim
        for finding in each.notes.findings
    ]


def _remittances(
    payments: list[Element], known: Directory, responses: dict[str, Response]
) -> tuple[Remittance, ...]:
    left, remittances = dict(responses), []
    for payment in payments:
        remittance, paid = read_reconciliation(payment, known, left)
        remittances.append(remittance)
        for path in paid:
            del left[path]
    remittances += [alone(each, each.claim) for each in left.values() if each.claim]
    return tuple(remittances)


def _eligibilities(found: dict[str, list[Element]], known: Directory) -> tuple[Eligibility, ...]:
    answered = found["CoverageEligibilityResponse"]
    if answered:
        return tuple(read_eligibility(each, known) for each in answered)
    others = found["ClaimResponse"] or found["PaymentReconciliation"]
    return () if others else tuple(read_coverage(each, known) for each in found["Coverage"])
