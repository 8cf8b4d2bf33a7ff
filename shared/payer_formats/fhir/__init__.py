"""FHIR R4B: claims and eligibility out, a payer's answers in, and a payer's side of both."""
