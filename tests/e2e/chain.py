"""What a user of one clinic of a chain is told of another's, by every call that has an id."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import amqp
import requests
from pymongo import MongoClient

from clinic_deploy.demo.api import Api
from clinic_runtime import topology
from clinic_runtime.ids import ulid
from clinic_runtime.link import open_connection
from clinic_runtime.testing import eventually
from gateway.calls import OWN_CALLS
from gateway.routes import ROUTES
from gateway.routing import Call, Route
from tests.e2e import clinics
from tests.e2e.clinics import Row, cad, chart, filled, visit
from tests.e2e.conftest import OWNER, House

NUMBER = 50
ROLES = ("front_desk", "manager", "billing", "therapist", "integration", "auditor", "owner")
EVERY: tuple[Call, ...] = (*ROUTES, *OWN_CALLS)
CALLS: dict[str, Call] = {
    f"{call.method} {call.path}": call
    for call in EVERY
    if "<" in call.path and call.action != "public"
}
"""Every call of the API with an id in its path, but those that need no account: whose address or
secret somebody has, they may ask."""
CHAINS = ("/v1/treatments/<treatment_id>",)
"""What belongs to the whole chain, and is everybody's to read."""
CHAIN_ALONE = "/v1/webhook-endpoints/<endpoint_id>"
"""What only the chain's owner makes, of all locations at once: no clinic's users see any."""
STREAM = "/v1/events/stream"
"""It tells what happens from now on, and never ends: its own tests say what it tells whom."""
TRACE = "/v1/operations/traces/<correlation_id>"
"""Of a request that led to nothing, and of one elsewhere, nothing is told: no 404."""
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
REASON = {"reason": "because"}
BODIES: dict[str, dict[str, Any]] = {
    "PATCH /v1/locations/<location_id>": {"name": "Mine"},
    "PATCH /v1/practitioners/<practitioner_id>": {"name": "Mine"},
    "POST /v1/locations/<location_id>/closures": {
        "from": str(clinics.AWAY), "to": str(clinics.AWAY), "reason": "mine",
    },
    "POST /v1/practitioners/<practitioner_id>/absences": {
        "from": str(clinics.AWAY), "to": str(clinics.AWAY),
    },
    "PATCH /v1/appointments/<appointment_id>": {"local_start": f"{clinics.LATER}T16:00"},
    "PATCH /v1/series/<series_id>": {"scope": "all", "local_start": f"{clinics.LATER}T17:00"},
    "POST /v1/series/<series_id>/cancel": {"scope": "all"},
    "PATCH /v1/clients/<client_id>": {"name": "Mine"},
    "POST /v1/clients/<client_id>/coverages": clinics.coverage("mine"),
    "PATCH /v1/clients/<client_id>/coverages/<coverage_id>": {"percent": 1},
    "POST /v1/clients/<client_id>/consents": {"channel": "email", "granted": False},
    "POST /v1/clients/<client_id>/alerts": {"level": "block", "kind": "mine"},
    "PATCH /v1/clients/<client_id>/alerts/<alert_id>": {"kind": "mine"},
    "POST /v1/clients/<client_id>/referrals": {
        "referrer": "Mine", "issued": str(clinics.PAST), "expires": str(clinics.AWAY),
    },
    "POST /v1/invoices/<invoice_id>/void": REASON,
    "POST /v1/invoices/<invoice_id>/payments": {"method": "cash", "amount": cad(1)},
    "POST /v1/payments/<payment_id>/refunds": {**REASON, "amount": cad(1)},
    "POST /v1/receipts/<receipt_id>/corrections": REASON,
    "POST /v1/prepaid/<prepaid_id>/refund": REASON,
    "POST /v1/day-closes/<day_close_id>/reopen": REASON,
    "PATCH /v1/claims/<claim_id>": {"note": "mine"},
    "PATCH /v1/staff/<staff_id>": {"name": "Mine"},
    **{
        f"POST /v1/claims/<claim_id>/{verb}": REASON
        for verb in ("void", "correct", "appeal", "close")
    },
}  # fmt: skip
"""The bodies that are good for one's own; every other call takes none."""


def body_of(name: str, mine: Row) -> dict[str, Any]:
    """Return a body that is good for one's own record."""
    if name.endswith("/assign"):
        return {"claim_id": mine["claim_id"]}
    if name.startswith("POST") and name.endswith("/eligibility"):
        return {"location_id": mine["location_id"]}
    return BODIES.get(name, {})


class Chain:
    """Alpha and Beta, the users of Alpha, and what they are told."""

    def __init__(self, house: House, owner: Api) -> None:
        self.house, self.owner = house, owner
        price = {"name": "Massage", "duration": 60, "price": cad(11500)}
        self.treatment_id = owner.post("/treatments", price)["id"]
        (self.mine,) = clinics.furnish(owner, "Alpha", self.treatment_id, 1)
        self.theirs = clinics.furnish(owner, "Beta", self.treatment_id, NUMBER)
        self.keys = {role: self.key(role, [self.mine]) for role in ROLES if role != "owner"}
        self.keys["owner"] = self.staff("alpha", [self.mine])
        self.actions = {
            role: set(self.ask(role, "GET", "/v1/me").json()["actions"]) | {"signed_in"}
            for role in ROLES
        }
        self.before: dict[str, Any] = {}
        self.secrets = {id_ for row in self.theirs for id_ in row.values()} - {self.treatment_id}

    def key(self, role: str, rows: list[Row]) -> str:
        scope = [row["location_id"] for row in rows]
        wanted = {"name": f"{role} of one clinic", "role": role, "location_ids": scope}
        return str(self.owner.post("/api-keys", wanted)["key"])

    def staff(self, name: str, rows: list[Row]) -> str:
        """Return the token of an owner of some locations, who has the chain's owner's password."""
        scope = [row["location_id"] for row in rows]
        email = f"{name}-{self.treatment_id.lower()}@example.org"
        with MongoClient[dict[str, Any]](self.house.environment["MONGO_URI"]) as client:
            staff = client[f"e2e_{self.house.run}_gateway"]["staff"]
            known = staff.find_one({"email": OWNER["email"]}) or {}
            roles = [{"role": "owner", "location_ids": scope}]
            new = {"_id": f"usr_{ulid()}", "email": email, "name": f"{name} owner", "roles": roles}
            staff.insert_one({**known, **new})
        return self.sign_in(email)

    def sign_in(self, email: str) -> str:
        body = {"email": email, "password": OWNER["password"]}
        return str(self.owner.post("/sessions", body)["token"])

    def ask(
        self, who: str, method: str, path: str, headers: Any = None, **options: Any
    ) -> requests.Response:
        """Send a request as a role of Alpha's, or with a key."""
        sent = {"Authorization": f"Bearer {self.keys.get(who, who)}", **(headers or {})}
        return requests.request(
            method, f"{self.house.address}{path}", headers=sent, timeout=30, **options
        )

    def may(self, call: Call) -> list[str]:
        return [role for role in ROLES if call.action in self.actions[role]]

    def told(self, answer: requests.Response, row: Row) -> tuple[int, str]:
        """Return an answer as it would be about any other record, and see that it tells nothing."""
        text = answer.text.replace(answer.headers.get("X-Request-Id", "?"), "<request>")
        for name, id_ in row.items():
            for spelt in (id_, id_.replace("_", "-"), id_.partition(":")[2] or id_):
                text = text.replace(spelt, f"<{name}>")
        assert self.leaked(text) == set(), answer.request.url
        return answer.status_code, text

    def leaked(self, text: str) -> set[str]:
        """Return what an answer has of Beta."""
        found = {each.replace("-", "_") for each in clinics.ID.findall(text)} & self.secrets
        return found | set(re.findall(r"Beta\w*", text))

    def try_call(self, name: str, who: str, row: Row, if_match: str | None = "*") -> Any:
        call = CALLS[name]
        headers = {} if if_match is None or call.method == "GET" else {"If-Match": if_match}
        body = {} if call.method in {"GET", "HEAD"} else {"json": body_of(name, self.mine)}
        answer = self.ask(who, call.method, filled(call.path, row), headers, **body)
        return self.told(answer, row)

    def state(self) -> dict[str, Any]:
        """Return what the owner is told of each of Beta's records."""
        paths = [call.path for call in CALLS.values() if reads(call)]
        asked = [filled(path, row) for row in self.theirs for path in paths]
        with ThreadPoolExecutor(clinics.AT_ONCE) as pool:
            owner = str(self.owner.session.headers["Authorization"]).split()[1]
            return dict(zip(asked, pool.map(lambda p: self.read(owner, p), asked), strict=True))

    def read(self, who: str, path: str) -> Any:
        answer = self.ask(who, "GET", path)
        assert answer.status_code in {200, 409}, (path, answer.text)
        return answer.headers.get("ETag"), answer.json() if answer.ok else answer.status_code


def reads(call: Call) -> bool:
    """Say whether a call shows a record and does nothing (who prints a receipt is remembered)."""
    return call.method == "GET" and isinstance(call, Route) and "deliveries" not in call.path


def add_deliveries(made: Chain, endpoints: list[str]) -> None:
    rows = [made.mine, *made.theirs]
    for number, row in enumerate(rows):
        row["endpoint_id"] = endpoints[number % len(endpoints)]

    def delivered(id_: str) -> list[str] | None:
        items = made.owner.get(f"/webhook-endpoints/{id_}/deliveries", limit=200)["items"]
        done = [each["id"] for each in items if each["state"] == "delivered"]
        return done if len(done) >= len(rows) else None

    found = {id_: iter(eventually(partial(delivered, id_), timeout=60)) for id_ in endpoints}
    for row in rows:
        row["delivery_id"] = next(found[row["endpoint_id"]])


def add_files(made: Chain) -> None:
    """Have a biller of each clinic hand in files that nothing can be made of, and decisions."""
    for rows in ([made.mine], made.theirs):
        biller = made.key("billing", rows)
        for row in rows:
            text = f"no file of {row['location_id']}"
            row["file_id"] = hand_in(made, biller, "text/plain", text.encode()).json()["id"]
        raw = clinics.an_835([f"X{row['location_id'][4:14]}" for row in rows], f"T{ulid()[-9:]}")
        file = hand_in(made, biller, "application/edi-x12", raw).json()
        assert (file["state"], file["unmatched"]) == ("posted", len(rows)), file
        items = made.ask(biller, "GET", "/v1/work-queue?limit=200").json()["items"]
        ids = [each["id"] for each in items if each["file_id"] == file["id"]]
        for row, id_ in zip(rows, ids, strict=True):
            row["unmatched_id"] = id_


def hand_in(made: Chain, who: str, kind: str, raw: bytes) -> requests.Response:
    return made.ask(who, "POST", "/v1/remittances", {"Content-Type": kind}, data=raw)


def add_parked(made: Chain) -> None:
    """Have billing park an event of each place, as one of a type that it does not know."""
    queue = topology.events_queue("billing").name
    with open_connection(made.house.environment["AMQP_URI"]) as connection:
        channel = connection.channel()
        channel.confirm_select()
        for row in (made.mine, *made.theirs):
            id_ = f"evt_{ulid()}"
            row["parked_id"] = f"billing:{id_}"
            event = {
                "id": id_, "type": "booking.unheard_of.v1", "subject": row["appointment_id"],
                "locationid": row["location_id"],
            }  # fmt: skip
            message = amqp.Message(json.dumps(event), type=event["type"], message_id=id_)
            channel.basic_publish_confirm(message, routing_key=queue)
    eventually(lambda: len(parked_of(made, "owner")) > NUMBER, timeout=30)


def parked_of(made: Chain, who: str) -> list[dict[str, Any]]:
    if who == "owner":
        return list(made.owner.get("/operations/parked", limit=200)["items"])
    return list(made.ask(who, "GET", "/v1/operations/parked?limit=200").json()["items"])


def add_people(made: Chain) -> None:
    """Give each place a member of staff and a key, and people of both clinics sessions."""
    for name, rows in (("alpha2", [made.mine]), ("beta", made.theirs)):
        token = made.staff(name, rows)
        for row in rows:
            made.sign_in(f"{name}-{made.treatment_id.lower()}@example.org")
            at = {"role": "therapist", "location_ids": [row["location_id"]]}
            email = f"{row['location_id'].lower()}@example.org"
            person = {"email": email, "name": "Somebody", "roles": [at]}
            row["staff_id"] = made.owner.post("/staff", person)["id"]
            row["key_id"] = made.owner.post("/api-keys", {"name": "one of a clinic's", **at})["id"]
            row["correlation_id"] = f"trace-{ulid()}"
            told = {"X-Request-Id": row["correlation_id"]}
            path = f"/v1{chart(row)}/consents"
            consent = {"channel": "sms", "granted": False}
            made.ask(token, "POST", path, told, json=consent).raise_for_status()
        items = made.ask(token, "GET", "/v1/sessions").json()["items"]
        ids = [each["id"] for each in items]
        for number, row in enumerate(rows):
            row["session_id"] = ids[number % len(ids)]


def add_holds(made: Chain) -> None:
    for row in (made.mine, *made.theirs):
        wanted = visit(row, clinics.LATER, 14)
        del wanted["client_id"]
        row["hold_id"] = made.owner.post("/holds", wanted)["id"]
