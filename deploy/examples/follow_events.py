"""Print a clinic's events: python follow_events.py ADDRESS API_KEY FILE, which keeps the place."""

import json
import sys
import time
from pathlib import Path

import requests

address, key, place = f"{sys.argv[1]}/v1/events", sys.argv[2], Path(sys.argv[3])
session = requests.Session()
session.headers["Authorization"] = f"Bearer {key}"
session.hooks["response"] = lambda answer, **_: answer.raise_for_status()


def handle(events: list[dict[str, str]], cursor: str) -> None:
    for event in events:
        print(event["type"], event["subject"], flush=True)  # your work: twice must do no harm
    place.write_text(cursor)


while True:
    try:
        after = {"after": place.read_text()} if place.exists() else {}
        page = session.get(address, params=after, timeout=30).json()
        handle(page["events"], page["next"])
        if page["more"]:
            continue
        with session.get(f"{address}/stream?after={page['next']}", stream=True, timeout=45) as live:
            block: dict[str, str] = {}
            for line in live.iter_lines(decode_unicode=True):
                name, _, value = line.partition(": ")
                block = {**block, name: value} if line else {}
                if block.get("event") == "resync":
                    break  # something was missed: read on page by page
                if name == "data":
                    handle([json.loads(value)], block["id"])
    except requests.RequestException as error:
        print(error, file=sys.stderr)
    time.sleep(1)
