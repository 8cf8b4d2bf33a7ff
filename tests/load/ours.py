"""The system itself as a contender: started by the deployment's own runner, asked by its API."""

import time

from pymongo import MongoClient

from clinic_deploy.demo.api import Api, wait_for
from clinic_deploy.local import mongod
from clinic_deploy.local.paths import Place
from clinic_deploy.local.system import NO_RATE_LIMITS, System
from clinic_deploy.provision.accounts import ADMIN
from tests.load.contenders import Contender, Stage, free_port

DRAIN_SECONDS = 60
NO_MAIL_MEANWHILE = "86400"
"""The grace before a confirmation is mailed: no slice pays for the mail of an earlier one."""


def start(place: Place) -> tuple[Stage, Contender, Api]:
    """Start everything; the contender's drain waits until every event had its effect."""
    system = System(place, place.folder / "mail")
    system.port, system.grace_seconds = free_port(), NO_MAIL_MEANWHILE
    system.rate_limits = NO_RATE_LIMITS
    system.start(lambda _what: None)
    api = Api(system.address, system.sign_in)
    stage = Stage(place, MongoClient(mongod.uri(place, ADMIN), tz_aware=True))
    contender = Contender(
        name="ClinicOps",
        port=system.port,
        headers={"Authorization": str(api.session.headers["Authorization"])},
        pids={**stage.service_pids(), **stage.infrastructure()},
        appointments=stage.admin["booking"]["appointments"],
        drain=lambda: drain(stage),
    )
    return stage, contender, api


def drain(stage: Stage) -> float:
    """Wait until notification follows every visit and no event waits; return the seconds."""
    began = time.monotonic()
    booked, followed = stage.admin["booking"]["appointments"], stage.admin["notification"]["visits"]

    def done() -> bool:
        behind = booked.estimated_document_count() - followed.estimated_document_count()
        return behind == 0 and booked.find_one({"outbox.at": {"$exists": True}}) is None

    wait_for("every event to have had its effect", done, DRAIN_SECONDS)
    return time.monotonic() - began
