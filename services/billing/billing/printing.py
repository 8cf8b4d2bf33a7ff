"""Receipts on paper.

What Latin-1 can write is set in Helvetica, which every reader has. Any other text has the whole
receipt set in WenQuanYi Micro Hei, embedded: Latin, Greek, Cyrillic, Vietnamese, Chinese,
Japanese and Korean. A letter that this has not either (Arabic, Hebrew, the Indic scripts) prints
as a box, never as another letter.
"""

import unicodedata
from collections.abc import Container, Iterable
from importlib.resources import files
from typing import cast

from fpdf import FPDF
from fpdf.fonts import TTFFont

from billing import wording
from clinic_contracts.billing.requests import ReceiptView

MISSING = "\N{WHITE SQUARE}"
WIDE_FONT = ("paperang_p2_fonts_cjk", "fonts/wqy-microhei.ttc")
MARGIN, LABEL, LINE, NORMAL, LARGE = 22, 45, 7, 11, 18
BLACK, GREY, RED = (0, 0, 0), (105, 105, 105), (190, 0, 0)


def receipt_pdf(receipt: ReceiptView, *, duplicate: bool) -> bytes:
    """Return a receipt as a PDF of one page; a reprint says DUPLICATE."""
    facts, amounts = wording.facts(receipt), wording.amounts(receipt)
    named = (receipt.location_name, receipt.location_address)
    page = _Page([*named, *(text for row in [*facts, *amounts] for text in row)])
    page.heading(*named, title=wording.title(receipt), duplicate=duplicate)
    for label, value in facts:
        page.fact(label, value)
    page.rule()
    for label, value in amounts:
        page.amount(label, value)
    page.rule()
    page.amount(*wording.moved(receipt), size=NORMAL + 2)
    page.amount("Balance owing", wording.amount(receipt.balance))
    return bytes(page.pdf.output())


class _Page:
    """A page in the one font that can write all of its texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.pdf = FPDF(format="Letter")
        self.pdf.set_margin(MARGIN)
        self.pdf.add_page()
        self.family = "Helvetica"
        self.letters: Container[int] | None = None
        if not all(_latin(text) for text in texts):
            self.family = "Wide"
            package, path = WIDE_FONT
            self.pdf.add_font(self.family, fname=str(files(package) / path))
            self.letters = cast("TTFFont", self.pdf.fonts[self.family.lower()]).cmap

    def heading(self, name: str, address: str, *, title: str, duplicate: bool) -> None:
        """Write who gives the receipt, what it is, and whether it is a reprint."""
        if duplicate:
            self._ink(RED, LARGE)
            self.pdf.set_draw_color(*RED)
            self.pdf.cell(
                0, LINE + 5, "DUPLICATE", border=1, align="C", new_x="LMARGIN", new_y="NEXT"
            )
            self.pdf.ln(LINE)
        self._write(name, LARGE)
        self._write(address, NORMAL, GREY)
        self.pdf.ln(LINE)
        self._write(title, LARGE - 3)
        self.rule()

    def fact(self, label: str, value: str) -> None:
        """Write what something is, beside its label."""
        self._ink(GREY, NORMAL)
        self.pdf.cell(LABEL, LINE, label)
        self._write(value, NORMAL)

    def amount(self, label: str, value: str, size: int = NORMAL) -> None:
        """Write an amount of money at the right edge."""
        self._ink(BLACK, size)
        self.pdf.cell(self.pdf.epw - LABEL, LINE, self._writable(label))
        self.pdf.cell(LABEL, LINE, value, align="R", new_x="LMARGIN", new_y="NEXT")

    def rule(self) -> None:
        """Draw a line across the page."""
        self.pdf.set_draw_color(*GREY)
        y = self.pdf.get_y() + LINE / 2
        self.pdf.line(MARGIN, y, MARGIN + self.pdf.epw, y)
        self.pdf.ln(LINE)

    def _write(self, text: str, size: int, colour: tuple[int, int, int] = BLACK) -> None:
        self._ink(colour, size)
        self.pdf.multi_cell(0, LINE, self._writable(text), align="L", new_x="LMARGIN", new_y="NEXT")

    def _ink(self, colour: tuple[int, int, int], size: int) -> None:
        self.pdf.set_font(self.family, size=size)
        self.pdf.set_text_color(*colour)

    def _writable(self, text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        if self.letters is None:
            return text
        return "".join(c if ord(c) in self.letters or c == "\n" else MISSING for c in text)


def _latin(text: str) -> bool:
    try:
        unicodedata.normalize("NFC", text).encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
