"""Each stage alone, in one process against a real Valkey, and how it compares with the floor.

The floor is parsing the same bytes with the same models and nothing else. Times are this process' processor seconds:
what Valkey does for `publish`, `read` and `commit` comes on top, and is told apart by its own processor time.
"""

import asyncio
import datetime as dt
import logging
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from faststream.redis import RedisBroker
from redis.asyncio import Redis

from benchmarks.pipeline import PARTITIONS
from benchmarks.processes import cpu_seconds, valkey
from benchmarks.workload import Workload
from services.ingest.admission import FUTURE_TOLERANCE, NANOSECONDS, Admission, LoggedEvent
from services.ingest.dead_letter_stream import DeadLetterLimits
from services.ingest.envelope import ENVELOPES, Envelope
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.publisher import Publisher, Write
from services.metrics.consumer import Consumer
from services.metrics.counting import CountingRules, Deltas, Events, StateKey, States
from services.metrics.instruments import Instruments
from services.metrics.partition_store import Checkpoint, LogEntry
from services.metrics.projection import CounterProjection
from services.metrics.redis_partition_store import RedisPartitionStore, versions
from shared.domain.catalogue import Catalogue, load_catalogue
from shared.http.keys import Key
from shared.log.keys import STREAMS
from shared.runtime.server import tune_gc
from shared.runtime.settings import ROOT

SERVER = "valkey, for all of these"


class Stopwatch:
    """Processor seconds of this process by stage; a stage within a stage is taken from it."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inner = 0.0

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        outer, self._inner = self._inner, 0.0
        began = time.process_time()
        yield
        spent = time.process_time() - began
        self.seconds[stage] += spent - self._inner
        self._inner = outer + spent


class TimedPartitionStore(RedisPartitionStore):
    """A store that takes the time of its reads and commits."""

    def __init__(self, watch: Stopwatch, redis: Redis, stream: str, partition: int) -> None:
        super().__init__(redis, stream, partition)
        self._watch = watch

    async def entries(self, after: str, until: str, count: int) -> list[LogEntry]:
        with self._watch.time("fetch"):
            return await super().entries(after, until, count)

    async def read(self, wanted: Mapping[StateKey, Collection[bytes]]) -> tuple[Checkpoint, States]:
        with self._watch.time("read"):
            return await super().read(wanted)

    async def commit(
        self, seen: Checkpoint, batch: Sequence[LogEntry], fingerprint: str, states: States, deltas: Deltas
    ) -> bool:
        with self._watch.time("commit"):
            return await super().commit(seen, batch, fingerprint, states, deltas)


class TimedCountingRules(CountingRules):
    """CountingRules that take the time of counting."""

    def __init__(self, watch: Stopwatch, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        self._watch = watch

    def count(self, events: Events, before: States) -> tuple[States, Deltas]:
        with self._watch.time("merge"):
            return super().count(events, before)


def run(workload: Workload) -> dict[str, float]:
    """Stage -> microseconds of processor time per event."""
    watch = Stopwatch()
    tune_gc()
    with tempfile.TemporaryDirectory(prefix="pulse-bench-") as name, valkey(Path(name)) as (port, pid):
        before = cpu_seconds(pid)
        asyncio.run(_stages(workload, watch, port))
        watch.seconds[SERVER] = cpu_seconds(pid) - before
    return {stage: seconds / workload.events * 1e6 for stage, seconds in watch.seconds.items()}


async def _stages(workload: Workload, watch: Stopwatch, port: int) -> None:
    catalogue = load_catalogue(ROOT / "deploy" / "catalogue")
    redis = Redis(port=port)
    broker = RedisBroker(port=port, log_level=logging.DEBUG)
    publisher = Publisher(broker, PARTITIONS, None, DeadLetterLimits(9, 999, 9))
    admission, pseudonymise, key = Admission(catalogue), Pseudonymiser(b"bench"), Key(name="bench", sha256="0" * 64)
    latest = int((dt.datetime.now(dt.UTC) + FUTURE_TOLERANCE).timestamp()) * NANOSECONDS
    for body in workload.bodies:
        with watch.time("parse"):
            envelopes: list[Envelope] = ENVELOPES.validate_json(body)
        with watch.time("admit"):
            admitted = [admission.admit(envelope, key, latest) for envelope in envelopes]
        with watch.time("pseudonymise"):
            entities = [pseudonymise(envelope["subject"]) for envelope in envelopes]
            digests = [pseudonymise.digest_of_id(envelope["id"]) for envelope in envelopes]
        events = [LoggedEvent(*parts, key.logged) for parts in zip(admitted, entities, digests, strict=True)]
        with watch.time("pack"):
            write = Write(PARTITIONS)
            write.add(events, ())
            for entry in write.entries.values():
                entry.pack()
        with watch.time("publish (packs too)"):
            await publisher.publish(events, ())
    await broker.stop()
    await _count(redis, watch, catalogue)
    await redis.aclose()


async def _count(redis: Redis, watch: Stopwatch, catalogue: Catalogue) -> None:
    places = [(stream, partition) for stream in STREAMS for partition in range(PARTITIONS)]
    stores = [TimedPartitionStore(watch, redis, *place) for place in places]
    projection = CounterProjection(stores, partial(versions, redis, stores))
    rules, instruments = TimedCountingRules(watch, catalogue), Instruments()
    for store in stores:
        with watch.time("unpack"):
            await Consumer(store, rules, projection, instruments).catch_up()
