"""The API is as its specification says, for whoever asks: schemathesis, and /docs' own examples.

``SCHEMATHESIS_EXAMPLES`` is how many requests are made up for each call and role (3). From 50 on
every role also gets what lies at the edges of each field, and sequences of calls: a run of hours.
``SCHEMATHESIS_SEED`` makes up others; by itself a run repeats the last one.
"""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from clinic_deploy.demo.api import Api
from clinic_runtime.testing import eventually

pytestmark = pytest.mark.spoils
HERE = Path(__file__).parent
OWNER = {"email": "owner@example.org", "password": "a password for tests"}
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "3"))
SEED = os.environ.get("SCHEMATHESIS_SEED", "1")
THOROUGH = 50
ROLES = ("owner", "manager", "front_desk", "therapist", "billing", "integration", "auditor")
NOBODY = "nobody"
STREAM = "/v1/events/stream"
"""It has no end: a shell would wait."""
OWN_SESSION = "/v1/sessions/current"
"""To end it would sign the run out: the other roles, which have keys, ask for it."""


@pytest.fixture(scope="module")
def known(api: Api, clinic: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with ids of records of most kinds."""
    location, client = clinic["location_id"], clinic["client_id"]
    visit = api.post("/appointments", {**clinic, "local_start": "2027-06-07T10:00"})
    given = api.post("/appointments", {**clinic, "local_start": "2027-06-07T13:00"})
    api.post(f"/appointments/{given['id']}/arrive")
    api.post(f"/appointments/{given['id']}/fulfil")
    template = {
        "location_id": location,
        "treatment_id": clinic["treatment_id"],
        "client_id": client,
    }
    series = api.post(
        "/series",
        {"template": template, "rrule": "FREQ=WEEKLY;COUNT=3", "local_start": "2027-06-08T09:00"},
    )
    wish = {"client_id": client, "treatment_id": clinic["treatment_id"], "location_ids": [location]}
    windows = [{"from": "2027-06-09", "to": "2027-06-12"}]
    entry = api.post("/waitlist", {**wish, "windows": windows})
    alert = api.post(f"/clients/{client}/alerts", {"level": "caution", "kind": "blood thinners"})
    closure = api.post(
        f"/locations/{location}/closures",
        {"from": "2027-12-25", "to": "2027-12-26", "reason": "Christmas"},
    )
    invoices = eventually(
        lambda: api.get("/invoices", appointment_id=given["id"])["items"], timeout=60
    )
    payment = api.post(
        f"/invoices/{invoices[0]['id']}/payments",
        {"method": "cash", "amount": {"amount_minor": 1000, "currency": "CAD"}},
    )
    coverage = api.get(f"/clients/{client}/coverages")["items"][0]
    claims = [each["id"] for each in api.get("/claims")["items"]]
    found = {
        **{name: [value] for name, value in clinic.items()},
        "appointment_id": [visit["id"], given["id"]],
        "series_id": [series["id"]],
        "entry_id": [entry["id"]],
        "alert_id": [alert["id"]],
        "closure_id": [closure["id"]],
        "invoice_id": [invoices[0]["id"]],
        "payment_id": [payment["id"]],
        "receipt_id": [payment["receipt_id"]],
        "coverage_id": [coverage["id"]],
        "resource_id": [invoices[0]["id"], coverage["id"], *claims],
        "claim_id": claims or ["clm_0"],
    }
    file: Path = tmp_path_factory.mktemp("known") / "ids.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    return file


@pytest.mark.parametrize("role", [*ROLES, NOBODY])
@pytest.mark.timeout(0 if EXAMPLES >= THOROUGH else 300)
def test_every_answer_is_as_the_specification_says(api: Api, known: Path, role: str) -> None:
    phases = ["examples", "fuzzing"] if role == "owner" else ["fuzzing"]
    if EXAMPLES >= THOROUGH:
        phases = ["examples", "coverage", "fuzzing", "stateful"]
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={HERE / 'schemathesis.toml'}",
        "run",
        f"{api.address}/openapi.json",
        "--checks=all",
        f"--phases={','.join(phases)}",
        f"--max-examples={EXAMPLES}",
        "--workers=2",
        "--continue-on-failure",
        "--no-color",
        "--generation-database=none",
        f"--seed={SEED}",
        *([f"--exclude-path={OWN_SESSION}"] if role == "owner" else []),
        *(["--header", f"Authorization: {bearer(api, role)}"] if role != NOBODY else []),
    ]
    environment = {**os.environ, "KNOWN_IDS": str(known), "PYTHONPATH": str(HERE)}
    run = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=known.parent
    )
    assert run.returncode == 0, found_in(run.stdout) + run.stderr[-2_000:]
    assert re.search(r"Tested: [12]\d\d", run.stdout), run.stdout[-2_000:]


def found_in(output: str) -> str:
    """Return what failed, without the pages of what was sent."""
    failures = output.partition("= FAILURES =")[2].partition("= WARNINGS =")[0] or output
    return "\n".join(line[:300] for line in failures.splitlines())[:20_000]


def bearer(api: Api, role: str) -> str:
    """Return what somebody of a role shows."""
    if role == "owner":
        return str(api.session.headers["Authorization"])
    return f"Bearer {api.post('/api-keys', {'name': role, 'role': role})['key']}"


def test_the_documentation_s_examples_run_as_they_stand(api: Api, known: Path) -> None:
    """Every ``curl`` of /docs, in a shell: understood, whatever the state it finds."""
    blocks = code_of(api)
    calls = [block for block in blocks if block.startswith("curl ")]
    calls = [call for call in calls if OWN_SESSION not in call and STREAM not in call]
    assert len(calls) > 150
    variables = {name.upper(): ids[0] for name, ids in json.loads(known.read_text()).items()}
    variables |= {"CLINIC": api.address, "TOKEN": bearer(api, "owner").split()[1]}
    named = set(re.findall(r"\$\{?([A-Z_]+)", "".join(calls))) - {"RANDOM"}
    answers = shell(
        "\n".join(
            call.replace("curl ", f"curl -sS -m 30 -o /dev/null -w '%{{http_code}} {n}\\n' ", 1)
            for n, call in enumerate(calls)
        ),
        {**dict.fromkeys(named, "nothing_1"), **variables},
    )
    assert [int(number) for _status, number in answers] == list(range(len(calls)))
    wrong = {"000", "400", "405", "413", "415", "428", "500", "503"}
    for status, number in answers:
        call = calls[int(number)]
        # Who is to be signed in is; passwords and codes that are shown are but examples.
        shown = "$TOKEN" not in call or '"password"' in call or '"code"' in call
        unfit = wrong if shown else wrong | {"401", "403"}
        assert status not in unfit, (status, call)


def test_what_the_documentation_has_set_first_can_be_set(api: Api, known: Path) -> None:
    assert known.exists()
    block = next(block for block in code_of(api) if block.startswith("CLINIC="))
    here = block.replace("http://localhost:8000", api.address)
    here = here.replace("owner@demo.clinic", OWNER["email"])
    here = here.replace("the one that make run shows", OWNER["password"])
    names = re.findall(r"^([A-Z_]+_ID)=", block, re.MULTILINE)
    (values,) = shell(f"{here}\necho {' '.join(f'${name}' for name in names)}", {})
    prefixes = [value.partition("_")[0] for value in values]
    assert prefixes == ["loc", "prac", "trt", "cli", "inv"]


def code_of(api: Api) -> list[str]:
    """Return every block of code in /docs."""
    page = api.session.get(f"{api.address}/docs", timeout=30).text
    found = re.findall(r"<pre><code>(.*?)</code>", page, re.DOTALL)
    return [html.unescape(each) for each in found]


def shell(script: str, variables: dict[str, str]) -> list[list[str]]:
    """Return the words of each line that a script writes."""
    environment = {**os.environ, **variables}
    run = subprocess.run(
        ["/bin/bash", "-u"],
        input=script,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split() for line in run.stdout.splitlines()]
