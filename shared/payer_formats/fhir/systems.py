"""The code systems and value sets of FHIR R4B (4.3.0) that claims and their answers use."""

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
CLAIM_TYPE = TERMINOLOGY + "claim-type"
PRIORITY = TERMINOLOGY + "processpriority"
PAYEE = TERMINOLOGY + "payeetype"
RELATED_CLAIM = TERMINOLOGY + "ex-relatedclaimrelationship"
INFORMATION = TERMINOLOGY + "claiminformationcategory"
RELATIONSHIP = TERMINOLOGY + "subscriber-relationship"
COVERAGE_CLASS = TERMINOLOGY + "coverage-class"
ADJUDICATION = TERMINOLOGY + "adjudication"
PAYMENT_TYPE = TERMINOLOGY + "payment-type"
BENEFIT_TYPE = TERMINOLOGY + "benefit-type"
ACT_CODE = TERMINOLOGY + "v3-ActCode"
IDENTIFIER_TYPE = TERMINOLOGY + "v2-0203"
CARE_TEAM = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole"
NPI = "http://hl7.org/fhir/sid/us-npi"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
ICD9 = "http://hl7.org/fhir/sid/icd-9-cm"
CPT = "http://www.ama-assn.org/go/cpt"
NUCC = "http://nucc.org/provider-taxonomy"
PLACE = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
ADJUSTMENT_GROUP = "https://x12.org/codes/claim-adjustment-group-codes"
ADJUSTMENT_REASON = "https://x12.org/codes/claim-adjustment-reason-codes"
REMARK = "https://x12.org/codes/remittance-advice-remark-codes"

STATUSES = ("active", "cancelled", "draft", "entered-in-error")
OUTCOMES = ("queued", "complete", "error", "partial")
USES = ("claim", "preauthorization", "predetermination")
SEVERITIES = ("fatal", "error", "warning", "information")
