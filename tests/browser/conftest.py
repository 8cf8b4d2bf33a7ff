"""A real browser on the real system: somebody signed in, at a clinic of their own."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    expect,
    sync_playwright,
)

from clinic_deploy.demo.api import Api
from clinic_deploy.local import chromium
from clinic_deploy.local.paths import ROOT
from tests.e2e.conftest import OWNER

pytest_plugins = ["tests.e2e.conftest", "clinic_runtime.testing"]
SCREENSHOTS = ROOT / ".local" / "screenshots"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]
REFUSED = "Failed to load resource"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_numbers = itertools.count(1)


# What is waited for comes or not; how fast it should be is test_pace's to say.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the browser, which lives as long as the tests."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.path(), args=ARGUMENTS)
        yield opened
        opened.close()


@dataclass
class Site:
    """A location of a test's own, with therapists, rooms and treatments."""

    api: Api
    location: dict[str, Any]
    therapists: list[dict[str, Any]]
    treatment: dict[str, Any]
    half: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.location["id"])

    def client(self, name: str, **more: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.api.post("/clients", {"name": name, **more})
        return made

    def book(self, name: str, when: str, therapist: int = 0, **more: Any) -> dict[str, Any]:
        """Book a visit of somebody new, by the clinic's wall time such as 2026-12-01T10:00."""
        wish = {
            "location_id": self.id,
            "treatment_id": self.treatment["id"],
            "practitioner_id": self.therapists[therapist]["id"],
            "local_start": when,
            **more,
        }
        if "client_id" not in wish:
            wish["client_id"] = self.client(name)["id"]
        booked: dict[str, Any] = self.api.post("/appointments", wish)
        return booked

    def visit(self, id_: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"/appointments/{id_}")
        return found


def make_site(
    api: Api,
    *,
    therapists: int = 3,
    hours: tuple[str, str] = ("08:00", "20:00"),
    timezone: str = "America/Vancouver",
) -> Site:
    number = next(_numbers)
    location = api.post(
        "/locations",
        {
            "name": f"Clinic {number}",
            "timezone": timezone,
            "address": "1 Main, Victoria, BC V8T 1A1",
            "hours": {day: [list(hours)] for day in DAYS},
            "rooms": [{"name": f"Room {n}"} for n in range(1, therapists + 1)],
        },
    )
    price = {"amount_minor": 11500, "currency": "CAD"}
    treatment, half = (
        api.post("/treatments", {"name": name, "duration": minutes, "turnover": 0, "price": price})
        for name, minutes in ((f"Massage {number}", 60), (f"Half {number}", 30))
    )
    people = [
        api.post(
            "/practitioners",
            {
                "name": f"Therapist {chr(65 + n)}{number}",
                "location_ids": [location["id"]],
                "treatment_ids": [treatment["id"], half["id"]],
                "registration": {"college": "CCHPBC", "number": f"RMT-{number}-{n}"},
                "shifts": [
                    {
                        "location_id": location["id"],
                        "weekday": day,
                        "start": hours[0],
                        "end": hours[1],
                    }
                    for day in DAYS
                ],
            },
        )
        for n in range(therapists)
    ]
    return Site(api, location, people, treatment, half)


@pytest.fixture
def site(api: Api) -> Site:
    return make_site(api)


@pytest.fixture(scope="module")
def module_site(api: Api) -> Site:
    """Return a large clinic that the tests of a file share."""
    return make_site(api, therapists=20)


@dataclass
class Seen:
    """What a page did that nobody may see: errors, refused by policy, requests elsewhere."""

    address: str
    faults: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked {request.url}")


class Staff:
    """Opens pages as somebody who is signed in."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self.contexts: list[BrowserContext] = []
        self.seen: list[Seen] = []

    def context(self, token: str, **options: Any) -> BrowserContext:
        """Return a browser window that has the session's cookie."""
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-CA", **options}
        opened = self.browser.new_context(**options)
        opened.add_cookies([{"name": "clinic_session", "value": token, "url": self.address}])
        opened.add_init_script("localStorage.setItem('clinic.session', 'yes')")
        self.contexts.append(opened)
        return opened

    def open(self, context: BrowserContext, path: str) -> Page:
        """Open a screen and wait for what it is made of."""
        page = context.new_page()
        watching = Seen(self.address)
        watching.watch(page)
        self.seen.append(watching)
        page.goto(f"{self.address}/console/{path}")
        page.wait_for_selector("main h1:not(.unseen)")
        return page

    def faults(self) -> list[str]:
        return [fault for seen in self.seen for fault in seen.faults]

    def unexpected(self) -> list[str]:
        """Return the faults but for what the browser says by itself of a refusal."""
        return [fault for fault in self.faults() if not fault.startswith(REFUSED)]


@pytest.fixture
def staff(browser: Browser, house: Any) -> Iterator[Staff]:
    made = Staff(browser, house.address)
    yield made
    for context in made.contexts:
        context.close()


@pytest.fixture
def token(api: Api) -> str:
    return token_of(api)


@pytest.fixture
def owner() -> dict[str, str]:
    return dict(OWNER)


def token_of(api: Api) -> str:
    return str(api.session.headers["Authorization"]).split()[1]


@pytest.fixture
def open_page(staff: Staff, api: Api) -> Callable[..., Page]:
    """Return what opens a screen as the owner, in a window of its own."""

    def open_(path: str, **options: Any) -> Page:
        return staff.open(staff.context(token_of(api), **options), path)

    return open_


def violations(page: Page) -> list[str]:
    """Return what axe-core holds against a page as it stands."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found for n in v["nodes"]]


def shoot(page: Page, name: str) -> Path:
    """Keep a picture of a screen."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=str(path))
    return path


@pytest.fixture(name="violations")
def violations_fixture() -> Callable[[Page], list[str]]:
    return violations


@pytest.fixture(name="shoot")
def shoot_fixture() -> Callable[[Page, str], Path]:
    return shoot


@pytest.fixture(name="make_site")
def make_site_fixture(api: Api) -> Callable[..., Site]:
    return lambda **options: make_site(api, **options)
