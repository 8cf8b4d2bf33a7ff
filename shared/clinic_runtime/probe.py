"""``python -m clinic_runtime.probe``: exits 0 when the process of this container is ready."""

import http.client
import os
import sys

TIMEOUT_SECONDS = 4


def ready(port: int) -> bool:
    """Ask ``/readyz`` on this host's ``port``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if ready(int(os.environ["HEALTH_PORT"])) else 1)
