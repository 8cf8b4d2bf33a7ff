"""People treated, invoiced and claimed for, as the billing desk's tests need them."""

from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Page

from clinic_runtime.testing import eventually

ADDRESS = {"line": "2 Oak", "city": "Victoria", "region": "BC", "postal_code": "V8T 1A1"}
PLAN: dict[str, Any] = {"carrier": "Harbour Mutual", "percent": 80}


def desk(site: Any, tab: str = "unpaid", **query: str) -> str:
    given = {"location": site.id, "tab": tab, **query}
    return f"billing?{'&'.join(f'{name}={value}' for name, value in given.items())}"


def working_day(back: int) -> str:
    day = date.today() - timedelta(days=back)  # noqa: DTZ011 (any days gone by will do)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day.isoformat()


def invoiced(site: Any, name: str, hour: int = 10, **coverage: Any) -> dict[str, Any]:
    """Treat somebody new, insured so; return the invoice."""
    client = site.client(name)
    if coverage:
        most = {"amount_minor": 100_000, "currency": "CAD"}
        path = f"/clients/{client['id']}"
        site.api.post(f"{path}/coverages", {**coverage, "annual_maximum": most})
        eventually(lambda: site.api.get(f"{path}/booking-limits")["coverages"]["known"])
    visit = site.book(name, f"{working_day(3)}T{hour:02}:00", client_id=client["id"])
    for verb in ("arrive", "fulfil"):
        site.api.post(f"/appointments/{visit['id']}/{verb}")
    return eventually(
        lambda: (site.api.get("/invoices", appointment_id=visit["id"])["items"] or [None])[0],
        timeout=30,
    )


def claim_of(site: Any, invoice: dict[str, Any]) -> dict[str, Any]:
    (id_,) = invoice["claim_ids"]
    claim: dict[str, Any] = site.api.get(f"/claims/{id_}")
    return claim


def filled(site: Any, claim: dict[str, Any]) -> dict[str, Any]:
    """Put into a claim what its payer asks for."""
    (line,) = claim["details"]["lines"]
    person = {"birth_date": "1970-05-04", "sex": "F", "address": ADDRESS}
    details = {
        "diagnoses": ["M5450"],
        "person": person,
        "lines": [{**line, "units": 4, "pointers": [1]}],
    }
    changed: dict[str, Any] = site.api.patch(f"/claims/{claim['id']}", claim["version"], details)
    return changed


def rejected(site: Any, name: str) -> dict[str, Any]:
    """Return a claim that its payer does not take."""
    claim = claim_of(site, invoiced(site, name, **PLAN, member_id=f"{site.id[-8:]}-REJECT"))
    filled(site, claim)
    site.api.post(f"/claims/{claim['id']}/submit")
    return eventually(
        lambda: (now := site.api.get(f"/claims/{claim['id']}"))["state"] == "rejected" and now,
        timeout=60,
    )


def paid(site: Any, invoice: dict[str, Any]) -> list[int]:
    """Return the amounts that were paid on an invoice."""
    items = site.api.get(f"/invoices/{invoice['id']}/payments")["items"]
    return [each["amount"]["amount_minor"] for each in items if each["status"] == "succeeded"]


def row(page: Page, name: str) -> Any:
    return page.locator("table.rows tbody tr", has_text=name)
