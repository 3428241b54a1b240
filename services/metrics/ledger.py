"""One partition of one stream in Redis: its log, its entities' states, its counts, and the cursor they stand at.

The cursor is the version of all the rest: a commit succeeds only while it is where the reader found it, and moves
it together with states and counts. So there is nothing to acknowledge, and a second consumer loses harmlessly.
Crash points: docs/decisions/0003-one-commit.md.
"""

from typing import Any, NamedTuple

import msgpack
from faststream.redis.parser import BinaryMessageFormatV1
from redis.asyncio import Redis

from services.metrics.counting import Deltas, Events, States, Track
from services.metrics.merging import pack_state, unpack_state
from services.metrics.scripts import COMMIT, READ
from shared.streams import counts_key, states_key, stream_key

START = "0-0"
_HEAD = (b"cursor", b"rules")


class Logged(NamedTuple):
    """A stream entry: its id and its packed facts."""

    id: str
    packed: bytes


class Position(NamedTuple):
    """Where a partition's counts stand: the last entry counted ("0-0" for none) and the rules they were made by."""

    cursor: str
    rules: str | None


def order(entry_id: str) -> tuple[int, int]:
    """A stream id as what it sorts by."""
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence)


def body_of(fields: dict[bytes, bytes]) -> bytes:
    """The packed facts in an entry's fields; what is not there is empty, and so not a packed entry."""
    body, _headers = BinaryMessageFormatV1.parse(fields.get(b"__data__", b""))
    return body


class Ledger:
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

    def states_key(self, track: Track) -> str:
        return states_key(track.kind, track.role, self._partition) + self._suffix

    async def read(self, events: Events) -> tuple[Position, States]:
        """The position, and the states of the entities in `events`, as of one instant."""
        keys = [self.counts_key, *(self.states_key(track) for track in events)]
        blobs = [b"".join(entities) for entities in events.values()]
        cursor, rules, *packed = await self._read(keys, blobs)
        states: States = {}
        for (track, entities), blob in zip(events.items(), packed, strict=True):
            values = msgpack.unpackb(blob, raw=True)
            states[track] = {
                entity: unpack_state(value) for entity, value in zip(entities, values, strict=True) if value
            }
        return Position(_text(cursor) or START, _text(rules)), states

    async def commit(self, found: Position, cursor: str, rules: str, states: States, deltas: Deltas) -> bool:
        """Write states and counts and move the cursor, if it is still at `found`; whether it was."""
        written = {track: entities for track, entities in states.items() if entities}
        keys = [self.counts_key, *(self.states_key(track) for track in written)]
        blobs = [
            _blob([part for entity, state in entities.items() for part in (entity, pack_state(state))])
            for entities in written.values()
        ]
        changes = _blob([part for (cell, day), change in deltas.items() for part in (f"{cell}|{day}", change)])
        expected = "" if found.cursor == START else found.cursor
        return bool(await self._commit(keys, [expected, cursor, rules, changes, *blobs]))

    async def entries(self, after: str, until: str, count: int) -> list[Logged]:
        """At most `count` entries after one id, up to and with another."""
        found: Any = await self._redis.xrange(self.key, f"({after}", until, count)
        return [Logged(entry_id.decode(), body_of(fields)) for entry_id, fields in found]

    async def last_id(self) -> str:
        """The id of the log's last entry, "0-0" where there is none."""
        found: Any = await self._redis.xrevrange(self.key, count=1)
        return found[0][0].decode() if found else START

    async def load(self) -> tuple[Position, dict[str, dict[int, int]]]:
        """The position and all counts as of one instant: cell -> day number -> count."""
        found: Any = await self._redis.hgetall(self.counts_key)
        counts: dict[str, dict[int, int]] = {}
        for field, count in found.items():
            if field not in _HEAD:
                cell, _, day = field.decode().rpartition("|")
                counts.setdefault(cell, {})[int(day)] = int(count)
        return Position(_text(found.get(b"cursor")) or START, _text(found.get(b"rules"))), counts

    async def cursor(self) -> str:
        """The last entry counted, "0-0" for none."""
        return _text(await self._redis.hget(self.counts_key, "cursor")) or START


def _blob(values: list[Any]) -> bytes:
    packed: bytes = msgpack.packb(values, use_bin_type=False)
    return packed


def _text(value: Any) -> str | None:
    return None if value is None else bytes(value).decode()
