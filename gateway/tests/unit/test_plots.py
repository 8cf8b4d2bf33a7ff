"""Reports drawn: what a plot says, to a reader and to a screen reader, whatever its rows hold."""

from dataclasses import fields
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from gateway.http.plots import LEFT, RIGHT, WIDTH, Plot, svg_text
from gateway.routes import ROUTES
from gateway.routes.billing_reports import AGED, DAY_CLOSE, REVENUE
from gateway.routes.reports import UTILISATION
from gateway.routing import Route

SVG = "{http://www.w3.org/2000/svg}"
PERIOD: dict[str, Any] = {"from": "2026-11-28", "to": "2026-12-02"}


def row(id_: str, minor: int, **more: Any) -> dict[str, Any]:
    return {"id": id_, "name": "", "amount_minor": minor, "currency": "CAD", **more}


def drawn(plot: Plot, answer: dict[str, Any]) -> tuple[ET.Element, list[str]]:
    """Return a plot and the texts in it."""
    root = ET.fromstring(svg_text(plot, answer))  # noqa: S314 (what was just made here)
    return root, [each.text or "" for each in root.iter(f"{SVG}text")]


def bars(root: ET.Element) -> list[ET.Element]:
    return [
        each
        for each in root.iter(f"{SVG}rect")
        if each.get("height") == "14" and each.get("width") != "100%"
    ]


def test_a_plot_has_title_axis_unit_and_words_for_a_screen_reader() -> None:
    rows = [row("loc_1", 1_150_000, name="Fernwood"), row("loc_2", 230_050)]
    root, texts = drawn(REVENUE, {**PERIOD, "by": "location", "items": rows})
    told = {each.get("id"): each.text for each in root if each.get("id")}
    assert told == {
        "title": "Revenue by location, 2026-11-28 to 2026-12-02",
        "desc": "2 rows, in CAD. In all: revenue before taxes 13,800.50.",
    }
    assert root.get("aria-labelledby") == "title desc"
    assert {"Fernwood", "loc_2", "11,500.00", "2,300.50", "2,000", "0"} <= set(texts)
    assert "2026-11-28 to 2026-12-02 · CAD" in texts


@pytest.mark.parametrize(
    "route", [each for each in ROUTES if each.plot], ids=lambda route: str(route.path)
)
def test_a_plot_draws_what_rows_have(route: Route) -> None:
    plot, table = route.plot, route.table
    assert plot is not None
    assert table is not None
    drawn_fields = {*plot.label, *plot.beside, *(field for field, _ in plot.series)}
    assert drawn_fields <= {field.name for field in fields(table)}
    answered = {field.name for field in fields(route.operation.response)}
    times = ({"as_of"}, {"from_", "to"}, {"start", "end"})
    assert any(answered >= {"items", *each} for each in times)


def test_revenue_by_day_has_a_column_for_each_day() -> None:
    rows = [row("2026-11-29", 11500), row("2026-12-01", -500)]
    root, texts = drawn(REVENUE, {**PERIOD, "by": "day", "items": rows})
    named = [each.text for each in root.iter(f"{SVG}title")][1:]
    assert named == [
        "2026-11-28: 0.00",
        "2026-11-29: 115.00",
        "2026-11-30: 0.00",
        "2026-12-01: -5.00",
        "2026-12-02: 0.00",
    ]
    assert "2026-11-28" in texts


def test_utilisation_is_drawn_of_whole_days_and_of_part_of_one() -> None:
    rows = [{"id": "prac_1", "name": "Robin", "booked_minutes": 240, "available_minutes": 480}]
    times = {"start": "2026-11-30T00:00:00-07:00", "end": "2026-12-07T00:00:00-07:00"}
    root, texts = drawn(UTILISATION, {**times, "by": "practitioner", "items": rows})
    assert "2026-11-30 to 2026-12-06 · minutes" in texts
    assert {"Robin", "240", "480", "booked", "could be booked"} <= set(texts)
    widths = [float(each.get("width", "")) for each in bars(root)]
    assert widths[0] == pytest.approx(widths[1] / 2, abs=0.1)
    _, texts = drawn(UTILISATION, {**times, "end": "2026-11-30T12:00:00-07:00", "items": []})
    assert {"2026-11-30 to 2026-11-30", "Nobody works here in this period"} <= set(texts)


def test_nothing_is_said_to_be_nothing() -> None:
    for plot, by in ((REVENUE, "day"), (REVENUE, "payer")):
        _, texts = drawn(plot, {**PERIOD, "by": by, "items": []})
        assert "No revenue in this period" in texts


def test_ages_are_stacked_and_what_is_owed_to_them_stands_left_of_nothing() -> None:
    ages = ("days_0_30_minor", "days_31_60_minor", "days_61_90_minor", "over_90_minor")
    owed = {**dict(zip(ages, (100, -300, 200, 0), strict=True)), "id": "Carrier", "currency": "CAD"}
    root, texts = drawn(AGED, {"as_of": "2026-12-31", "by": "payer", "items": [owed]})
    first, second, third, _ = [
        (float(each.get("x", "")), float(each.get("width", ""))) for each in bars(root)
    ]
    assert second[0] + second[1] == pytest.approx(first[0], abs=0.2)
    assert first[0] + first[1] == pytest.approx(third[0], abs=0.2)
    assert {"As of 2026-12-31 · CAD", "over 90 days", "0.00", "-3"} <= set(texts)
    assert len({each.get("fill") for each in bars(root)}) == len(ages)


def test_what_is_not_known_has_no_bar() -> None:
    till = {"day": "2026-12-01", "location_name": "Fernwood", "method": "cash", "currency": "CAD"}
    rows = [{**till, "expected_minor": 1000, "counted_minor": None}]
    root, texts = drawn(DAY_CLOSE, {**PERIOD, "items": rows})
    assert len(bars(root)) == 1
    assert {"2026-12-01 · Fernwood · cash", "-"} <= set(texts)


def test_text_is_escaped_and_what_xml_cannot_hold_is_replaced() -> None:
    name = "<script>&\"'\x00\ud800"
    root, texts = drawn(REVENUE, {**PERIOD, "by": "payer", "items": [row(name, 1)]})
    assert "<script>&\"'\ufffd\ufffd" in texts
    assert not list(root.iter(f"{SVG}script"))


def test_many_rows_are_the_largest_and_the_rest_is_said_to_be_left_out() -> None:
    rows = [row(f"prac_{number}", number) for number in range(45)]
    root, texts = drawn(REVENUE, {**PERIOD, "by": "practitioner", "items": rows})
    assert len(bars(root)) == 30
    assert "The 30 largest of 45; the CSV has all of them." in texts
    assert {"prac_44", "prac_15"} <= set(texts)
    assert "prac_14" not in texts


@pytest.mark.parametrize("minor", [0, 1, -1, 7, 999, 10**15, -(10**15)])
def test_a_bar_is_within_the_axis_whatever_its_amount(minor: int) -> None:
    root, _ = drawn(REVENUE, {**PERIOD, "by": "payer", "items": [row("a", minor)]})
    (bar,) = bars(root)
    left, width = float(bar.get("x", "")), float(bar.get("width", ""))
    assert LEFT <= left <= left + width <= WIDTH - RIGHT
    assert (width > 0) is (minor != 0)
