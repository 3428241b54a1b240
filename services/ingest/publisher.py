"""Publishes logged events and dead letters: one log entry per partition, one durable write, and only then a return.

Crash points and why none loses an acknowledged event are in docs/decisions/0005-durable-202.md.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Sequence
from itertools import product

from faststream.redis import RedisBroker
from redis.asyncio.client import Pipeline

from services.ingest.admission import LoggedEvent
from services.ingest.dead_letter_stream import DeadLetterLimits
from services.ingest.dead_letters import DeadLetterRecord
from shared.domain.errors import UnavailableError
from shared.log.codec import EntryBuilder
from shared.log.keys import DEADLETTERS, STREAMS, partition_of, stream_key
from shared.runtime.store import REDIS_ERRORS
from shared.runtime.store_health import store_problem
from shared.runtime.tracing import HEADER, NO_TRACING, Tracing


class StoreUnavailableError(UnavailableError):
    """Redis did not take the write, or did not confirm it in time; nothing may be acknowledged."""

    title = "The store cannot take events now"

    def __init__(self, reason: str) -> None:
        super().__init__(f"nothing of this request is acknowledged; send it again ({reason})")


class Write:
    """What one durable write holds: log entries under construction, by stream and partition, and dead letters."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self.entries: defaultdict[tuple[str, int], EntryBuilder] = defaultdict(EntryBuilder)
        self.dead_letters: list[DeadLetterRecord] = []
        self.traceparents: list[str] = []

    def add(
        self,
        events: Sequence[LoggedEvent],
        dead_letters: Sequence[DeadLetterRecord],
        traceparent: str | None = None,
    ) -> None:
        """Add what one request gave."""
        entries = self.entries
        partitions = self._partitions
        for (shape, stream, time, recorded_after), entity, digest, key in events:
            partition = partition_of(entity, partitions)
            entries[stream, partition].add(shape, entity, time, recorded_after, digest, key)
        self.dead_letters.extend(dead_letters)
        if traceparent is not None:
            self.traceparents.append(traceparent)


class Publisher:
    """Writes through FastStream's broker, which has a publisher per log; small requests that meet share one write."""

    def __init__(
        self,
        broker: RedisBroker,
        partitions: int,
        replica_timeout: float | None,
        limits: DeadLetterLimits,
        share_within: float = 0.002,
        tracing: Tracing = NO_TRACING,
    ) -> None:
        self._broker = broker
        self._partitions = partitions
        self._replica_timeout = replica_timeout
        self._limits = limits
        self._share_within = share_within
        self._tracing = tracing
        self._shared: tuple[Write, asyncio.Task[None]] | None = None
        for stream, partition in product(STREAMS, range(partitions)):
            broker.publisher(
                stream=stream_key(stream, partition),
                title=stream_key(stream, partition),
                description=f"A partition of the log of {stream}: packed events, see docs/decisions/0004.",
                schema=bytes,
            )
        broker.publisher(
            stream=DEADLETTERS,
            title=DEADLETTERS,
            description="Rejected events: code, detail, and the event without its subject.",
            schema=DeadLetterRecord,
        )

    async def publish(self, events: Sequence[LoggedEvent], dead_letters: Sequence[DeadLetterRecord]) -> None:
        """Return once Redis has the events and dead letters durably.

        Raises:
            StoreUnavailableError: it is not known to have them; the sender must send again.
        """
        if len(events) + len(dead_letters) > 1:
            write = Write(self._partitions)
            write.add(events, dead_letters, self._tracing.current_traceparent())
            await self._commit(write)
            return
        if self._shared is None:
            write = Write(self._partitions)
            self._shared = write, asyncio.create_task(self._commit_shared(write))
        write, task = self._shared
        write.add(events, dead_letters, self._tracing.current_traceparent())
        await asyncio.shield(task)

    async def _commit_shared(self, write: Write) -> None:
        await asyncio.sleep(self._share_within)
        self._shared = None
        await self._commit(write)

    async def _commit(self, write: Write) -> None:
        """One MULTI/EXEC on one connection, followed there by WAIT where a replica must have it too."""
        client = await self._broker.connect()
        try:
            async with client.pipeline(transaction=False) as pipeline:
                await self._queue(pipeline, write)
                results = await pipeline.execute()
        except REDIS_ERRORS as error:
            raise StoreUnavailableError(store_problem(error)) from error
        # The answer of EXEC follows those of MULTI and of each queued command.
        executed = results[len(write.entries) + bool(write.dead_letters) + 1]
        failure = next((result for result in executed if isinstance(result, Exception)), None)
        if failure is not None:
            raise StoreUnavailableError(store_problem(failure))
        if self._replica_timeout is not None and int(results[-1]) < 1:
            raise StoreUnavailableError("no replica confirmed the write in time")

    async def _queue(self, pipeline: Pipeline, write: Write) -> None:
        # MULTI by hand: redis-py's own transaction would send WAIT on another connection, where it waits for nothing.
        pipeline.execute_command("MULTI")
        name = uuid.uuid4().hex
        headers = {HEADER: ",".join(write.traceparents)} if write.traceparents else None
        for log, entry in write.entries.items():
            # A publisher copies its stream's definition twice per message, which takes longer than packing the entry.
            await self._broker.publish(
                entry.pack(), stream=stream_key(*log), headers=headers, correlation_id=name, pipeline=pipeline
            )
        if write.dead_letters:
            pipeline.execute_command(*await self._limits.adding(write.dead_letters, name))
        pipeline.execute_command("EXEC")
        if self._replica_timeout is not None:
            pipeline.execute_command("WAIT", 1, int(self._replica_timeout * 1000))
