"""A private RabbitMQ node: own name, ports, cookie, data, port mapper and accounts."""

import os
import shutil
import sys
import time
from pathlib import Path

import amqp

from clinic_deploy.local import packages
from clinic_deploy.local.paths import Place
from clinic_deploy.provision import broker
from clinic_deploy.provision.accounts import ADMIN

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
PACKAGE = "rabbitmq-server"
START_SECONDS = 90
NO_BROKER = f"""\
RabbitMQ is not on this machine and could not be installed. Three ways out:
  1. install it:            sudo apt-get install {PACKAGE}
  2. use one you have:      AMQP_URI=amqp://user:password@host:5672/ MONGO_URI=… make test
  3. run it in containers:  docker compose up
"""


def commands() -> dict[str, list[str]]:
    """Return what runs the port mapper and the server, by name and in this order.

    Installs Debian's package where RabbitMQ is absent and that is possible; else exits saying so.
    """
    if not SERVER.exists() and shutil.which("rabbitmq-server") is None:
        packages.install(PACKAGE)
    # Debian's wrapper on PATH would change user; the server itself runs as we are.
    server = str(SERVER) if SERVER.exists() else shutil.which("rabbitmq-server")
    mapper = shutil.which("epmd") or next(
        (str(path) for path in Path("/usr/lib/erlang").glob("erts-*/bin/epmd")), None
    )
    if server is None or mapper is None:
        sys.exit(NO_BROKER)
    return {"epmd": [mapper], "rabbitmq": [server]}


def environment(place: Place) -> dict[str, str]:
    """Return the environment that keeps the node apart from any other."""
    ports = place.ports()
    folder = place.directory("rabbitmq")
    settings = f"listeners.tcp.1 = 127.0.0.1:{ports['rabbitmq']}\nlog.console = true\n"
    configuration = broker.write(folder, place.accounts(), settings)
    plugins = place.under("rabbitmq", "enabled_plugins")
    plugins.write_text("[].\n", encoding="utf-8")
    return {
        **os.environ,
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_CRASH_DUMP": str(place.under("erl_crash.dump")),
        "RABBITMQ_NODENAME": "clinic@localhost",
        "RABBITMQ_NODE_PORT": str(ports["rabbitmq"]),
        "RABBITMQ_DIST_PORT": str(ports["rabbitmq_dist"]),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_CONFIG_FILE": str(configuration),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
    }


def address(place: Place) -> str:
    """Return its ``host:port``."""
    return f"127.0.0.1:{place.ports()['rabbitmq']}"


def uri(place: Place, account: str) -> str:
    """Return the URI by which an account connects."""
    return place.accounts().amqp_uri(account, address(place))


def wait_until_ready(place: Place) -> None:
    """Return once the broker knows its accounts."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = amqp.Connection(address(place), ADMIN, place.accounts().passwords[ADMIN])
            connection.connect()
            connection.close()
        except (OSError, amqp.AMQPError) as error:
            if time.monotonic() > deadline:
                sys.exit(f"RabbitMQ did not start within {START_SECONDS} s: {error}")
            time.sleep(0.2)
        else:
            return
