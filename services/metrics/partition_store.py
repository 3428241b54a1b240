"""One partition of one stream in Redis: its log, its entities' states, its counts, and the cursor they stand at.

The cursor is the version of all the rest: a commit succeeds only while it is where the reader found it, and moves
it together with states and counts. So there is nothing to acknowledge, and a second consumer loses harmlessly.
Crash points: docs/decisions/0003-one-commit.md.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgpack
from faststream.redis.parser import BinaryMessageFormatV1
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from services.metrics.counting import Deltas, States, Track
from services.metrics.entity_state import pack_state, unpack_state
from services.metrics.scripts import COMMIT, READ
from shared.log.keys import counts_key, states_key, stream_key
from shared.runtime.tracing import HEADER

START = "0-0"

_pack = msgpack.Packer(use_bin_type=False).pack

Version = str


class LogEntry(NamedTuple):
    """A stream entry: its id, its packed facts, and the requests they came with where these are traced."""

    id: str
    packed: bytes
    traceparents: tuple[str, ...] = ()


class Position(NamedTuple):
    """Where a partition's counts stand: the last entry counted ("0-0" for none) and the rules they were made by."""

    cursor: str
    rules: str | None


def order(entry_id: str) -> tuple[int, int]:
    """A stream id as what it sorts by."""
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence)


def logged(entry_id: bytes, fields: dict[bytes, bytes]) -> LogEntry:
    """The entry in a stream's fields; facts that are not there are empty, and so not a packed entry."""
    body, headers = BinaryMessageFormatV1.parse(fields.get(b"__data__", b""))
    traceparents = headers.get(HEADER)
    return LogEntry(entry_id.decode(), body, tuple(traceparents.split(",")) if traceparents else ())


class RedisPartitionStore:
    """Reads and commits; holds no state of its own."""

    def __init__(self, redis: Redis, stream: str, partition: int, suffix: str = "") -> None:
        self._redis = redis
        self._partition = partition
        self._suffix = suffix
        self.stream = stream
        self.key = stream_key(stream, partition)
        self.counts_key = counts_key(stream, partition) + suffix
        self._read = redis.register_script(READ)
        self._commit = redis.register_script(COMMIT)

    @property
    def shadow(self) -> "RedisPartitionStore":
        """The ledger a rebuild counts into, beside this one."""
        return type(self)(self._redis, self.stream, self._partition, ":rebuild")

    def states_key(self, track: Track) -> str:
        return states_key(track.kind, track.role, self._partition) + self._suffix

    async def read(self, wanted: Mapping[Track, Collection[bytes]]) -> tuple[Position, States]:
        """The position, and the states of the entities `wanted`, as of one instant."""
        keys = [self.counts_key, *(self.states_key(track) for track in wanted)]
        blobs = [b"".join(entities) for entities in wanted.values()]
        cursor, rules, *packed = await self._read(keys, blobs)
        states: States = {}
        for (track, entities), blob in zip(wanted.items(), packed, strict=True):
            values = msgpack.unpackb(blob, raw=True) or [None] * len(entities)
            states[track] = {
                entity: unpack_state(value) for entity, value in zip(entities, values, strict=True) if value
            }
        return Position(_text(cursor) or START, _text(rules)), states

    async def commit(
        self, found: Position, batch: Sequence[LogEntry], rules: str, states: States, deltas: Deltas
    ) -> bool:
        """Write states and counts and move the cursor past `batch`, if it is still at `found`; whether it was."""
        written = {track: entities for track, entities in states.items() if entities}
        keys = [self.counts_key, *(self.states_key(track) for track in written)]
        blobs = [
            _blob([part for entity, state in entities.items() for part in (entity, pack_state(state))])
            for entities in written.values()
        ]
        changes = _blob([part for (cell, day), change in deltas.items() for part in (f"{cell}|{day}", change)])
        expected = "" if found.cursor == START else found.cursor
        return bool(await self._commit(keys, [expected, batch[-1].id, rules, changes, len(batch), *blobs]))

    async def entries(self, after: str, until: str, count: int) -> list[LogEntry]:
        """At most `count` entries after one id, up to and with another."""
        found: Any = await self._redis.xrange(self.key, f"({after}", until, count)
        return [logged(entry_id, fields) for entry_id, fields in found]

    async def pages(self, track: Track, count: int) -> AsyncIterator[dict[bytes, bytes]]:
        """All packed states of a track, about `count` at a time; one that changes meanwhile comes before or after."""
        cursor: Any = 0
        while True:
            found: Any = await self._redis.hscan(self.states_key(track), cursor, count=count)
            cursor, page = found
            yield page
            if not cursor:
                return

    async def last_id(self) -> str:
        """The id of the log's last entry, "0-0" where there is none."""
        found: Any = await self._redis.xrevrange(self.key, count=1)
        return found[0][0].decode() if found else START

    async def load(self) -> tuple[Position, Version, dict[str, dict[int, int]]]:
        """Position, version and all counts as of one instant: cell -> day number -> count."""
        found: Any = await self._redis.hgetall(self.counts_key)
        counts: dict[str, dict[int, int]] = {}
        for field, count in found.items():
            cell, _, day = field.decode().rpartition("|")
            if cell:
                counts.setdefault(cell, {})[int(day)] = int(count)
        head = [found.get(name) for name in (b"cursor", b"rules", b"generation")]
        position = Position(_text(head[0]) or START, _text(head[1]))
        return position, version_of(head[0], head[2]), counts

    async def position(self) -> Position:
        """Where the counts stand."""
        cursor, rules = await _list(self._redis.hmget(self.counts_key, "cursor", "rules"))
        return Position(_text(cursor) or START, _text(rules))

    async def progress(self) -> tuple[int, str]:
        """How many entries of the log wait to be counted, and the cursor."""
        log, cursor, counted = await self._log_and_counts()
        if log is None or log["last-entry"] is None or order(log["last-entry"][0].decode()) <= order(cursor):
            return 0, cursor
        return max(1, log["entries-added"] - counted), cursor

    async def is_whole(self) -> bool:
        """Whether the log still has every entry ever added, so that it can be recounted."""
        log, _, counted = await self._log_and_counts()
        if log is None:
            return counted == 0
        return bool(log["length"] == log["entries-added"] >= counted)

    async def _log_and_counts(self) -> tuple[dict[str, Any] | None, str, int]:
        """What Redis says of the log, None where there is none; the cursor, and entries counted up to it."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.xinfo_stream(self.key)
            pipeline.hmget(self.counts_key, "cursor", "entries")
            info, (cursor, counted) = await pipeline.execute(raise_on_error=False)
        if isinstance(info, ResponseError) and "no such key" in str(info):
            return None, _text(cursor) or START, int(counted or 0)
        if isinstance(info, Exception):
            raise info
        return info, _text(cursor) or START, int(counted or 0)

    async def age_after(self, cursor: str) -> float:
        """Seconds since the first entry after `cursor` was added, by Redis' clock; 0 without one."""
        found: Any = await self._redis.xrange(self.key, f"({cursor}", count=1)
        seconds, microseconds = await self._redis.time()
        return max(0.0, seconds + microseconds / 1e6 - order(found[0][0].decode())[0] / 1e3) if found else 0.0


async def _list(answer: Any) -> list[Any]:
    found: list[Any] = await answer
    return found


def version_of(cursor: bytes | None, generation: bytes | None) -> Version:
    """What tells one content of a counts hash from any other: the cursor, and how often it was rebuilt."""
    return f"{_text(cursor) or START}/{_text(generation) or 0}"


def _blob(values: list[Any]) -> bytes:
    packed: bytes = _pack(values)
    return packed


def _text(value: Any) -> str | None:
    return None if value is None else bytes(value).decode()
