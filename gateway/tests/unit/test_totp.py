from datetime import UTC, datetime, timedelta

import pytest

from gateway.identity import totp

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, expected: str) -> None:
    step = totp.step_of(datetime.fromtimestamp(seconds, UTC))
    assert totp.code(RFC_SECRET, step, digits=8) == expected


def test_a_code_counts_from_half_a_minute_early_to_half_a_minute_late() -> None:
    at = datetime(2026, 12, 1, 10, 0, 15, tzinfo=UTC)
    step = totp.step_of(at)
    given = totp.code(RFC_SECRET, step)
    found = [
        totp.matching_step(RFC_SECRET, given, at + timedelta(seconds=shift))
        for shift in (-60, -30, 0, 30, 60)
    ]
    assert found == [None, step, step, step, None]


def test_the_address_is_what_authenticators_read() -> None:
    assert totp.uri(RFC_SECRET, "a+b@example.org") == (
        "otpauth://totp/ClinicOps%3Aa%2Bb%40example.org"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ClinicOps"
    )


def test_recovery_codes_are_ten_and_typed_as_one_likes() -> None:
    codes = totp.recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(totp.plain(code)) == 16 for code in codes)
    assert totp.plain(f" {codes[0].upper().replace('-', ' ')} ") == totp.plain(codes[0])
