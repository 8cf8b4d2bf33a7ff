"""The records of Teleplan: every column stands here and nowhere else.

Sources: *Teleplan4 Web Record Specifications* (Ministry of Health, Medical Services Plan, versions
4.0 to 4.7), chapter 2 for what is sent to MSP and chapter 3 for what MSP sends. Their tables were
not at hand themselves. The columns and the field numbers (P00 to P122) of what is sent are those
that two vendors' systems carry from chapter 2 (OSCAR EMR; a conformance harness for version 4.6);
the columns of what MSP sends are those that OSCAR EMR reads in production. All of them agree with
the published lengths. Two records could not be confirmed so (B14, M01): what is read with them
carries a warning, and a correction is a change of this table alone.
"""

from collections.abc import Mapping

from payer_formats.teleplan.layout import Field, Layout

CODES = 7
"""How many explanatory and how many adjustment codes a record has room for."""
_INBOUND = "Teleplan 4 record specifications, chapter 2"
_OUTBOUND = (
    "Teleplan 4 record specifications, chapter 3; columns as in OSCAR EMR's remittance reader"
)
_UNCONFIRMED = "Teleplan 4 record specifications; the columns could not be confirmed"


def _explanations() -> tuple[Field, ...]:
    return tuple(Field(f"explanation{number}", 2) for number in range(1, CODES + 1))


def _adjustments() -> tuple[Field, ...]:
    return tuple(
        field
        for number in range(1, CODES + 1)
        for field in (
            Field(f"adjustment_code{number}", 2),
            Field(f"adjustment_amount{number}", 7, "signed"),
        )
    )


def _remittance(code: str, title: str, *fields: Field) -> Layout:
    """Return a record of a remittance; all of them begin alike."""
    head = (
        Field("data_centre", 5, "code"),
        Field("sequence", 7, "number"),
        Field("payment_date", 8, "date"),
        Field("line_code", 1),
        Field("payee", 5, "code"),
        Field("msp_control", 6),
    )
    return Layout(code, title, _OUTBOUND, (*head, *fields))


VS1 = Layout(
    "VS1",
    "vendor submission control",
    _INBOUND,
    (
        Field("data_centre", 5, "code", "P02"),
        Field("sequence", 7, "number", "P03"),
        Field("vendor", 5, "code", "P04"),
        Field("software", 25, "text", "P05"),
        Field("version", 10, "text", "P06"),
        Field("installed", 8, "date", "P07"),
        Field("vendor_name", 40, "text", "P08"),
        Field("vendor_phone", 15, "text", "P09"),
        Field("contact", 25, "text", "P10"),
        Field("filler", 57, "text", "P100"),
    ),
)
C02 = Layout(
    "C02",
    "claim",
    _INBOUND,
    (
        Field("data_centre", 5, "code", "P02"),
        Field("sequence", 7, "number", "P04"),
        Field("payee", 5, "code", "P06"),
        Field("practitioner", 5, "code", "P08"),
        Field("phn", 10, "code", "P14"),
        Field("name_verify", 4, "text", "P16", "0"),
        Field("dependent", 2, "code", "P18"),
        Field("units", 3, "number", "P20"),
        Field("clarification", 2, "code", "P22"),
        Field("anatomical_area", 2, "code", "P23"),
        Field("after_hours", 1, "code", "P24"),
        Field("new_program", 2, "code", "P25"),
        Field("fee_item", 5, "code", "P26"),
        Field("amount", 7, "number", "P27"),
        Field("payment_mode", 1, "code", "P28"),
        Field("service_date", 8, "date", "P30"),
        Field("service_to_day", 2, "number", "P32"),
        Field("submission_code", 1, "code", "P34"),
        Field("extended_submission", 1, "text", "P35"),
        Field("diagnosis1", 5, "text", "P36"),
        Field("diagnosis2", 5, "text", "P37"),
        Field("diagnosis3", 5, "text", "P38"),
        Field("diagnosis_expansion", 15, "text", "P39"),
        Field("service_location", 1, "text", "P40"),
        Field("referral1", 1, "code", "P41"),
        Field("referral1_practitioner", 5, "code", "P42"),
        Field("referral2", 1, "code", "P44"),
        Field("referral2_practitioner", 5, "code", "P46"),
        Field("time_called", 4, "number", "P47"),
        Field("time_started", 4, "number", "P48"),
        Field("time_finished", 4, "number", "P50"),
        Field("birth_date", 8, "date", "P52"),
        Field("folio", 7, "code", "P54"),
        Field("correspondence", 1, "code", "P56"),
        Field("comment", 20, "text", "P58"),
        Field("motor_vehicle", 1, "text", "P60"),
        Field("icbc_claim", 8, "code", "P62"),
        Field("original_file", 20, "code", "P64"),
        Field("facility", 5, "code", "P70"),
        Field("facility_sub", 5, "code", "P72"),
        Field("filler", 58, "text", "P80"),
        Field("insurer", 2, "text", "P100"),
        Field("insurer_registration", 12, "text", "P102"),
        Field("insurer_birth_date", 8, "date", "P104", " "),
        Field("first_name", 12, "text", "P106"),
        Field("second_initial", 1, "text", "P108"),
        Field("surname", 18, "text", "P110"),
        Field("sex", 1, "text", "P112"),
        Field("address1", 25, "text", "P114"),
        Field("address2", 25, "text", "P116"),
        Field("address3", 25, "text", "P118"),
        Field("address4", 25, "text", "P120"),
        Field("postal_code", 6, "text", "P122"),
    ),
)
"""For WorkSafeBC (P100 WC) P114 is the date of injury, P116 the body part and its side, P118 the
nature of the injury, P120 the claim number."""
N01 = Layout(
    "N01",
    "note",
    _INBOUND,
    (
        Field("data_centre", 5, "code", "P02"),
        Field("sequence", 7, "number", "P04"),
        Field("payee", 5, "code", "P06"),
        Field("practitioner", 5, "code", "P08"),
        Field("kind", 1, "code", "P20"),
        Field("note", 400, "text", "P22"),
    ),
)
B04 = Layout(
    "B04",
    "batch eligibility request",
    _INBOUND,
    (
        Field("data_centre", 5, "code", "P02"),
        Field("sequence", 7, "number", "P04"),
        Field("payee", 5, "code", "P06"),
        Field("phn", 10, "code", "P08"),
        Field("dependent", 2, "code", "P10"),
        Field("name_verify", 4, "text", "P12"),
        Field("birth_date", 8, "date", "P14"),
        Field("service_date", 8, "date", "P16"),
        Field("sex", 1, "text", "P18"),
        Field("status_request", 1, "text", "P20"),
        Field("folio", 7, "code", "P22"),
        Field("filler", 19, "text", "P99"),
    ),
)
B14 = Layout(
    "B14",
    "batch eligibility answer",
    _UNCONFIRMED,
    (
        Field("data_centre", 5, "code"),
        Field("sequence", 7, "number"),
        Field("phn", 10, "code"),
        Field("birth_date", 8, "date"),
        Field("service_date", 8, "date"),
        Field("eligible", 1),
        Field("message", 58),
    ),
    confirmed=False,
    open=True,
)
C12 = Layout(
    "C12",
    "refused claim",
    _OUTBOUND,
    (
        Field("data_centre", 5, "code"),
        Field("sequence", 7, "number"),
        Field("payee", 5, "code"),
        Field("practitioner", 5, "code"),
        *_explanations(),
        Field("folio", 7, "code"),
        Field("filler", 24),
    ),
)
M01 = Layout(
    "M01",
    "message to the data centre",
    _UNCONFIRMED,
    (Field("data_centre", 5, "code"), Field("control", 4), Field("message", 1)),
    confirmed=False,
    open=True,
)
S01 = _remittance(
    "S01",
    "claim paid as billed",
    Field("practitioner", 5, "code"),
    *_adjustments(),
    Field("folio", 7, "code"),
    Field("paid_amount", 7, "signed"),
    Field("received_date", 8, "date"),
    Field("paid_rate", 2),
    Field("insurer_claim", 8),
    Field("insurer", 2),
    Field("filler", 28),
)
_EXPLAINED = (
    Field("practitioner", 5, "code"),
    Field("received_date", 8, "date"),
    Field("initials", 2),
    Field("surname", 18),
    Field("phn", 10, "code"),
    Field("dependent", 2),
    Field("service_date", 8, "date"),
    Field("service_to_day", 2),
    Field("billed_units", 3, "number"),
    Field("billed_clarification", 2),
    Field("billed_fee_item", 5, "code"),
    Field("billed_amount", 7, "signed"),
    Field("paid_units", 3, "number"),
    Field("paid_clarification", 2),
    Field("paid_fee_item", 5, "code"),
    Field("paid_amount", 7, "signed"),
    Field("folio", 7, "code"),
    *_explanations(),
    *_adjustments(),
    Field("plan_reference", 10),
    Field("claim_source", 1),
    Field("previous_payment_date", 8, "date"),
    Field("insurer", 2),
    Field("insurer_claim", 8),
    Field("filler", 30),
)
S00 = _remittance("S00", "claim of another data centre", *_EXPLAINED)
S02 = _remittance("S02", "claim paid with an explanation", *_EXPLAINED)
S03 = _remittance("S03", "claim refused", *_EXPLAINED)
S04 = _remittance(
    "S04",
    "claim held",
    Field("practitioner", 5, "code"),
    Field("received_date", 8, "date"),
    Field("folio", 7, "code"),
    *_explanations(),
    Field("insurer_claim", 8),
    Field("insurer", 2),
    Field("filler", 86),
)
S21 = _remittance(
    "S21",
    "payee's totals",
    Field("payee_name", 25),
    Field("billed_amount", 9, "signed"),
    Field("paid_amount", 9, "signed"),
    Field("balance_forward", 9, "signed"),
    Field("cheque_amount", 9, "signed"),
    Field("new_balance", 9, "signed"),
    Field("filler", 60),
)
S22 = _remittance(
    "S22",
    "practitioner's totals",
    Field("practitioner", 5, "code"),
    Field("practitioner_name", 25),
    Field("billed_amount", 9, "signed"),
    Field("paid_amount", 9, "signed"),
    Field("filler", 82),
)
_ADJUSTED = (
    Field("adjustment_code", 2),
    Field("adjustment_id", 12),
    Field("adjustment_message", 20),
    Field("method", 1),
    Field("rural_percent", 5),
    Field("other_percent", 5),
    Field("gross_amount", 9, "signed"),
    Field("rural_amount", 9, "signed"),
    Field("other_amount", 9, "signed"),
    Field("balance_forward", 9, "signed"),
    Field("adjustment_made", 9, "signed"),
    Field("adjustment_outstanding", 9, "signed"),
    Field("filler", 31),
)
S23 = _remittance("S23", "payee's adjustment", *_ADJUSTED)
S24 = _remittance("S24", "practitioner's adjustment", *_ADJUSTED)
S25 = _remittance(
    "S25",
    "message to the practitioner",
    Field("practitioner", 5, "code"),
    Field("message", 80),
    Field("filler", 45),
)

SENT: Mapping[str, Layout] = {each.code: each for each in (VS1, C02, N01, B04)}
ANSWERED: Mapping[str, Layout] = {
    each.code: each for each in (B14, C12, M01, S00, S01, S02, S03, S04, S21, S22, S23, S24, S25)
}
