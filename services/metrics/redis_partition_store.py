"""Partition store in Redis: reads and commits by one script each, lua/read.lua and lua/commit.lua.

The counters are a hash of `role|measure|unit|day` beside `cursor` and `rules` (the checkpoint), `entries` (how many
were counted) and `generation` (how often it was rebuilt); the states of a key are a hash by pseudonym. Blobs are
msgpack without its bin type, which Lua's cmsgpack does not know.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgpack
from faststream.redis.parser import BinaryMessageFormatV1
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.metrics.counting import CounterKey, Deltas, StateKey, States
from services.metrics.entity_state import pack_state, unpack_state
from services.metrics.partition_store import START, Checkpoint, Counters, LogEntry, Version, id_order
from shared.log.keys import counts_key, states_key, stream_key
from shared.runtime.tracing import HEADER

REBUILT = ":rebuild"
"""What the keys of a rebuild's own counters and states end with."""

_LUA = Path(__file__).with_name("lua")
READ, COMMIT, SWAP = ((_LUA / f"{name}.lua").read_text(encoding="utf-8") for name in ("read", "commit", "swap"))

_pack = msgpack.Packer(use_bin_type=False).pack


class RedisPartitionStore:
    """One partition of one stream."""

    def __init__(self, redis: Redis, stream: str, partition: int, suffix: str = "") -> None:
        self._redis = redis
        self._partition = partition
        self._suffix = suffix
        self.stream = stream
        self.key = stream_key(stream, partition)
        self.counts_key = counts_key(stream, partition) + suffix
        self._read = redis.register_script(READ)
        self._commit = redis.register_script(COMMIT)

    async def read(self, wanted: Mapping[StateKey, Collection[bytes]]) -> tuple[Checkpoint, States]:
        keys = [self.counts_key, *(self.states_key(key) for key in wanted)]
        blobs = [b"".join(entities) for entities in wanted.values()]
        cursor, rules, *packed = await self._read(keys, blobs)
        states: States = {}
        for (key, entities), blob in zip(wanted.items(), packed, strict=True):
            values = msgpack.unpackb(blob, raw=True) or [None] * len(entities)
            states[key] = {entity: unpack_state(value) for entity, value in zip(entities, values, strict=True) if value}
        return _checkpoint(cursor, rules), states

    async def commit(
        self, seen: Checkpoint, batch: Sequence[LogEntry], fingerprint: str, states: States, deltas: Deltas
    ) -> bool:
        changed = {key: entities for key, entities in states.items() if entities}
        keys = [self.counts_key, *(self.states_key(key) for key in changed)]
        blobs = [
            _blob([part for entity, state in entities.items() for part in (entity, pack_state(state))])
            for entities in changed.values()
        ]
        changes = _blob([part for (key, day), change in deltas.items() for part in (field_of(key, day), change)])
        expected = "" if seen.entry_id == START else seen.entry_id
        return bool(await self._commit(keys, [expected, batch[-1].id, fingerprint, changes, len(batch), *blobs]))

    async def entries(self, after: str, until: str, count: int) -> list[LogEntry]:
        answer: Any = await self._redis.xrange(self.key, f"({after}", until, count)
        return [log_entry(entry_id, fields) for entry_id, fields in answer]

    async def pages(self, key: StateKey, count: int) -> AsyncIterator[dict[bytes, bytes]]:
        cursor: Any = 0
        while True:
            answer: Any = await self._redis.hscan(self.states_key(key), cursor, count=count)
            cursor, page = answer
            yield page
            if not cursor:
                return

    async def last_id(self) -> str:
        last: Any = await self._redis.xrevrange(self.key, count=1)
        return last[0][0].decode() if last else START

    async def load(self) -> Counters:
        stored: Any = await self._redis.hgetall(self.counts_key)
        counts: dict[CounterKey, dict[int, int]] = {}
        for field, count in stored.items():
            if b"|" in field:
                key, day = counter_of(field.decode())
                counts.setdefault(key, {})[day] = int(count)
        return Counters(_version(stored.get(b"cursor"), stored.get(b"generation")), counts)

    async def checkpoint(self) -> Checkpoint:
        answer: Any = self._redis.hmget(self.counts_key, "cursor", "rules")
        return _checkpoint(*await answer)

    async def progress(self) -> tuple[int, str]:
        log, cursor, counted = await self._log_and_counts()
        if log is None or log["last-entry"] is None or id_order(log["last-entry"][0].decode()) <= id_order(cursor):
            return 0, cursor
        return max(1, log["entries-added"] - counted), cursor

    async def is_whole(self) -> bool:
        log, _, counted = await self._log_and_counts()
        if log is None:
            return counted == 0
        return bool(log["length"] == log["entries-added"] >= counted)

    async def _log_and_counts(self) -> tuple[dict[str, Any] | None, str, int]:
        """What Redis says of the log, None where there is none; the last entry counted, and how many were."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.xinfo_stream(self.key)
            pipeline.hmget(self.counts_key, "cursor", "entries")
            log, (cursor, counted) = await pipeline.execute(raise_on_error=False)
        if isinstance(log, ResponseError) and "no such key" in str(log):
            log = None
        if isinstance(log, Exception):
            raise log
        return log, _text(cursor) or START, int(counted or 0)

    async def age_after(self, entry_id: str) -> float:
        first: Any = await self._redis.xrange(self.key, f"({entry_id}", count=1)
        seconds, microseconds = await self._redis.time()
        return max(0.0, seconds + microseconds / 1e6 - id_order(first[0][0].decode())[0] / 1e3) if first else 0.0

    def states_key(self, key: StateKey) -> str:
        """Where the states of `key` are stored."""
        return states_key(key.kind, key.role, self._partition) + self._suffix

    async def begin_rebuild(self, keys: Collection[StateKey]) -> "RedisPartitionStore":
        """An empty store of the same log, for a recount beside the live counters; what an earlier one left goes."""
        rebuilt = type(self)(self._redis, self.stream, self._partition, REBUILT)
        await self._redis.delete(rebuilt.counts_key, *(rebuilt.states_key(key) for key in keys))
        return rebuilt

    async def swap(self, rebuilt: "RedisPartitionStore", keys: Collection[StateKey]) -> tuple[int, list[str]] | None:
        """Put the counters and states of `rebuilt` in place of the live ones.

        How many counters differed, and the first of them as stored; None, and nothing is changed, where the live
        counters moved on meanwhile.
        """
        pairs = [(self.counts_key, rebuilt.counts_key)]
        pairs += [(self.states_key(key), rebuilt.states_key(key)) for key in keys]
        answer: Any = await self._redis.register_script(SWAP)([key for pair in pairs for key in pair])
        if answer[0] != b"swapped":
            return None
        return int(answer[1]), [field.decode() for field in answer[2:]]


async def versions(redis: Redis, stores: Sequence[RedisPartitionStore]) -> list[Version]:
    """The version of every store's counters, in one round trip."""
    async with redis.pipeline(transaction=False) as pipeline:
        for store in stores:
            pipeline.hmget(store.counts_key, "cursor", "generation")
        return [_version(*head) for head in await pipeline.execute()]


def log_entry(entry_id: bytes, fields: dict[bytes, bytes]) -> LogEntry:
    """The entry in a stream's fields; events that are not there are empty, and so not a packed entry."""
    body, headers = BinaryMessageFormatV1.parse(fields.get(b"__data__", b""))
    traceparents = headers.get(HEADER)
    return LogEntry(entry_id.decode(), body, tuple(traceparents.split(",")) if traceparents else ())


def field_of(key: CounterKey, day: int) -> str:
    """The field of the counters hash that counts `key` on a day."""
    return f"{key.role}|{key.measure}|{key.unit}|{day}"


def counter_of(field: str) -> tuple[CounterKey, int]:
    """The counter and day number that `field_of` wrote."""
    role, measure, unit, day = field.split("|")
    return CounterKey(role, measure, unit), int(day)


def _version(cursor: bytes | None, generation: bytes | None) -> Version:
    return Version(_text(cursor) or START, int(generation or 0))


def _checkpoint(cursor: bytes | None, rules: bytes | None) -> Checkpoint:
    return Checkpoint(_text(cursor) or START, _text(rules))


def _blob(values: list[Any]) -> bytes:
    packed: bytes = _pack(values)
    return packed


def _text(value: bytes | None) -> str | None:
    return None if value is None else bytes(value).decode()
