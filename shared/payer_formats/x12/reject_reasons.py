"""Why a payer rejects a question of eligibility: AAA03 (ASC X12 005010X279A1, element 901)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words, and what may mend it."""

    text: str
    fix: str = ""


COMPARE = "compare it with the client's card"
LATER = "ask again later"
PROFILE = "have the payer's profile corrected"
BIRTH = "give the client's date of birth"
DAY = "ask about another day"

REJECT_REASONS: Mapping[str, Reason] = {
    "04": Reason("more was asked at once than the payer allows", LATER),
    "15": Reason("the payer needs data that the question has not", BIRTH),
    "33": Reason("the payer finds an error in the question"),
    "35": Reason("the clinic is outside the plan's network"),
    "41": Reason("the clinic is not allowed to ask this payer", "have the payer enrol it"),
    "42": Reason("the payer cannot answer at present", LATER),
    "43": Reason("the clinic's number is missing or not valid", PROFILE),
    "44": Reason("the clinic's name is missing or not valid", PROFILE),
    "45": Reason("the clinic's specialty is missing or not valid", PROFILE),
    "46": Reason("the clinic's telephone number is missing or not valid", PROFILE),
    "47": Reason("the clinic's province or state is missing or not valid", PROFILE),
    "48": Reason("the referring provider's number is missing or not valid"),
    "49": Reason("the provider is not the client's primary care physician"),
    "50": Reason("the clinic may not ask about this client"),
    "51": Reason("the payer does not know the clinic", PROFILE),
    "52": Reason("on that day the clinic was not enrolled with the plan", DAY),
    "53": Reason("the service is none of this kind of provider"),
    "54": Reason("the kind of service code does not fit"),
    "55": Reason("the service code does not fit"),
    "56": Reason("the date does not fit", DAY),
    "57": Reason("the date of service is missing or not valid", DAY),
    "58": Reason("the date of birth is missing or not valid", BIRTH),
    "60": Reason("the date of birth lies after the date of service", BIRTH),
    "61": Reason("the payer has a date of death before the date of service"),
    "62": Reason("the payer answers no questions about a day so far away", DAY),
    "63": Reason("the date of service is in the future", DAY),
    "64": Reason("the patient's number is missing or not valid", COMPARE),
    "65": Reason("the patient's name is missing or not valid", COMPARE),
    "66": Reason("the patient's gender is missing or not valid"),
    "67": Reason("the payer does not find the patient", COMPARE),
    "68": Reason("the payer has the patient's number more than once", COMPARE),
    "69": Reason("the service does not fit the patient's age"),
    "70": Reason("the service does not fit the patient's gender"),
    "71": Reason("the payer has another date of birth for the patient", BIRTH),
    "72": Reason("the member number is missing or not valid", COMPARE),
    "73": Reason("the member's name is missing or not valid", COMPARE),
    "74": Reason("the member's gender is missing or not valid"),
    "75": Reason("the payer does not find the member", COMPARE),
    "76": Reason("the payer has the member number more than once", COMPARE),
    "77": Reason("the payer finds the member but not the patient", COMPARE),
    "78": Reason("the member is not in that group or plan", COMPARE),
    "79": Reason("the identification of one of the parties is not valid", PROFILE),
    "80": Reason("no answer came from the payer behind the clearing house", LATER),
    "97": Reason("the clinic's address is missing or not valid", PROFILE),
    "98": Reason("the answer has to come by another way than this one", "call the payer"),
    "T4": Reason("the payer's name or number is missing", PROFILE),
}
