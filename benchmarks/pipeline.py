"""Events per second from HTTP to counted: ingest, Valkey and metrics as they run in production."""

import datetime as dt
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks.load import Generator, request
from benchmarks.processes import Place, cpu_seconds, pulse, wait_until
from benchmarks.workload import Counts, Workload, notice434
from services.sender.synthetic_events import count_events
from shared.log.keys import STREAMS, counts_key, stream_key

PARTITIONS = 4
POLL = 0.01


class Race(NamedTuple):
    """One measurement.

    answered, counted: seconds from the first request to the last answer and to the last event counted.
    processor: processor seconds of each process meanwhile.
    memory: bytes of Redis at the end, of what was added.
    """

    events: int
    answered: float
    counted: float
    processor: Mapping[str, float]
    memory: Mapping[str, int]

    @property
    def rate(self) -> float:
        """Events per second from HTTP to counted."""
        return self.events / self.counted


class WrongCountsError(RuntimeError):
    """The counters do not hold what was sent."""


def run(workload: Workload) -> Race:
    """Send the whole workload, stop the clock when the counters have it all, and check the counters."""
    with tempfile.TemporaryDirectory(prefix="pulse-bench-") as name:
        folder = Path(name)
        with pulse(folder) as place:
            requests = [
                (request(body, place.key), size) for body, size in zip(workload.bodies, workload.sizes, strict=True)
            ]
            generator = Generator(place.ingest_port, requests, folder)
            before = {name: cpu_seconds(pid) for name, pid in place.pids.items()}
            generator.start()
            sent = generator.result()
            wait_until(lambda: _all_counted(place), "counting", POLL)
            counted = time.monotonic()
            cpu = {name: cpu_seconds(pid) - before[name] for name, pid in place.pids.items()}
            check(place, workload)
            memory = _memory(place)
    return Race(workload.events, sent.ended - sent.began, counted - sent.began, cpu, memory)


def _memory(place: Place) -> dict[str, int]:
    """Bytes of Redis that the log takes, and those that states and counts take."""
    client = place.client()
    logs = {stream_key(stream, partition).encode() for stream in STREAMS for partition in range(PARTITIONS)}
    found = {"log": 0, "state": 0}
    for key in client.scan_iter("*:{*}", count=1000):
        found["log" if key in logs else "state"] += int(client.memory_usage(key, samples=0) or 0)
    return found


def _all_counted(place: Place) -> bool:
    """Whether the counts stand at the end of every log: a few cheap commands."""
    logs = [(stream, partition) for stream in STREAMS for partition in range(PARTITIONS)]
    with place.client().pipeline(transaction=False) as pipeline:
        for stream, partition in logs:
            pipeline.xlen(stream_key(stream, partition))
            pipeline.hget(counts_key(stream, partition), "entries")
        answers = pipeline.execute()
    return bool(sum(answers[::2]) == sum(int(counted or 0) for counted in answers[1::2]))


def check(place: Place, workload: Workload) -> None:
    """Compare every counter with what was sent; of the whole of Notice 434 with its figures at each of their dates.

    Raises:
        WrongCountsError: names the first that differs.
    """
    cumulative = notice434()
    compare(_measures(place, cumulative.as_of[-1]), workload.expected)
    if workload.events == count_events(cumulative):
        for number, day in enumerate(cumulative.as_of):
            compare(_measures(place, day), {place: counts[number] for place, counts in cumulative.counts.items()})


def compare(found: Counts, expected: Counts) -> None:
    """Raises WrongCountsError where two sets of counters differ; a missing one is zero."""
    for key in sorted(found.keys() | expected.keys()):
        if found.get(key, 0) != expected.get(key, 0):
            raise WrongCountsError(f"{key}: {found.get(key, 0)} counted, {expected.get(key, 0)} sent")


def _measures(place: Place, as_of: dt.date) -> Counts:
    answer = httpx.get(f"http://127.0.0.1:{place.metrics_port}/v1/measures", params={"as_of": str(as_of)}, timeout=30)
    rows = answer.raise_for_status().json()["rows"]
    return {(row["measure"], row["unit"]): row["value"] for row in rows}
