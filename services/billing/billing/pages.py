"""Receipts, statements and closed days as pages to print: no script, every text escaped."""

from collections.abc import Iterable
from html import escape

from billing import invoice_page, wording
from billing.ports import InvoicePaper
from clinic_contracts.billing.day_closes import DayCloseView
from clinic_contracts.billing.requests import ReceiptView
from clinic_contracts.billing.statements import StatementView

LINES = {
    "invoice": "Invoice",
    "payment": "Payment of invoice",
    "refund": "Refund of a payment of invoice",
    "void": "Called off: invoice",
    "adjustment": "Insurer's decision on invoice",
}
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


def paper_html(paper: StatementView | DayCloseView | InvoicePaper) -> str:
    """Return a statement, a closed day or an invoice as a page."""
    if isinstance(paper, InvoicePaper):
        return page(*invoice_page.body(paper))
    return _statement(paper) if isinstance(paper, StatementView) else _day_close(paper)


def _statement(found: StatementView) -> str:
    title = f"Statement as of {found.as_of.isoformat()}"
    lines = "".join(
        _row(
            line.day.isoformat(),
            f"{LINES[line.what]} {line.invoice_number}",
            wording.amount(line.amount),
            wording.amount(line.balance),
        )
        for line in found.lines
    )
    opening = (
        ""
        if found.since is None
        else _row(
            found.since.isoformat(), "Balance brought forward", "", wording.amount(found.opening)
        )
    )
    head = "<tr><th>Day</th><th>What</th><th>Amount</th><th>Balance</th></tr>"
    body = (
        f"<h1>{escape(found.client_name)}</h1><h2>{escape(title)}</h2>"
        f"<table>{head}{opening}{lines}</table><table>"
        f"{rows([('Invoiced', wording.amount(found.invoiced))], 'money')}"
        f"{rows([('Paid', wording.amount(found.paid))], 'money')}"
        f"{rows([('Balance owing', wording.amount(found.balance))], 'money', 'sum')}</table>"
    )
    return page(title, body)


def _day_close(closed: DayCloseView) -> str:
    title = f"Day of {closed.day.isoformat()}"
    head = "<tr><th>Method</th><th>Expected</th><th>Counted</th><th>Difference</th></tr>"
    totals = "".join(
        _row(each.method, *map(wording.amount, (each.expected, each.counted, each.difference)))
        for each in closed.methods
    )
    facts = [
        ("Status", closed.status),
        ("Closed by", closed.closed_by),
        ("Closed at", closed.closed_at.isoformat(timespec="minutes")),
        *([("Reopened because", closed.reason)] if closed.reason else []),
    ]
    body = (
        f"<h1>{escape(closed.location_name)}</h1><h2>{escape(title)}</h2>"
        f"<table>{rows(facts)}</table><table>{head}{totals}</table>"
    )
    return page(title, body)


def _row(first: str, *others: str) -> str:
    cells = "".join(f'<td class="money">{escape(each)}</td>' for each in others)
    return f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>'


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
