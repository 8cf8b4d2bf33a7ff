"""A report as JSON and as a table."""

from collections.abc import Callable

import requests

from clinic_deploy.demo.api import Api


def test_utilisation_is_read_as_json_and_as_csv(
    api: Api, raw: Callable[..., requests.Response], clinic: dict[str, str]
) -> None:
    api.post("/appointments", {**clinic, "local_start": "2027-02-02T10:00"})
    period = {"from": "2027-02-02", "to": "2027-02-02"}
    report = api.get("/reports/utilisation", location_id=clinic["location_id"], **period)
    (row,) = report["items"]
    assert (row["booked_minutes"], row["available_minutes"], row["percent"]) == (60, 540, 11)

    path = "/v1/reports/utilisation"
    asked = {"location_id": clinic["location_id"], **period}
    by_format = raw("GET", path, params={**asked, "format": "csv"})
    by_accept = raw("GET", path, params=asked, headers={"Accept": "text/csv"})
    assert by_format.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert by_format.text == by_accept.text
    header, line = by_format.text.splitlines()
    assert header == "id,name,visits,booked_minutes,available_minutes,percent"
    assert line == f"{row['id']},Robin Ames,1,60,540,11"
    assert raw("GET", path, params={**asked, "format": "xml"}).status_code == 422


def test_reports_of_the_books_are_read_as_json_as_csv_and_as_a_plot(
    api: Api, raw: Callable[..., requests.Response]
) -> None:
    period = {"from": "2027-02-02", "to": "2027-02-03"}
    asked = {
        "revenue": {**period, "by": "payer"},
        "aged-receivables": {"as_of": "2027-02-02"},
        "tax-return": period,
        "day-close": period,
        "claim-turnaround": period,
        "denial-reasons": period,
        "practitioner-pay": period,
    }
    for name, params in asked.items():
        assert "items" in api.get(f"/reports/{name}", **params)
        path = f"/v1/reports/{name}"
        table = raw("GET", path, params=params, headers={"Accept": "text/csv"})
        assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
        by_format = raw("GET", path, params={**params, "format": "svg"})
        by_accept = raw("GET", path, params=params, headers={"Accept": "image/svg+xml"})
        assert by_format.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
        assert by_format.text == by_accept.text
        assert by_format.text.startswith("<svg")


def test_pay_is_by_the_rates_of_a_location(
    api: Api, raw: Callable[..., requests.Response], clinic: dict[str, str]
) -> None:
    at = {"location_id": clinic["location_id"]}
    told = {**at, "from": "2027-02-01", "rate_bp": 4250}
    rate = api.post("/pay-rates", told)
    assert {name: rate[name] for name in told} == told
    (listed,) = api.get("/pay-rates", **at)["items"]
    assert listed == rate
    again = raw("POST", "/v1/pay-rates", json=told)
    assert (again.status_code, again.json()["field"]) == (409, "from")
    neither = raw("POST", "/v1/pay-rates", json={**at, "from": "2027-03-01"})
    assert (neither.status_code, list(neither.json()["errors"])) == (422, ["rate_bp"])
