"""What the use cases need of FHIR: resources made of records, and a Claim that is handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from billing.claim_ports import Leaving, Policy
from clinic_contracts.billing.claims import ClaimDetails, ClaimFinding
from clinic_contracts.billing.requests import ClaimView, InvoiceView
from payer_formats.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """A Claim resource as read; None, with errors among the findings, when it is not one."""

    claim: Claim | None
    findings: Sequence[ClaimFinding] = ()


class FhirResources(Protocol):
    """Resources of FHIR R4, each as the bytes of its JSON."""

    def claim(self, leaving: Leaving) -> bytes:
        """Return a claim as its payer would get it in FHIR, whatever tongue its payer speaks."""

    def response(self, claim: ClaimView) -> bytes | None:
        """Return the ClaimResponse of what its payer last said; None before it was queued."""

    def coverage(self, policy: Policy) -> bytes:
        """Return a policy."""

    def invoice(self, invoice: InvoiceView) -> bytes:
        """Return an invoice."""

    def handed_in(self, raw: bytes) -> HandedIn:
        """Return what a Claim resource says; never raises for what it holds."""

    def differences(self, told: Claim, claim: ClaimView) -> Sequence[ClaimFinding]:
        """Return what a resource says otherwise than the claim, and may not change."""

    def filled(self, told: Claim, details: ClaimDetails) -> ClaimDetails:
        """Return a claim's details with what a resource says; raises Invalid for its limits."""
