"""What a receipt's page says, whoever is named on it."""

from dataclasses import replace
from typing import Any

from billing import pages, testing
from clinic_contracts.money import Money

RECEIPT = replace(
    testing.RECEIPT,
    number=43,
    client_name='Ada <b>"O\'Neil"</b> & Co',
    balance=Money(amount_minor=0),
    payer_portion=None,
)


def test_the_page_says_what_the_paper_says_and_escapes_names() -> None:
    page = pages.receipt_html(RECEIPT, duplicate=False)
    for expected in (
        "Receipt 43",
        "Fernwood Massage",
        "1 Main Street",
        "2026-12-01",
        "2026-11-30",
        "Massage, 60 minutes",
        "CCHPBC RMT-1",
        "GST 5 % (no. 123456782 RT0001)",
        "$120.75",
        "Paid (card)",
        "$28.75",
        "Ada &lt;b&gt;&quot;O&#x27;Neil&quot;&lt;/b&gt; &amp; Co",
    ):
        assert expected in page
    assert "<b>" not in page
    assert "DUPLICATE" not in page
    assert "DUPLICATE" in pages.receipt_html(RECEIPT, duplicate=True)


def test_refunds_and_reversals_name_the_receipt_they_correct() -> None:
    told: dict[str, Any] = {"corrects_id": "rcp_0", "corrects_number": 41, "reason": "paid twice"}
    refund = pages.receipt_html(replace(RECEIPT, kind="refund", **told), duplicate=False)
    for expected in ("Refund receipt 43", "Date of refund", "Refunded (card)", "paid twice"):
        assert expected in refund
    assert '<th scope="row">Corrects receipt</th><td class="">41</td>' in refund
    reversal = pages.receipt_html(replace(RECEIPT, kind="reversal", **told), duplicate=False)
    assert "Reversing receipt 43" in reversal
    assert "Reversed (card)" in reversal
    again = replace(RECEIPT, corrects_id="rcp_0", corrects_number=41)
    assert "Replaces receipt" in pages.receipt_html(again, duplicate=False)


def test_what_was_paid_by_is_said_in_words() -> None:
    by_card = replace(RECEIPT, method="gift_card")
    assert "Paid (gift card)" in pages.receipt_html(by_card, duplicate=False)
