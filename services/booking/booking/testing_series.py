"""For tests: the tests' clinic, where visits recur."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from booking.testing import NOW, TEN, WEEK, Clinic
from booking.use_cases import closures, keeping, series, series_changes, series_views, settings
from clinic_contracts.booking import closures as c
from clinic_contracts.booking import requests as r
from clinic_contracts.booking import series as s
from clinic_contracts.context import CallContext
from clinic_contracts.schemas import load


class Course(Clinic):
    """Books series: four Tuesdays at ten from the tests' day on, unless told otherwise."""

    @property
    def robin(self) -> dict[str, Any]:
        """The template's part that asks for the first therapist."""
        return {"practitioner_id": self.therapists[0].id}

    def book_series(
        self,
        caller: CallContext | None = None,
        now: datetime = NOW,
        **more: Any,  # noqa: ANN401
    ) -> s.SeriesView:
        """Book a series; ``more`` is as on the wire."""
        template = {
            "location_id": self.location.id,
            "treatment_id": self.treatment.id,
            "client_id": "cli_1",
            **more.pop("template", {}),
        }
        base = {"rrule": "FREQ=WEEKLY", "local_start": f"{TEN:%Y-%m-%dT%H:%M}", "count": 4}
        request = load(s.BookSeries, {"template": template, **base, **more})
        return series.book_series(request, self.desk(caller, now))

    def look(self, made: s.SeriesView, caller: CallContext | None = None) -> s.SeriesView:
        """Return a series as it is."""
        desk = self.desk(caller)
        return series_views.view(desk, keeping.get_series(made.id or "", desk))

    def change_series(
        self,
        made: s.SeriesView,
        caller: CallContext | None = None,
        now: datetime = NOW,
        **more: Any,  # noqa: ANN401
    ) -> s.SeriesView:
        """Change a series; ``more`` is as on the wire."""
        request = load(s.ChangeSeries, {"series_id": made.id, **more})
        return series_changes.change_series(request, self.desk(caller, now))

    def cancel_series(
        self,
        made: s.SeriesView,
        caller: CallContext | None = None,
        now: datetime = NOW,
        **more: Any,  # noqa: ANN401
    ) -> s.SeriesView:
        """Call a series off; ``more`` is as on the wire."""
        request = load(s.CancelSeries, {"series_id": made.id, **more})
        return series.cancel_series(request, self.desk(caller, now))

    def reflow(
        self, made: s.SeriesView, caller: CallContext | None = None, *, dry_run: bool = False
    ) -> s.SeriesView:
        """Have closures move it."""
        request = s.ReflowSeries(series_id=made.id or "", dry_run=dry_run)
        return series_changes.reflow_series(request, self.desk(caller))

    def open_on(self, *days: str) -> None:
        """Open the clinic on these days of the week alone."""
        self.change_location(hours={day: [["09:00", "18:00"]] for day in days})

    def open_but(self, day: str) -> None:
        """Close the clinic on a day of the week."""
        self.open_on(*(each for each in WEEK if each != day))

    def close(self, day: str) -> str:
        """Announce a closure of a day; returns its id."""
        request = c.CloseLocation(location_id=self.location.id, from_=day, to=day, reason="Flood")
        return closures.close_location(request, self.desk()).id

    def withdraw(self, closure_id: str) -> None:
        """Take a closure back."""
        request = c.WithdrawClosure(location_id=self.location.id, closure_id=closure_id)
        closures.withdraw_closure(request, self.desk())

    def change_shifts(self, person: str, shifts: Sequence[dict[str, str]]) -> None:
        """Have a therapist work then."""
        change = load(r.ChangePractitioner, {"practitioner_id": person, "shifts": list(shifts)})
        settings.change_practitioner(change, self.desk())

    def fill(self, local: datetime) -> None:
        """Have others take both therapists at a time."""
        for client in ("cli_8", "cli_9"):
            self.book(local_start=local, client_id=client)

    @property
    def stored(self) -> int:
        """How many series and visits there are."""
        return sum(self.database[name].count_documents({}) for name in ("series", "appointments"))


def week(number: int) -> datetime:
    """Return ten o'clock of the Tuesday so many weeks after the tests' day."""
    return TEN + timedelta(weeks=number)


def starts(view: s.SeriesView) -> list[str]:
    """Return when the visits start that there are, or would be."""
    live = [visit for visit in view.appointments if visit.status in {"booked", "proposed"}]
    return [f"{visit.local_start:%m-%d %H:%M}" for visit in live]


def conflicts(view: s.SeriesView) -> list[tuple[str, str]]:
    """Return the days that cannot be had, and why."""
    return [(f"{one.on:%m-%d}", one.reason or one.code) for one in view.conflicts]


def changes(view: s.SeriesView) -> list[tuple[str, str, str]]:
    """Return what a call did: the day, what, and where to or why."""
    told: list[tuple[str, str, str]] = []
    for each in view.changes:
        to = "" if each.to is None else f"{each.to:%m-%d %H:%M}"
        told.append((f"{each.on:%m-%d}", each.change, each.reason or to))
    return told
