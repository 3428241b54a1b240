"""Runs the idiomatic version on the same Valkey settings, under the same load generator, with the same check."""

import sys
import tempfile
import time
from pathlib import Path

import redis

from benchmarks.idiomatic import COUNTS
from benchmarks.load import Generator, request
from benchmarks.pipeline import POLL, Race, compare
from benchmarks.processes import cpu_seconds, free_port, is_ready, process, valkey, wait_until
from benchmarks.workload import Workload


def run(workload: Workload) -> Race:
    """Send the whole workload, stop the clock when the counters have it all, and check the counters."""
    wanted = sum(workload.expected.values())
    with tempfile.TemporaryDirectory(prefix="pulse-bench-") as name:
        folder = Path(name)
        with valkey(folder) as (redis_port, redis_pid):
            env = {"PULSE_REDIS_PORT": str(redis_port)}
            port = free_port()
            client = redis.Redis(port=redis_port, decode_responses=True)
            ingest = [sys.executable, "-m", "uvicorn", "benchmarks.idiomatic:ingest"]
            ingest += ["--port", str(port), "--no-access-log"]
            metrics = [sys.executable, "-m", "benchmarks.idiomatic"]
            with process(ingest, folder, "ingest", env) as one, process(metrics, folder, "metrics", env) as other:
                wait_until(lambda: is_ready(port), "the start of the idiomatic ingest")
                wait_until(lambda: client.exists("accounts", "dossiers", "outreach") == 3, "the start of its metrics")
                requests = [
                    (request(body, "none"), size) for body, size in zip(workload.bodies, workload.sizes, strict=True)
                ]
                generator = Generator(port, requests, folder)
                pids = {"valkey": redis_pid, "ingest": one, "metrics": other}
                before = {name: cpu_seconds(pid) for name, pid in pids.items()}
                generator.start()
                sent = generator.result()
                wait_until(lambda: sum(map(int, client.hvals(COUNTS))) >= wanted, "counting", POLL)
                counted = time.monotonic()
                cpu = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
                compare(_counts(client), workload.expected)
    return Race(workload.events, sent.ended - sent.began, counted - sent.began, cpu, {})


def _counts(client: redis.Redis) -> dict[tuple[str, str], int]:
    found = {}
    for field, count in client.hgetall(COUNTS).items():
        measure, _, unit = str(field).partition("|")
        found[measure, unit] = int(count)
    return found
