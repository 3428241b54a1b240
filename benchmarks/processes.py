"""Real servers for a measurement: each a process of its own, on a free port, gone when the measurement ends."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import redis

from services.local.processes import durable_valkey
from shared.http.keys import digest_of

PATIENCE = 180.0


@dataclass(frozen=True)
class Place:
    """Where the measured services are: a Valkey, the two ports, a key that may send everything."""

    redis_port: int
    ingest_port: int
    metrics_port: int
    key: str
    pids: Mapping[str, int]

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.redis_port)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def wait_until(true: Callable[[], bool], what: str, pause: float = 0.02) -> None:
    """Return once `true()`; a RuntimeError that names `what` after PATIENCE."""
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until:
            raise RuntimeError(f"{what} did not happen within {PATIENCE:.0f} s")
        time.sleep(pause)


@contextlib.contextmanager
def process(command: Sequence[str], folder: Path, name: str, env: Mapping[str, str] | None = None) -> Iterator[int]:
    """Run `command` with its output in a file of `folder`; its pid. Terminated at the end."""
    with (folder / f"{name}.log").open("wb") as output:
        started = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})
    try:
        yield started.pid
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


@contextlib.contextmanager
def valkey(folder: Path) -> Iterator[tuple[int, int]]:
    """A Valkey that syncs every write to its append-only file under `folder`: port and pid."""
    port = free_port()
    data = folder / "valkey"
    data.mkdir()
    with process(durable_valkey(port, data), folder, "valkey") as pid:
        client = redis.Redis(port=port)

        def answers() -> bool:
            with contextlib.suppress(redis.ConnectionError):
                return bool(client.ping())
            return False

        wait_until(answers, "the start of Valkey")
        yield port, pid


@contextlib.contextmanager
def pulse(folder: Path) -> Iterator[Place]:
    """Valkey, ingest and metrics as in production, ready to work."""
    key = secrets.token_hex(16)
    (folder / "secret").write_text(secrets.token_hex(32))
    (folder / "keys.toml").write_text(f'[[keys]]\nname = "bench"\nsha256 = "{digest_of(key)}"\n')
    ingest_port, metrics_port = free_port(), free_port()
    with valkey(folder) as (redis_port, redis_pid):
        env = {
            "PULSE_REDIS_PORT": str(redis_port),
            "PULSE_INGEST_PORT": str(ingest_port),
            "PULSE_METRICS_PORT": str(metrics_port),
            "PULSE_KEYS_FILE": str(folder / "keys.toml"),
            "PULSE_PSEUDONYM_SECRET_FILE": str(folder / "secret"),
        }
        console = str(Path(sys.executable).parent / "pulse5299")
        with (
            process([console, "ingest"], folder, "ingest", env) as ingest,
            process([console, "metrics"], folder, "metrics", env) as metrics,
        ):
            wait_until(lambda: is_ready(ingest_port), "the start of ingest")
            wait_until(lambda: is_ready(metrics_port), "the start of metrics")
            pids = {"valkey": redis_pid, "ingest": ingest, "metrics": metrics}
            yield Place(redis_port, ingest_port, metrics_port, key, pids)


def is_ready(port: int, path: str = "/readyz") -> bool:
    """Whether a service answers `path` with 200."""
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5).status_code == httpx.codes.OK
    return False


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
