"""From 202 to visible: how long one event takes to show in the read API while others keep the pipeline half busy."""

import json
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.load import Generator, request
from benchmarks.pipeline import WrongCountsError
from benchmarks.processes import PATIENCE, Place, pulse
from benchmarks.workload import Workload
from services.sender.synthetic_events import SOURCE, TYPE_PREFIX

UNIT = "an-lao"
WARM_UP = 0.5
PAUSE = 0.02


def run(workload: Workload, rate: float) -> list[float]:
    """Seconds from 202 to visible in `/v1/progress` of single events, sorted, while `rate` events a second arrive.

    Each probe counts one more informed household of one unit, whose own events are left out of the load.
    """
    with tempfile.TemporaryDirectory(prefix="pulse-bench-") as name:
        folder = Path(name)
        with pulse(folder) as place:
            generator = Generator(place.ingest_port, _without_unit(workload, place), folder, rate)
            found: list[float] = []
            with httpx.Client(timeout=30) as client:
                generator.start()
                time.sleep(WARM_UP)
                while generator.running():
                    found.append(_probe(client, place, len(found) + 1))
                    time.sleep(PAUSE)
            generator.result()
    return sorted(found)


def _without_unit(workload: Workload, place: Place) -> list[tuple[bytes, int]]:
    requests = []
    for body in workload.bodies:
        events = [event for event in json.loads(body) if UNIT not in event["subject"]]
        requests.append((request(json.dumps(events, separators=(",", ":")).encode(), place.key), len(events)))
    return requests


def _probe(client: httpx.Client, place: Place, number: int) -> float:
    event = {
        "specversion": "1.0",
        "id": f"probe-{number}",
        "source": SOURCE,
        "type": f"{TYPE_PREFIX}household.informed",
        "subject": f"probe-household-{number}",
        "time": "2023-06-30T12:00:00+07:00",
        "data": {"unit": UNIT},
    }
    headers = {"Authorization": f"Bearer {place.key}", "Content-Type": "application/cloudevents+json"}
    answer = client.post(f"http://127.0.0.1:{place.ingest_port}/v1/events", content=json.dumps(event), headers=headers)
    answer.raise_for_status()
    accepted = time.monotonic()
    while _households(client, place) < number:
        if time.monotonic() > accepted + PATIENCE:
            raise WrongCountsError("an accepted event did not become visible")
    return time.monotonic() - accepted


def _households(client: httpx.Client, place: Place) -> int:
    answer = client.get(f"http://127.0.0.1:{place.metrics_port}/v1/progress", params={"as_of": "2023-07-01"})
    rows = answer.raise_for_status().json()["rows"]
    return next(int(row["achieved"]) for row in rows if row["target"] == 7 and row["unit"] == UNIT)
