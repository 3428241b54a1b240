"""Services that break at a chosen point: `main(["metrics"])`, with the point and how often in the environment.

BREAK_AT names the point, BREAK_TIMES how often a process ends there (as kill -9 ends it), BREAK_TALLY the file that
counts over restarts. The services themselves have no hook for this.
"""

import os
import signal
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from redis.exceptions import ConnectionError as RedisConnectionError

import services.ingest.app
import services.metrics.app
from services.cli.services import run_service
from services.ingest.publisher import Publisher, Write
from services.ingest.settings import IngestSettings
from services.metrics.app import build
from services.metrics.counting import Deltas, StateKey, States
from services.metrics.partition_store import Checkpoint, LogEntry
from services.metrics.redis_partition_store import RedisPartitionStore
from services.metrics.settings import MetricsSettings
from shared.runtime import server
from tests.support.clock import process_clock


def crash(point: str) -> None:
    """End the process if this is the point, and it has not ended there often enough."""
    if os.environ["BREAK_AT"] != point:
        return
    tally = Path(os.environ["BREAK_TALLY"])
    with tally.open("ab") as file:
        file.write(b".")
    if tally.stat().st_size <= int(os.environ["BREAK_TIMES"]):
        os.kill(os.getpid(), signal.SIGKILL)


class CrashingPartitionStore(RedisPartitionStore):
    """Ends its process around the read and the commit."""

    async def read(self, wanted: Mapping[StateKey, Collection[bytes]]) -> tuple[Checkpoint, States]:
        crash("before the read")
        states = await super().read(wanted)
        crash("after the read")
        return states

    async def commit(
        self, seen: Checkpoint, batch: Sequence[LogEntry], fingerprint: str, states: States, deltas: Deltas
    ) -> bool:
        if os.environ["BREAK_AT"] == "no commit":
            raise RedisConnectionError("for this test no commit succeeds")
        committed = await super().commit(seen, batch, fingerprint, states, deltas)
        crash("after the script")
        if self.counts_key.endswith(":rebuild"):
            crash("in a rebuild")
        return committed


class CrashingPublisher(Publisher):
    """Ends its process around the durable write."""

    async def _commit(self, write: Write) -> None:
        crash("before the write")
        await super()._commit(write)
        crash("after the write")


async def serve_metrics(settings: MetricsSettings) -> None:
    if os.environ["BREAK_AT"] == "no subscriber":
        vars(services.metrics.app)["subscribe"] = lambda broker, consumer: SimpleNamespace()
    app = build(settings, process_clock(), CrashingPartitionStore)
    with server.listen(settings.host, settings.metrics_port, "PULSE_METRICS_PORT") as bound:
        await server.serve(app, bound)


def main(command: list[str]) -> None:
    if command == ["metrics"]:
        run_service("metrics", MetricsSettings, serve_metrics)
    else:
        vars(services.ingest.app)["Publisher"] = CrashingPublisher
        run_service("ingest", IngestSettings, partial(services.ingest.app.serve, clock=process_clock()))
