"""Notifiers for tests: wired as production wires them, on the real store and the real metrics of a `System`."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
from faststream.redis import BinaryMessageFormatV1
from redis.asyncio import Redis

from services.notifier.app import Parts, build
from services.notifier.settings import NotifierSettings
from shared.contracts.flags import FlagChanged
from shared.contracts.metrics import ChangedCount, ProgressChanged
from tests.support.bearer import WITH_KEY
from tests.support.clock import FakeClock
from tests.support.lagging_history import LAGGARD, RUN_DAY, steady_events
from tests.support.load import Upstream
from tests.support.processes import System
from tests.support.recount import Event
from tests.support.waiting import wait_until

MESSAGES = {f"digest:{LAGGARD}:{RUN_DAY}", f"overview:{RUN_DAY}:vi", f"overview:{RUN_DAY}:en"}

NOWHERE = "http://127.0.0.1:9"


UNKNOWN_CHANGES = ProgressChanged(version="1", complete=False, changes=[])


@contextlib.asynccontextmanager
async def notifier(system: System, clock: FakeClock, **settings: Any) -> AsyncIterator[Parts]:
    """The parts of a notifier that records digests but delivers none: no worker runs."""
    wanted: dict[str, Any] = {"redis_port": system.valkey.port, "redis_timeout": 2, "metrics_url": system.metrics.url}
    wanted |= {"keys_file": system.environment["PULSE_KEYS_FILE"], "smtp_host": "127.0.0.1", "smtp_port": 9} | settings
    parts = build(NotifierSettings(**wanted), clock)
    async with parts.connections():
        yield parts


@contextlib.asynccontextmanager
async def client_of(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the notifier's API."""
    transport = httpx.ASGITransport(parts.api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notifier", headers=WITH_KEY) as client:
        yield client


def send(system: System, events: Sequence[Event]) -> None:
    """Send `events` in batches and wait until they are counted."""
    upstream = Upstream(system.ingest, seed=1)
    for first in range(0, len(events), 1000):
        upstream.send(events[first : first + 1000])
    wait_counted(system)


@contextlib.contextmanager
def running_lagging_system(folder: Path) -> Iterator[System]:
    """Valkey, ingest and metrics that have counted the history."""
    with System(folder) as system:
        system.start()
        send(system, list(steady_events()))
        yield system


def wait_counted(system: System) -> None:
    """Wait until metrics has counted everything."""
    wait_until(lambda: system.metrics.get("/v1/positions")["waiting"] == 0, "everything is counted")


def forget(system: System) -> None:
    """Take away all that notifiers keep."""
    with system.valkey.client() as client:
        for pattern in ("{flags}*", "{outbox}*", "flags"):
            for key in client.scan_iter(pattern):
                client.delete(key)


def messages(system: System) -> set[str]:
    """The keys of all messages ever recorded."""
    prefix = "{outbox}:message:"
    with system.valkey.client() as client:
        return {key.decode().removeprefix(prefix) for key in client.scan_iter(f"{prefix}*")}


async def flag_entries(system: System) -> list[FlagChanged]:
    """The entries of the `flags` stream."""
    async with Redis.from_url(system.valkey.url) as redis:
        entries: Any = await redis.xrange("flags")
    bodies = [BinaryMessageFormatV1.parse(fields[b"__data__"])[0] for _, fields in entries]
    return [FlagChanged.model_validate_json(body) for body in bodies]


def changed_on(day: dt.date) -> ChangedCount:
    return ChangedCount(unit=LAGGARD, target=1, day=day)


async def evaluations(client: httpx.AsyncClient, outcome: str) -> float:
    """How many evaluations the notifier's own metrics count."""
    name = f'pulse_notifier_evaluations_total{{outcome="{outcome}"}} '
    lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


async def failures(client: httpx.AsyncClient, least: int) -> bool:
    return await evaluations(client, "failed") >= least


async def ready(client: httpx.AsyncClient, status: int) -> bool:
    return (await client.get("/readyz")).status_code == status
