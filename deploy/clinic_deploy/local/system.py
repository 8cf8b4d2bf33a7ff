"""The whole system on this machine, under supervisor: started, restarted, stopped together."""

import base64
import hashlib
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from clinic_deploy.local import mongod, rabbitmq
from clinic_deploy.local.paths import ROOT, Place
from clinic_deploy.local.processes import marked, stop, supervisor_of
from clinic_deploy.provision.database import DatabaseNotReadyError
from clinic_runtime.topology import SERVICES

READY_SECONDS = 120
DEMO_OWNER = "owner@demo.clinic"
LOCAL_GRACE_SECONDS = "2"
NO_RATE_LIMITS = "every=1000000000"
"""For those that measure what the system can do."""
LOCAL_LEASE_SECONDS = "5"  # the mail keeper of this machine answers at once
# A process that ends sooner counts as a failed start, and the next try waits a second longer.
FAILED_START_SECONDS = 10


class System:
    """One installation in ``place``; its mail goes to ``mail``."""

    def __init__(self, place: Place, mail: Path) -> None:
        self.place = place
        self.mail = mail
        self.grace_seconds = LOCAL_GRACE_SECONDS
        self.rate_limits = os.environ.get("CLINIC_RATE_LIMITS", "")
        self.port = int(os.environ.get("CLINIC_HTTP_PORT", "8000"))

    @property
    def address(self) -> str:
        """The gateway's base address."""
        return f"http://localhost:{self.port}"

    @property
    def payer_address(self) -> str:
        """Where the simulated payer is."""
        return f"http://127.0.0.1:{self.place.ports()['payer']}"

    @property
    def sign_in(self) -> dict[str, str]:
        """The owner's e-mail and password."""
        return {"email": DEMO_OWNER, "password": self.place.secret("owner")}

    def command(self, name: str) -> list[str]:
        """Return the command line of a service."""
        return [sys.executable, "-m", name]

    def start(self, tell: Callable[[str], None]) -> subprocess.Popen[bytes]:
        """Start everything and return the supervisor once every service answers.

        ``tell`` is given a line whenever what is waited for changes. Exits with a message when the
        installation runs already, when its port is taken, or when it does not come up.
        """
        if supervisor_of(self.place) is not None:
            sys.exit(f"it runs already, at {self.address} or where it said; `make stop` stops it")
        stop(self.place)  # what a killed supervisor left behind
        self._refuse_taken_port()
        configuration = self._configuration()
        log = self.place.under("log", "supervisord.log").open("ab")
        command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)]
        # A session of its own: Ctrl-C reaches the runner, which stops the rest in order.
        supervisor = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, **marked(self.place)},
        )
        tell("the database")
        try:
            mongod.provision(self.place)
        except DatabaseNotReadyError as error:
            stop(self.place)
            sys.exit(f"{error}; see {self.place.under('log', 'mongod.log')}")
        self._wait_until_ready(supervisor, tell)
        return supervisor

    def _refuse_taken_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                sys.exit(
                    f"port {self.port} cannot be used ({error.strerror}); choose another: "
                    f"CLINIC_HTTP_PORT={self.port + 1} make run"
                )

    def _wait_until_ready(
        self, supervisor: subprocess.Popen[bytes], tell: Callable[[str], None]
    ) -> None:
        deadline = time.monotonic() + READY_SECONDS
        last: list[str] = []
        while (absent := self._absent()) or absent is None:
            if supervisor.poll() is not None or time.monotonic() > deadline:
                stop(self.place)
                who = ", ".join(absent or ["the system"])
                sys.exit(f"{who} did not start; see the logs in {self.place.under('log')}")
            if absent != last:
                last = absent if absent is not None else []
                tell(", ".join(last) or "the broker and the gateway")
            time.sleep(0.1)

    def _absent(self) -> list[str] | None:
        """Return which services do not answer; None while the gateway itself does not."""
        try:
            session = requests.post(f"{self.address}/v1/sessions", json=self.sign_in, timeout=5)
            token = session.json()["token"]
            verified: dict[str, Any] = requests.get(
                f"{self.address}/v1/operations/verify",
                headers={"Authorization": f"Bearer {token}"},
                timeout=10,
            ).json()
            return list(verified["unavailable"])
        except (requests.RequestException, ValueError, KeyError):
            return None

    def _configuration(self) -> Path:
        broker = rabbitmq.commands()
        apart = rabbitmq.environment(self.place)
        only = {key: value for key, value in apart.items() if os.environ.get(key) != value}
        smtp_port = str(self.place.ports()["smtp"])
        mail = [sys.executable, "-m", "clinic_deploy.local.mail", str(self.mail), smtp_port]
        folder, port = str(self.place.under("payer")), str(self.place.ports()["payer"])
        payer = [sys.executable, "-m", "clinic_deploy.simulator", folder, port]
        infrastructure = [
            self._program("epmd", broker["epmd"], only, 10),
            self._program("rabbitmq", broker["rabbitmq"], only, 20),
            self._program("mongod", mongod.command(self.place), {}, 20),
            self._program("mail", mail, {}, 30),
            self._program("payer", payer, {}, 30),
        ]
        services = [
            self._program(name, self.command(name), self.environment(name), 40) for name in SERVICES
        ]
        head = (
            "[supervisord]\n"
            f"pidfile={self.place.under('supervisord.pid')}\n"
            f"logfile={self.place.under('log', 'supervisor.log')}\n"
            f"directory={ROOT}\nsilent=true\n"
        )
        path = self.place.under("supervisord.conf")
        path.touch(mode=0o600)
        path.write_text("\n".join([head, *infrastructure, *services]), encoding="utf-8")
        return path

    def environment(self, name: str) -> dict[str, str]:
        """Return what a service is told: its own accounts, and only it its secrets."""
        common = {
            "AMQP_URI": rabbitmq.uri(self.place, name),
            "MONGO_URI": mongod.uri(self.place, name),
            "PYTHONTZPATH": "",
        }
        special = {
            "gateway": {
                "CLINIC_HTTP_PORT": str(self.port),
                "CLINIC_HTTP_ADDRESS": "127.0.0.1",
                "CLINIC_ACCOUNT_KEY": self._key("account_key"),
                "CLINIC_GATEWAY_KEY": self.place.secret("gateway_key"),
                "CLINIC_RATE_LIMITS": self.rate_limits,
                "CLINIC_OWNER_EMAIL": DEMO_OWNER,
                "CLINIC_OWNER_PASSWORD": self.place.secret("owner"),
            },
            "booking": {"CLINIC_OFFER_SECRET": self.place.secret("offers")},
            "client_profile": {"CLINIC_FIELD_KEY": self._key("field_key")},
            "billing": {
                "CLINIC_FILE_KEY": self._key("file_key"),
                "CLINIC_PAYER_URL": self.payer_address,
            },
            "notification": {
                "CLINIC_GRACE_SECONDS": self.grace_seconds,
                "CLINIC_OFFER_SECRET": self.place.secret("offers"),
                "CLINIC_PUBLIC_URL": self.address,
                "CLINIC_WEBHOOK_KEY": self._key("webhook_key"),
                "CLINIC_WEBHOOKS_PRIVATE": "1",  # who tries it out listens on this machine
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(self.place.ports()["smtp"]),
                "SMTP_FROM": "desk@demo.clinic",
                "CLINIC_LEASE_SECONDS": LOCAL_LEASE_SECONDS,
            },
        }
        return {**common, **special.get(name, {})}

    def _key(self, name: str) -> str:
        """Return 32 bytes in base64, the same each time for this place."""
        return base64.b64encode(hashlib.sha256(self.place.secret(name).encode()).digest()).decode()

    def _program(
        self, name: str, command: list[str], environment: dict[str, str], priority: int
    ) -> str:
        pairs = ",".join(f'{key}="{_escaped(value)}"' for key, value in environment.items())
        return (
            f"[program:{name}]\ncommand={_escaped(shlex.join(command))}\npriority={priority}\n"
            f"environment={pairs}\nautorestart=true\n"
            f"startsecs={FAILED_START_SECONDS}\nstartretries=1000\n"
            f"stopwaitsecs=20\nstopasgroup={'true' if name == 'rabbitmq' else 'false'}\n"
            "killasgroup=true\nredirect_stderr=true\n"
            f"stdout_logfile={self.place.under('log', f'{name}.log')}\n"
            "stdout_logfile_maxbytes=10MB\nstdout_logfile_backups=2\n"
        )


def _escaped(value: str) -> str:
    return value.replace("%", "%%")
