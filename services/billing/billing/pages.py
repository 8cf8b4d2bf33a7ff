"""Receipts as pages to print from a browser: no script, no other file, every text escaped."""

from collections.abc import Iterable
from html import escape

from billing import wording
from clinic_contracts.billing.requests import ReceiptView

STYLE = (
    "body{font:11pt/1.45 sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#111}"
    "h1{font-size:1.4rem;margin:0}h2{font-size:1.15rem}address{font-style:normal;color:#555}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "th{font-weight:400;text-align:left;color:#555;padding:.2rem 1rem .2rem 0}"
    "td{padding:.2rem 0}td.money{text-align:right;font-variant-numeric:tabular-nums}"
    "tr.sum>*{font-weight:700;border-top:1px solid #999;color:#111}"
    ".duplicate{border:2px solid #b00;color:#b00;text-align:center;font-size:1.2rem}"
)


def receipt_html(receipt: ReceiptView, *, duplicate: bool) -> str:
    """Return a receipt as a page; a reprint says DUPLICATE."""
    mark = '<p class="duplicate">DUPLICATE</p>' if duplicate else ""
    body = (
        f"{mark}{heading(receipt.location_name, receipt.location_address)}"
        f"<h2>{escape(wording.title(receipt))}</h2>"
        f"<table>{rows(wording.facts(receipt))}</table>"
        f"<table>{rows(wording.amounts(receipt), 'money')}"
        f"{rows([wording.moved(receipt)], 'money', 'sum')}"
        f"{rows([('Balance owing', wording.amount(receipt.balance))], 'money')}</table>"
    )
    return page(wording.title(receipt), body)


def page(title: str, body: str) -> str:
    """Return a whole page of a body that is HTML already."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    )


def heading(name: str, address: str) -> str:
    """Return who gives it."""
    return f"<h1>{escape(name)}</h1><address>{escape(address)}</address>"


def rows(facts: Iterable[tuple[str, str]], kind: str = "", of: str = "") -> str:
    """Return a table's rows of labels and values."""
    return "".join(
        f'<tr class="{of}"><th scope="row">{escape(label)}</th>'
        f'<td class="{kind}">{escape(value)}</td></tr>'
        for label, value in facts
    )
