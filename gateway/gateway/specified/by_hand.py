"""What names usually hold, and examples of the calls that matter most."""

from collections.abc import Mapping
from typing import Any

PREFIXES = {
    "id": "apt",
    "location": "loc",
    "practitioner": "prac",
    "treatment": "trt",
    "client": "cli",
    "appointment": "apt",
    "series": "ser",
    "invoice": "inv",
    "payment": "pay",
    "claim": "clm",
    "coverage": "pol",
    "feed": "cal",
    "closure": "clo",
}
"""Of ids, by what they are of; others begin with the first three letters of that."""

TEXTS = {
    "If-Match": '"3"',
    "name": "Robin Ames",
    "location_name": "Fernwood",
    "practitioner_name": "Robin Ames",
    "client_name": "Ada Sample",
    "treatment_name": "Massage, 60 minutes",
    "holder_first_name": "Ada",
    "holder_name": "Ada Sample",
    "email": "ada@example.org",
    "phone": "+1 250 555 0100",
    "password": "correct horse battery staple",
    "token": "a2f0…",
    "key": "clinic_…",
    "url": "https://example.org/hooks",
    "timezone": "America/Vancouver",
    "tzdata_version": "2026a",
    "currency": "CAD",
    "address": "1 Main, Victoria, BC V8T 1A1",
    "city": "Victoria",
    "region": "BC",
    "country": "CA",
    "postal_code": "V8T 1A1",
    "college": "CCHPBC",
    "carrier": "Pacific Example Life",
    "member_id": "1234567",
    "rrule": "FREQ=WEEKLY;COUNT=6",
    "reason": "unwell",
    "secret": "whsec_…",
    "hours key": "mon",
    "counts key": "appointments",
    "start": "09:00",
    "end": "18:00",
    "actor": "staff:1",
    "next": "WyJhcHRfMDFLQjNYUTZTNFQxTThWMkM5UjdFNU5aV0QiXQ.kUZ4yV0pQvbq4w1c6m9x2A",
}
NUMBERS = (
    ("amount_minor", 11_500),
    ("_minor", 11_500),
    ("duration", 60),
    ("turnover", 15),
    ("version", 1),
    ("percent", 80),
    ("limit", 50),
)
"""By how a name ends, the first that fits."""

ULID = "01KB3XQ6S4T1M8V2C9R7E5NZWD"
MONEY = {"amount_minor": 11500, "currency": "CAD"}
SENT: Mapping[str, Mapping[str, Any]] = {
    "gateway_sign_in": {"email": "owner@demo.clinic", "password": "the one that make run shows"},
    "gateway_make_api_key": {"name": "Reception kiosk", "role": "integration"},
    "gateway_take_stripe_event": {
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": "pi_1", "status": "succeeded"}},
    },
    "booking_create_location": {
        "name": "Fernwood",
        "timezone": "America/Vancouver",
        "address": "1 Main, Victoria, BC V8T 1A1",
        "hours": {"mon": [["09:00", "12:00"], ["13:00", "18:00"]], "tue": [["09:00", "18:00"]]},
        "rooms": [{"name": "One"}],
    },
    "booking_change_location": {"name": "Fernwood Village"},
    "booking_create_practitioner": {
        "name": "Robin Ames",
        "location_ids": [f"loc_{ULID}"],
        "treatment_ids": [f"trt_{ULID}"],
        "registration": {"college": "CCHPBC", "number": "RMT-1"},
        "shifts": [
            {"location_id": f"loc_{ULID}", "weekday": "mon", "start": "09:00", "end": "18:00"}
        ],
    },
    "booking_change_practitioner": {"name": "Robin Ames-Brook"},
    "booking_create_treatment": {
        "name": "Massage, 60 minutes",
        "duration": 60,
        "turnover": 15,
        "price": MONEY,
    },
    "booking_change_treatment": {"price": {"amount_minor": 12000, "currency": "CAD"}},
    "booking_close_location": {"from": "2026-12-25", "to": "2026-12-26", "reason": "Christmas"},
    "booking_record_absence": {"from": "2026-12-01T13:00", "to": "2026-12-01T18:00"},
    "booking_book_appointment": {
        "location_id": f"loc_{ULID}",
        "treatment_id": f"trt_{ULID}",
        "practitioner_id": "any",
        "client_id": f"cli_{ULID}",
        "local_start": "2026-12-01T10:00",
    },
    "booking_move_appointment": {"local_start": "2026-12-01T11:00"},
    "booking_cancel_appointment": {"reason": "unwell"},
    "booking_arrive": {},
    "booking_unarrive": {"reason": "somebody else came"},
    "booking_fulfil": {},
    "booking_mark_no_show": {"waive_fee": True, "reason": "first time"},
    "booking_bulk_move": {
        "location_id": f"loc_{ULID}",
        "from_practitioner_id": f"prac_{ULID}",
        "to_practitioner_id": "any",
        "from": "2026-12-01",
        "to": "2026-12-02",
        "dry_run": True,
    },
    "booking_book_series": {
        "template": {
            "location_id": f"loc_{ULID}",
            "treatment_id": f"trt_{ULID}",
            "client_id": f"cli_{ULID}",
        },
        "rrule": "FREQ=WEEKLY;COUNT=6",
        "local_start": "2026-12-01T14:00",
        "dry_run": True,
    },
    "booking_change_series": {"scope": "all", "local_start": "2026-12-01T15:00"},
    "booking_cancel_series": {"scope": "all", "reason": "moved away"},
    "booking_reflow_series": {"dry_run": True},
    "booking_join_waitlist": {
        "client_id": f"cli_{ULID}",
        "treatment_id": f"trt_{ULID}",
        "location_ids": [f"loc_{ULID}"],
        "windows": [{"from": "2026-12-01", "to": "2026-12-14"}],
    },
    "client_profile_register_client": {
        "name": "Ada Sample",
        "birth_date": "1985-04-12",
        "emails": ["ada@example.org"],
    },
    "client_profile_change_client": {"phones": ["+12505550100"]},
    "client_profile_add_coverage": {
        "carrier": "Pacific Example Life",
        "member_id": "1234567",
        "percent": 80,
    },
    "client_profile_change_coverage": {"percent": 75},
    "client_profile_record_consent": {"channel": "email", "granted": True},
    "client_profile_raise_alert": {"level": "caution", "kind": "blood thinners"},
    "client_profile_change_alert": {"until": "2026-12-31"},
    "client_profile_add_referral": {
        "referrer": "Dr. Kim Sample",
        "issued": "2026-11-01",
        "expires": "2027-10-31",
        "maximum_visits": 10,
    },
    "billing_pay_invoice": {"method": "card", "amount": MONEY, "card_token": "tok_visa"},
    "billing_refund_payment": {"amount": MONEY, "reason": "paid twice"},
    "billing_sell_gift_card": {
        "client_id": f"cli_{ULID}",
        "location_id": f"loc_{ULID}",
        "amount": MONEY,
    },
    "billing_change_claim": {"lines": [{"procedure": "MASSAGE", "charge": MONEY}]},
    "billing_add_pay_rate": {"location_id": f"loc_{ULID}", "from": "2026-12-01", "rate_bp": 6000},
    "booking_apply_tzdb": {},
}
"""Bodies by operation."""
ASKED: Mapping[str, Mapping[str, Any]] = {
    "booking_find_availability": {"from": "2026-12-01", "to": "2026-12-02"},
    "booking_list_appointments": {"location_id": f"loc_{ULID}", "date": "2026-12-01"},
    "booking_get_utilisation": {"from": "2026-12-01", "to": "2026-12-31"},
    "client_profile_search_clients": {"q": "ada"},
    "gateway_fhir_search_appointment": {"patient": f"cli_{ULID}", "date": "2026-12-01"},
    "gateway_fhir_search_schedule": {"actor": f"prac_{ULID}"},
    "gateway_fhir_search_slot": {"schedule": f"loc_{ULID}.prac_{ULID}", "start": "2026-12-01"},
}
"""Of the query, what an example asks beside what it must."""

FILES: Mapping[str, Any] = {
    "application/edi-x12": "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINICOPS      …",
    "application/fhir+json": {"resourceType": "Claim", "id": "clm_01KB3XQ6S4T1M8V2C9R7E5NZWD"},
    "text/plain": "# HELP clinic_…",
    "text/csv": "id,name,amount_minor\r\nprac_01KB3XQ6S4T1M8V2C9R7E5NZWD,Robin Ames,11500\r\n",
    "image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" role="img">…</svg>',
    "text/html": "<!doctype html>…",
    "text/javascript": "export const …",
    "text/css": "body { margin: 0 }",
    "text/calendar": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n…",
    "application/pdf": "%PDF-…",
    "application/octet-stream": "…",
}
"""Bodies that are files, by media type: how they begin."""
