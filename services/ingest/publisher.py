"""Publishes admitted facts and dead letters: one entry per partition, one durable write, and only then a return.

Crash points and why none loses an acknowledged event are in docs/decisions/0005-durable-202.md.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from faststream.redis import RedisBroker
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from services.ingest.admission import Fact
from shared.log.codec import EntryBuilder
from shared.log.keys import DEADLETTERS, partition_of, stream_key
from shared.runtime.tracing import HEADER, UNTRACED, Tracing


class StoreUnavailableError(RuntimeError):
    """Redis did not take the write, or did not confirm it in time; nothing may be acknowledged."""


class Write:
    """What one durable write holds: entries under construction, per stream and partition, and dead letters."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self.entries: defaultdict[tuple[str, int], EntryBuilder] = defaultdict(EntryBuilder)
        self.letters: list[dict[str, str]] = []
        self.traceparents: list[str] = []

    def add(self, facts: Sequence[Fact], letters: Sequence[dict[str, str]], traceparent: str | None = None) -> None:
        entries = self.entries
        partitions = self._partitions
        for (shape, stream, time, event_id), entity in facts:
            entries[stream, partition_of(entity, partitions)].add(shape, entity, time, event_id)
        self.letters.extend(letters)
        if traceparent is not None:
            self.traceparents.append(traceparent)


class Publisher:
    """Writes through FastStream's broker; small requests that arrive together share one write."""

    def __init__(
        self,
        broker: RedisBroker,
        partitions: int,
        replica_timeout: float | None,
        share_within: float = 0.002,
        tracing: Tracing = UNTRACED,
    ) -> None:
        self._broker = broker
        self._partitions = partitions
        self._replica_timeout = replica_timeout
        self._share_within = share_within
        self._tracing = tracing
        self._shared: tuple[Write, asyncio.Task[None]] | None = None

    async def publish(self, facts: Sequence[Fact], letters: Sequence[dict[str, str]]) -> None:
        """Return once Redis has the facts and letters durably.

        Raises:
            StoreUnavailableError: it is not known to have them; the sender must send again.
        """
        if len(facts) + len(letters) > 1:
            write = Write(self._partitions)
            write.add(facts, letters, self._tracing.here())
            await self._commit(write)
            return
        if self._shared is None:
            write = Write(self._partitions)
            self._shared = write, asyncio.create_task(self._commit_shared(write))
        write, task = self._shared
        write.add(facts, letters, self._tracing.here())
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
        except (RedisError, OSError) as error:
            raise StoreUnavailableError(f"{type(error).__name__}: {error}") from error
        executed = results[len(write.entries) + len(write.letters) + 1]
        refused = next((result for result in executed if isinstance(result, Exception)), None)
        if refused is not None:
            raise StoreUnavailableError(f"{type(refused).__name__}: {refused}")
        if self._replica_timeout is not None and int(results[-1]) < 1:
            raise StoreUnavailableError("no replica confirmed the write in time")

    async def _queue(self, pipeline: Pipeline, write: Write) -> None:
        pipeline.execute_command("MULTI")
        name = uuid.uuid4().hex
        headers = {HEADER: ",".join(write.traceparents)} if write.traceparents else None
        for (stream, partition), entry in write.entries.items():
            await self._broker.publish(
                entry.pack(),
                stream=stream_key(stream, partition),
                headers=headers,
                correlation_id=name,
                pipeline=pipeline,
            )
        for letter in write.letters:
            pipeline.execute_command("XADD", DEADLETTERS, "*", *chain.from_iterable(letter.items()))
        pipeline.execute_command("EXEC")
        if self._replica_timeout is not None:
            pipeline.execute_command("WAIT", 1, int(self._replica_timeout * 1000))
