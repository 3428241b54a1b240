"""Consumer of one partition: read entries after the checkpoint, merge, commit states, counts and checkpoint atomically.

FastStream delivers a batch as the trigger only; the entries are read from the checkpoint, as in a rebuild. There is one
way to read the log, and what a subscriber misses is read with the next.
"""

import asyncio
import contextlib
import logging
import struct
from collections.abc import AsyncIterator, Sequence
from time import time_ns
from typing import Any, Protocol

from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import FAKE_CONSUMER, RedisBatchStreamMessage
from faststream.redis.subscriber.usecases import StreamBatchSubscriber
from redis.exceptions import RedisError

from services.metrics.counting import Deltas, Events, Rules
from services.metrics.entity_state import make_mark
from services.metrics.instruments import Instruments
from services.metrics.partition_store import START, LogEntry, Position, RedisPartitionStore, order
from shared.log.codec import ENTITY_BYTES, BadEntryError, unpack_entry
from shared.runtime.store import StoreMismatchError
from shared.runtime.tracing import UNTRACED, Tracing

log = logging.getLogger(__name__)

COMMIT_BYTES = 400_000
"""Packed bytes one commit takes at most, about 8,000 facts: keeps the script short."""

_each_entity = struct.Struct(f"{ENTITY_BYTES}s").iter_unpack

PAGE = 200
"""Entries read at once."""

MAX_DELIVERED = 200
POLL_MILLISECONDS = 1000
LINGER_SECONDS = 0.02
"""Pause after a batch: what arrives meanwhile shares the next commit. An event after a quiet spell does not wait."""


class RulesChangedError(StoreMismatchError):
    """The counts were made under another catalogue; they must be rebuilt before anything is added."""


class View(Protocol):
    """What wants to know of every commit."""

    def committed(self, ledger: RedisPartitionStore, found: Position, cursor: str, deltas: Deltas) -> None: ...


class Consumer:
    """Counts one log; its subscriber triggers it, and the monitor where that fell silent."""

    def __init__(
        self,
        ledger: RedisPartitionStore,
        rules: Rules,
        view: View,
        instruments: Instruments,
        pause: float = 0.5,
        tracing: Tracing = UNTRACED,
    ) -> None:
        self.ledger = ledger
        self.rules = rules
        self._view = view
        self._measurements = instruments
        self._pause = pause
        self._tracing = tracing
        self._lock = asyncio.Lock()
        self.position = START
        self.failure: Exception | None = None

    async def take(self, last: str) -> None:
        """Count what is not counted up to the entry `last`; returns when it is committed, or `failure` is set."""
        async with self._lock, self._fatal():
            await self._commit_up_to(last)

    async def wake(self) -> None:
        """Catch up once; what fails for now is tried again at the next wake."""
        try:
            async with self._fatal():
                await self.catch_up()
        except (RedisError, OSError) as error:
            log.warning("could not catch up", extra={"stream": self.ledger.key, "error": str(error)})

    @contextlib.asynccontextmanager
    async def _fatal(self) -> AsyncIterator[None]:
        """Keep any other error than Redis' as `failure`, for which the watch ends the process.

        Raised here it would only reach FastStream, which prints it and moves on.
        """
        try:
            yield
        except (RedisError, OSError):
            raise
        except Exception as error:
            self.failure = error

    async def catch_up(self, last: str | None = None) -> None:
        """Count what is in the log and not counted, up to `last` (its end by default), without FastStream's help.

        Raises:
            RulesChangedError: another catalogue is in force.
            RedisError: Redis is away; later calls try again.
        """
        async with self._lock:
            self.position = (await self.ledger.position()).cursor
            await self._commit_up_to(last or await self.ledger.last_id())

    async def _commit_up_to(self, last: str) -> None:
        """Advance to `last`, again until it is committed."""
        while True:
            try:
                if await self._advance(last):
                    return
            except (RedisError, OSError) as error:
                self._measurements.commit_failures.inc()
                log.warning("commit failed, trying again", extra={"stream": self.ledger.key, "error": str(error)})
                await asyncio.sleep(self._pause)

    async def _advance(self, last: str) -> bool:
        """Count up to `last`; False when another consumer or a flush moved the cursor meanwhile."""
        while order(self.position) < order(last):
            waiting = await self.ledger.entries(self.position, last, PAGE)
            if not waiting:
                return True
            while waiting:
                batch = _first_bytes(waiting)
                if not await self._commit(batch):
                    return False
                waiting = waiting[len(batch) :]
        return True

    async def _commit(self, batch: Sequence[LogEntry]) -> bool:
        began = time_ns()
        with self._measurements.commit_seconds.time():
            events, facts = self._events(batch)
            found, before = await self.ledger.read(self.rules.needed(events))
            if found.rules not in (None, self.rules.fingerprint):
                raise RulesChangedError(
                    f"{self.ledger.key}: the counts were made under another catalogue meanwhile; start metrics again "
                    "under the catalogue that is to be in force, and it recounts"
                )
            if found.cursor != self.position:
                self.position = found.cursor
                return False
            states, deltas = self.rules.count(events, before)
            stands = await self.ledger.commit(found, batch, self.rules.fingerprint, states, deltas)
        if stands:
            self.position = batch[-1].id
            self._view.committed(self.ledger, found, self.position, deltas)
            self._measurements.counted.labels(self.ledger.stream).inc(facts)
            for entry in batch:
                if entry.traceparents:
                    self._tracing.counted(self.ledger.key, entry.traceparents, began)
        else:
            self._measurements.lost_races.inc()
        return stands

    def _events(self, batch: Sequence[LogEntry]) -> tuple[Events, int]:
        """The batch's events by track and entity, and how many; what cannot be read is said and passed over."""
        events: Events = {}
        facts = 0
        for entry in batch:
            try:
                shapes, shape_of, entities, times, ids = unpack_entry(entry.packed)
            except BadEntryError as error:
                self._pass_over(entry.id, str(error))
                continue
            readings = [self.rules.read(shape) for shape in shapes]
            for shape, reading in zip(shapes, readings, strict=True):
                if reading is None:
                    self._pass_over(entry.id, f"type {shape.type!r} of role {shape.role!r} is not in the catalogue")
            facts += len(ids)
            places = [
                None if reading is None else (events.setdefault(reading.track, {}), reading.part, reading.values)
                for reading in readings
            ]
            for number, (entity,), time, event_id in zip(shape_of, _each_entity(entities), times, ids, strict=True):
                place = places[number]
                if place is not None:
                    entities_of, part, values = place
                    event = part, make_mark((time, event_id, values))
                    if entity in entities_of:
                        entities_of[entity].append(event)
                    else:
                        entities_of[entity] = [event]
        return events, facts

    def _pass_over(self, entry_id: str, reason: str) -> None:
        self._measurements.unreadable.inc()
        log.error(
            "entry passed over; it stays in the log for a rebuild",
            extra={"stream": self.ledger.key, "entry": entry_id, "reason": reason},
        )


def _first_bytes(entries: Sequence[LogEntry]) -> Sequence[LogEntry]:
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
    log = StreamSub(consumer.ledger.key, batch=True, max_records=MAX_DELIVERED, polling_interval=POLL_MILLISECONDS)

    async def take(last: str) -> None:
        await consumer.take(last)
        await asyncio.sleep(LINGER_SECONDS)

    subscriber = broker.subscriber(stream=log, parser=_parse, decoder=_last_id, title=consumer.ledger.key)
    subscriber(take)
    return subscriber
