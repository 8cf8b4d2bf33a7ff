"""``python -m clinic_deploy.simulator FOLDER PORT [ADDRESS]``: the simulated payer."""

import sys
import threading
import time
from pathlib import Path

from clinic_deploy.simulator.doors import Payer, Server, Watched
from clinic_deploy.simulator.store import Store

LOOK_SECONDS = 0.5


def main(folder: Path, port: int, address: str) -> None:
    """Serve until ended."""
    payer = Payer(Store(folder))
    watched = Watched(payer, folder)
    server = Server(payer, address, port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while True:
        watched.look()
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), (*sys.argv[3:], "127.0.0.1")[0])
