"""A calendar program subscribes to a therapist's feed, until it is revoked."""

from collections.abc import Callable

import requests

from clinic_deploy.demo.api import Api

Send = Callable[..., requests.Response]


def test_a_feed_is_read_by_its_address_alone_until_it_is_revoked(
    api: Api, raw: Send, clinic: dict[str, str]
) -> None:
    api.post("/appointments", {**clinic, "local_start": "2027-01-05T10:00"})
    feeds = f"/v1/practitioners/{clinic['practitioner_id']}/calendar-feeds"
    opened = raw("POST", feeds)
    assert opened.status_code == 201
    made = opened.json()
    assert made.keys() == {"id", "practitioner_id", "url", "created_at"}

    def read(url: str = made["url"], **headers: str) -> requests.Response:
        return requests.get(url, headers=headers, timeout=15)

    first = read()
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"].startswith("private")
    assert "SUMMARY:Busy" in first.text
    assert clinic["client_id"] not in first.text
    again = read(**{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    assert [each["id"] for each in raw("GET", feeds).json()["items"]] == [made["id"]]
    assert raw("DELETE", f"{feeds}/{made['id']}").json() == {"id": made["id"]}
    gone, never = read(), read(f"{api.address}/v1/calendars/{'x' * 43}.ics")
    assert (gone.status_code, never.status_code) == (404, 404)
    assert gone.json()["detail"] == never.json()["detail"]
    assert raw("GET", feeds).json()["items"] == []
    described = raw("GET", "/openapi.json").json()["paths"]["/v1/calendars/{secret}.ics"]["get"]
    assert described["security"] == []
    assert {"200", "304", "404"} <= described["responses"].keys()
    assert read(f"{api.address}/v1/calendars/{'x' * 65}.ics").status_code == 404
