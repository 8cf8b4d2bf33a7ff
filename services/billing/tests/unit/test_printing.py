"""What a receipt prints, read back from the PDF."""

import re
import zlib
from dataclasses import replace

import pytest

from billing import printing
from billing.testing import RECEIPT
from clinic_contracts.money import Money


def text_of(pdf: bytes) -> str:
    """Return what a receipt set in Helvetica shows."""
    (page,) = re.findall(rb"stream\n(x.*?)\nendstream", pdf, re.DOTALL)
    shown = re.findall(rb"\((.*?[^\\])\) Tj", zlib.decompress(page))
    return "\n".join(re.sub(r"\\(.)", r"\1", part.decode("latin-1")) for part in shown)


def letters_of(pdf: bytes) -> str:
    """Return the letters for which the embedded font has a shape in the PDF."""
    (table,) = re.findall(rb"beginbfchar(.*?)endbfchar", pdf, re.DOTALL)
    codes = re.findall(rb"<[0-9A-F]+> <([0-9A-F]+)>", table)
    return bytes.fromhex(b"".join(codes).decode()).decode("utf-16-be")


def test_a_receipt_says_what_an_insurer_asks_for() -> None:
    text = text_of(printing.receipt_pdf(RECEIPT, duplicate=False))
    for expected in (
        "Fernwood Massage",
        "1 Main Street",
        "Receipt 42",
        "2026-12-01",
        "2026-11-30",
        "Óscar Sample",
        "Massage, 60 minutes",
        "Robin Ames",
        "CCHPBC RMT-1",
        "INV-000042",
        "$115.00",
        "GST 5 % (no. 123456782 RT0001)",
        "$5.75",
        "$120.75",
        "$92.00",
        "Paid (card)",
        "$28.75",
        "$0.25",
    ):
        assert expected in text
    assert "DUPLICATE" not in text
    assert "DUPLICATE" in text_of(printing.receipt_pdf(RECEIPT, duplicate=True))


def test_a_receipt_without_tax_or_insurer_does_not_speak_of_them() -> None:
    plain = replace(RECEIPT, taxes=(), tax_number="", payer_portion=Money(amount_minor=0))
    text = text_of(printing.receipt_pdf(plain, duplicate=False))
    assert "GST" not in text
    assert "insurer" not in text


@pytest.mark.parametrize(
    "name", ["Nguyễn Văn An", "Łukasz Żak", "Ольга", "Νίκος", "李小龙", "김철수", "さくら"]
)
def test_names_of_many_alphabets_print(name: str) -> None:
    pdf = printing.receipt_pdf(replace(RECEIPT, client_name=name), duplicate=True)
    assert set(name) <= set(letters_of(pdf))
    assert printing.MISSING not in letters_of(pdf)


def test_letters_written_in_parts_are_put_together() -> None:
    pdf = printing.receipt_pdf(replace(RECEIPT, client_name="Nguye\u0302\u0303n"), duplicate=False)
    assert "ễ" in letters_of(pdf)


def test_a_letter_that_cannot_be_written_is_seen_to_be_missing() -> None:
    pdf = printing.receipt_pdf(replace(RECEIPT, client_name="ਸਿੰਘ Łak"), duplicate=False)
    assert printing.MISSING in letters_of(pdf)
    assert "?" not in letters_of(pdf)
