"""Consumer of one partition: reads entries after the checkpoint and commits states, counters and checkpoint at once.

FastStream delivers a batch as the trigger only; the entries are read from the checkpoint, as in a rebuild. There is one
way to read the log, and what a subscriber misses is read with the next.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from time import time_ns
from typing import Any, Protocol

from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import FAKE_CONSUMER, RedisBatchStreamMessage
from faststream.redis.subscriber.usecases import StreamBatchSubscriber

from services.metrics.counting import CountingRules, Deltas, Events
from services.metrics.instruments import Instruments
from services.metrics.log_events import group_events
from services.metrics.partition_store import START, Checkpoint, LogEntry, PartitionStore, id_order
from shared.runtime.store import REDIS_ERRORS, StoreMismatchError
from shared.runtime.tracing import NO_TRACING, Tracing

log = logging.getLogger(__name__)

COMMIT_BYTES = 400_000
"""Packed bytes one commit takes at most, about 8,000 events: keeps the script short."""

PAGE = 200
"""Entries read at once."""

MAX_DELIVERED = 200
POLL_MILLISECONDS = 1000
LINGER_SECONDS = 0.02
"""Pause after a batch: what arrives meanwhile shares the next commit. An event after a quiet spell does not wait."""


class CatalogueChangedError(StoreMismatchError):
    """The counters were made under another catalogue; they must be rebuilt before anything is added."""


class CommitListener(Protocol):
    """What is called after every commit."""

    def committed(self, store: PartitionStore, seen: Checkpoint, entry_id: str, deltas: Deltas) -> None: ...


class Consumer:
    """Counts one log; its subscriber triggers it, and the monitor where that fell silent."""

    def __init__(
        self,
        store: PartitionStore,
        rules: CountingRules,
        listener: CommitListener,
        instruments: Instruments,
        pause: float = 0.5,
        tracing: Tracing = NO_TRACING,
    ) -> None:
        self.store = store
        self.rules = rules
        self._listener = listener
        self._instruments = instruments
        self._pause = pause
        self._tracing = tracing
        self._lock = asyncio.Lock()
        self._failed = asyncio.Event()
        self.checkpoint = START
        self.failure: Exception | None = None

    async def take(self, last: str) -> None:
        """Count what is not counted up to the entry `last`; returns when it is committed, or `failure` is set."""
        async with self._lock, self._capture_failure():
            await self._commit_up_to(last)

    async def try_to_catch_up(self) -> None:
        """`catch_up` once; what fails for now is logged, what fails for good is `failure`."""
        try:
            async with self._capture_failure():
                await self.catch_up()
        except REDIS_ERRORS as error:
            log.warning("could not catch up", extra={"stream": self.store.key, "error": str(error)})

    async def raise_failure(self) -> None:
        """A worker that waits for `failure`, for ever if there is none, and raises it: the process must end with it."""
        await self._failed.wait()
        if self.failure is not None:
            raise self.failure

    @contextlib.asynccontextmanager
    async def _capture_failure(self) -> AsyncIterator[None]:
        """Set any other error than Redis' as `failure`; raised here it would only reach FastStream, which goes on."""
        try:
            yield
        except REDIS_ERRORS:
            raise
        except Exception as error:
            self.failure = error
            self._failed.set()

    async def catch_up(self, last: str | None = None) -> None:
        """Count what is in the log and not counted, up to `last` (its end by default), without FastStream's help.

        Raises:
            CatalogueChangedError: another catalogue is in force.
            RedisError: Redis is away; later calls try again.
        """
        async with self._lock:
            self.checkpoint = (await self.store.checkpoint()).entry_id
            await self._commit_up_to(last or await self.store.last_id())

    async def _commit_up_to(self, last: str) -> None:
        """Advance to `last`, again until it is committed."""
        while True:
            try:
                if await self._advance(last):
                    return
            except REDIS_ERRORS as error:
                self._instruments.commit_failures.inc()
                log.warning("commit failed, trying again", extra={"stream": self.store.key, "error": str(error)})
                await asyncio.sleep(self._pause)

    async def _advance(self, last: str) -> bool:
        """Count up to `last`; False when another consumer or a flush moved the checkpoint meanwhile."""
        while id_order(self.checkpoint) < id_order(last):
            waiting = await self.store.entries(self.checkpoint, last, PAGE)
            if not waiting:
                return True
            while waiting:
                batch = _leading(waiting)
                if not await self._commit(batch):
                    return False
                waiting = waiting[len(batch) :]
        return True

    async def _commit(self, batch: Sequence[LogEntry]) -> bool:
        began = time_ns()
        with self._instruments.commit_seconds.time():
            events: Events = {}
            count = group_events(batch, self.rules, self._skip, events)
            seen, before = await self.store.read(self.rules.states_to_read(events))
            if seen.fingerprint not in (None, self.rules.fingerprint):
                raise CatalogueChangedError(
                    f"{self.store.key}: the counts were made under another catalogue meanwhile; start metrics again "
                    "under the catalogue that is to be in force, and it recounts"
                )
            if seen.entry_id != self.checkpoint:
                self.checkpoint = seen.entry_id
                return False
            states, deltas = self.rules.count(events, before)
            committed = await self.store.commit(seen, batch, self.rules.fingerprint, states, deltas)
        if not committed:
            self._instruments.lost_races.inc()
            return False
        self.checkpoint = batch[-1].id
        self._listener.committed(self.store, seen, self.checkpoint, deltas)
        self._instruments.counted.labels(self.store.stream).inc(count)
        for entry in batch:
            if entry.traceparents:
                self._tracing.record_commit(self.store.key, entry.traceparents, began)
        return True

    def _skip(self, entry_id: str, reason: str) -> None:
        self._instruments.unreadable.inc()
        log.error(
            "entry passed over; it stays in the log for a rebuild",
            extra={"stream": self.store.key, "entry": entry_id, "reason": reason},
        )


def _leading(entries: Sequence[LogEntry]) -> Sequence[LogEntry]:
    """The leading entries that one commit takes: at least one, at most COMMIT_BYTES of them."""
    size = 0
    for number, entry in enumerate(entries):
        size += len(entry.packed)
        if size > COMMIT_BYTES and number:
            return entries[:number]
    return entries


async def _parse(message: Any) -> RedisBatchStreamMessage:
    """A batch as FastStream's message without its content: the default parser tries each packed entry as JSON."""
    return RedisBatchStreamMessage(
        raw_message=message, body=b"", headers={}, batch_headers=[], consumer=FAKE_CONSUMER, group=None
    )


async def _last_id(message: RedisBatchStreamMessage) -> str:
    raw: Any = message.raw_message
    last: bytes = raw["message_ids"][-1]
    return last.decode()


def subscribe(broker: RedisBroker, consumer: Consumer) -> StreamBatchSubscriber:
    """A subscriber, without a group, that triggers the consumer; set its `last_id` before it starts."""
    log = StreamSub(consumer.store.key, batch=True, max_records=MAX_DELIVERED, polling_interval=POLL_MILLISECONDS)

    async def take(last: str) -> None:
        await consumer.take(last)
        await asyncio.sleep(LINGER_SECONDS)

    subscriber = broker.subscriber(stream=log, parser=_parse, decoder=_last_id, title=consumer.store.key)
    subscriber(take)
    return subscriber
