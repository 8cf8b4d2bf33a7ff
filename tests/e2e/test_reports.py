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
