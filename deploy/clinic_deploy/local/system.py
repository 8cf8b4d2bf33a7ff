"""The whole system on this machine, under supervisor: started, restarted, stopped together."""

import base64
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from clinic_deploy.local import mongod, rabbitmq
from clinic_deploy.local.paths import ROOT, Place

SERVICES = ("booking", "client_profile", "notification", "billing", "gateway")
READY_SECONDS = 120
STOP_SECONDS = 60
DEMO_OWNER = "owner@demo.clinic"
LOCAL_GRACE_SECONDS = "2"


class System:
    """One installation in ``place``; its mail goes to ``mail``."""

    def __init__(self, place: Place, mail: Path) -> None:
        self.place = place
        self.mail = mail
        self.port = int(os.environ.get("CLINIC_HTTP_PORT", "8000"))

    @property
    def address(self) -> str:
        """The gateway's base address."""
        return f"http://localhost:{self.port}"

    @property
    def sign_in(self) -> dict[str, str]:
        """The owner's e-mail and password."""
        return {"email": DEMO_OWNER, "password": self.place.secret("owner")}

    def start(self) -> subprocess.Popen[bytes]:
        """Start everything and return the supervisor once the gateway is ready."""
        stop(self.place)
        configuration = self._configuration()
        log = self.place.under("log", "supervisord.log").open("ab")
        command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)]
        # A session of its own: Ctrl-C reaches the runner, which stops the rest in order.
        supervisor = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        mongod.initiate(self.place)
        self._wait_until_ready(supervisor)
        return supervisor

    def _wait_until_ready(self, supervisor: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._all_answer():
            if supervisor.poll() is not None or time.monotonic() > deadline:
                stop(self.place)
                sys.exit(f"the system did not start; see {self.place.under('log')}")
            time.sleep(0.2)

    def _all_answer(self) -> bool:
        try:
            session = requests.post(f"{self.address}/v1/sessions", json=self.sign_in, timeout=5)
            token = session.json()["token"]
            verified = requests.get(
                f"{self.address}/v1/operations/verify",
                headers={"Authorization": f"Bearer {token}"},
                timeout=10,
            ).json()
        except (requests.RequestException, ValueError, KeyError):
            return False
        return bool(verified.get("unavailable") == [])

    def _configuration(self) -> Path:
        broker = rabbitmq.server()
        apart = rabbitmq.environment(self.place)
        ports = self.place.ports()
        only = {key: value for key, value in apart.items() if os.environ.get(key) != value}
        mail = [
            sys.executable,
            "-m",
            "clinic_deploy.local.mail",
            str(self.mail),
            str(ports["smtp"]),
        ]
        programs = [
            _program("epmd", [rabbitmq.port_mapper()], only, self.place, 10),
            _program("rabbitmq", [broker], only, self.place, 20),
            _program("mongod", mongod.command(self.place), {}, self.place, 20),
            _program("mail", mail, {}, self.place, 30),
        ]
        for name in SERVICES:
            command = [sys.executable, "-m", name]
            programs.append(_program(name, command, self._environment(), self.place, 40))
        head = (
            "[supervisord]\n"
            f"pidfile={self.place.under('supervisord.pid')}\n"
            f"logfile={self.place.under('log', 'supervisor.log')}\n"
            f"directory={ROOT}\nsilent=true\n"
        )
        path = self.place.under("supervisord.conf")
        path.touch(mode=0o600)
        path.write_text("\n".join([head, *programs]), encoding="utf-8")
        return path

    def _environment(self) -> dict[str, str]:
        field_key = hashlib.sha256(self.place.secret("field_key").encode()).digest()
        return {
            "AMQP_URI": rabbitmq.uri(self.place),
            "MONGO_URI": mongod.uri(self.place),
            "CLINIC_HTTP_PORT": str(self.port),
            "CLINIC_HTTP_ADDRESS": "127.0.0.1",
            "CLINIC_OWNER_EMAIL": DEMO_OWNER,
            "CLINIC_OWNER_PASSWORD": self.place.secret("owner"),
            "CLINIC_FIELD_KEY": base64.b64encode(field_key).decode(),
            "CLINIC_GRACE_SECONDS": LOCAL_GRACE_SECONDS,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.place.ports()["smtp"]),
            "SMTP_FROM": "desk@demo.clinic",
            "PYTHONTZPATH": "",
        }


def stop(place: Place) -> bool:
    """Stop the installation's supervisor and all it started; False when it does not run."""
    file = place.under("supervisord.pid")
    if not file.exists():
        return False
    pid = int(file.read_text(encoding="utf-8"))
    if str(place.folder) not in _command_line(pid):  # the number is somebody else's by now
        file.unlink()
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _command_line(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    return True


def _command_line(pid: int) -> str:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return "" if state == "Z" else line.replace(b"\0", b" ").decode()


def _program(
    name: str, command: list[str], environment: dict[str, str], place: Place, priority: int
) -> str:
    pairs = ",".join(f'{key}="{value.replace("%", "%%")}"' for key, value in environment.items())
    return (
        f"[program:{name}]\ncommand={' '.join(command)}\npriority={priority}\n"
        f"environment={pairs}\nautorestart=true\nstartsecs=1\nstartretries=1000\n"
        f"stopwaitsecs=20\nstopasgroup={'true' if name == 'rabbitmq' else 'false'}\n"
        "killasgroup=true\nredirect_stderr=true\n"
        f"stdout_logfile={place.under('log', f'{name}.log')}\n"
        "stdout_logfile_maxbytes=10MB\nstdout_logfile_backups=2\n"
    )
