"""Notifiers for tests: wired as production wires them, on the real store and the real metrics of a `System`."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from services.notifier.app import Parts, build
from services.notifier.settings import NotifierSettings
from shared.domain.clock import LOCAL
from tests.support.load import Upstream
from tests.support.processes import System
from tests.support.recount import Event
from tests.support.waiting import wait_until


@dataclass
class FakeClock:
    """A clock that stands where it is put."""

    now: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.now


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """A moment in the province."""
    return dt.datetime.combine(day, dt.time(hour, minute), LOCAL)


@contextlib.asynccontextmanager
async def notifier(system: System, clock: FakeClock, **settings: Any) -> AsyncIterator[Parts]:
    """The parts of a notifier that writes letters but delivers none: its runner is not run."""
    wanted: dict[str, Any] = {"redis_port": system.valkey.port, "redis_timeout": 2, "metrics_url": system.metrics.url}
    wanted |= {"smtp_host": "127.0.0.1", "smtp_port": 9} | settings
    parts = build(NotifierSettings(**wanted), clock)
    try:
        yield parts
    finally:
        await parts.runner.close()


@contextlib.asynccontextmanager
async def asked(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the notifier's API."""
    transport = httpx.ASGITransport(parts.api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notifier") as client:
        yield client


def send(system: System, events: Sequence[Event]) -> None:
    """Send `events` in batches and wait until they are counted."""
    upstream = Upstream(system.ingest, seed=1)
    for first in range(0, len(events), 1000):
        upstream.send(events[first : first + 1000])
    wait_counted(system)


def wait_counted(system: System) -> None:
    """Wait until metrics has counted everything."""
    wait_until(lambda: system.metrics.get("/v1/positions")["waiting"] == 0, "everything is counted")


def forget(system: System) -> None:
    """Take away all that notifiers keep."""
    with system.valkey.client() as client:
        for pattern in ("{flags}*", "{outbox}*"):
            for key in client.scan_iter(pattern):
                client.delete(key)


def messages(system: System) -> set[str]:
    """The keys of all messages ever recorded."""
    prefix = "{outbox}:message:"
    with system.valkey.client() as client:
        return {key.decode().removeprefix(prefix) for key in client.scan_iter(f"{prefix}*")}
