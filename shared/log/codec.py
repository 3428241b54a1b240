"""The log's entries: all logged events of one request and partition are one log entry.

An entry is columnar msgpack, `[2, shapes, shape_of, entities, times, recorded_after, digests, keys, key_of]`. A shape
(event type, role, counted data) is written once per entry, itself packed, and events point at it: the few shapes there
are need be packed and unpacked once only, and packing, storing and unpacking cost little per event. Keys likewise;
`key_of` is empty where one key sent all. Entries of format 1, `[1, shapes, shape_of, entities, times, ids]`, are read
too: docs/decisions/0138-order-of-statements.md.
"""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import msgpack

VERSION = 2
FIRST_VERSION = 1
ENTITY_BYTES = 16
DIGEST_BYTES = 8
REMEMBERED = 8192
"""Shapes cached packed and unpacked; a catalogue has a few hundred."""

_pack = msgpack.Packer().pack

Data = tuple[tuple[str, str | bool], ...]
"""The attributes of an event's `data` that count, as (name, value) pairs in name order."""


class EventShape(NamedTuple):
    """What many logged events share: the event type without its prefix, the role of the source, the counted data."""

    type: str
    role: str
    data: Data


class SendingKey(NamedTuple):
    """The name of the key an event came with, and whether that key is limited to some units."""

    name: str
    limited: bool


UNKNOWN_KEY = SendingKey("", False)
"""Of entries of format 1, which do not say who sent them."""


class BadEntryError(ValueError):
    """A stream entry that is not a packed entry of a version this program knows."""


class UnknownVersionError(RuntimeError):
    """An entry in a format of another release: events that count, which this program cannot read."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"the log holds entries of format {version}, this release reads up to {VERSION}: "
            "run the release that wrote them"
        )


class PackedEvent(NamedTuple):
    """One logged event: `time` in nanoseconds since the epoch, `recorded_after` the nanoseconds from it to
    `recordedtime`, `entity` the 16-byte pseudonym, `digest` the 8-byte keyed digest of its id.
    """

    shape: EventShape
    entity: bytes
    time: int
    recorded_after: int
    digest: bytes
    key: SendingKey


class EntryBuilder:
    """Collects the logged events of one partition and packs them into one entry."""

    __slots__ = ("_events",)

    def __init__(self) -> None:
        self._events: list[tuple[EventShape, bytes, int, int, bytes, SendingKey]] = []

    def add(
        self, shape: EventShape, entity: bytes, time: int, recorded_after: int, digest: bytes, key: SendingKey
    ) -> None:
        """Add one logged event, as `PackedEvent` describes it."""
        self._events.append((shape, entity, time, recorded_after, digest, key))

    def __len__(self) -> int:
        return len(self._events)

    def pack(self) -> bytes:
        columns = zip(*self._events, strict=True) if self._events else ((),) * len(PackedEvent._fields)
        shapes, entities, times, recorded_after, digests, sent_by = columns
        numbers: dict[EventShape, int] = {}
        shape_of = [numbers.setdefault(shape, len(numbers)) for shape in shapes]
        keys = dict.fromkeys(sent_by)
        places = {key: place for place, key in enumerate(keys)}
        key_of = [places[key] for key in sent_by] if len(keys) > 1 else []
        packed: bytes = _pack(
            [
                VERSION,
                [_packed(shape) for shape in numbers],
                shape_of,
                b"".join(entities),
                times,
                recorded_after,
                b"".join(digests),
                list(keys),
                key_of,
            ]
        )
        return packed


class UnpackedEntry(NamedTuple):
    """An unpacked entry; of event i, `shape_of[i]` and `key_of[i]` are places in `shapes` and `keys`, 16 bytes of
    `entities` and 8 of `digests` are its own.
    """

    shapes: list[EventShape]
    shape_of: list[int]
    entities: bytes
    times: list[int]
    recorded_after: list[int]
    digests: bytes
    keys: list[SendingKey]
    key_of: list[int]

    def events(self) -> Iterator[PackedEvent]:
        """Each logged event."""
        for place, number in enumerate(self.shape_of):
            yield PackedEvent(
                self.shapes[number],
                self.entities[place * ENTITY_BYTES : (place + 1) * ENTITY_BYTES],
                self.times[place],
                self.recorded_after[place],
                self.digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES],
                self.keys[self.key_of[place]],
            )


def unpack_entry(packed: bytes) -> UnpackedEntry:
    """The entry `packed` holds.

    Raises:
        BadEntryError: not msgpack, or columns that do not fit together.
        UnknownVersionError: an entry of another release; it must not be passed over.
    """
    try:
        version, *columns = msgpack.unpackb(packed)
        if type(version) is int and version not in (FIRST_VERSION, VERSION) and columns:
            raise UnknownVersionError(version)
        entry = _entry(*columns) if version == VERSION else _entry_of_first_version(*columns)
        _check(entry)
    except (BadEntryError, UnknownVersionError):
        raise
    except Exception as error:
        raise BadEntryError(f"not a packed entry: {error}") from error
    return entry


def _entry(
    shapes: list[bytes],
    shape_of: list[int],
    entities: bytes,
    times: list[int],
    recorded_after: list[int],
    digests: bytes,
    keys: list[list[Any]],
    key_of: list[int],
) -> UnpackedEntry:
    senders = [SendingKey(*key) for key in keys]
    if len(senders) == 1 and not key_of:
        key_of = [0] * len(shape_of)
    unpacked = [_unpacked(shape) for shape in shapes]
    return UnpackedEntry(unpacked, shape_of, entities, times, recorded_after, digests, senders, key_of)


def _entry_of_first_version(
    shapes: list[bytes], shape_of: list[int], entities: bytes, times: list[int], ids: list[str]
) -> UnpackedEntry:
    """Nothing was recorded apart from `time`, and the ids were stored: a digest of each stands for it."""
    if not {*map(type, ids)} <= {str}:
        raise BadEntryError("a column holds what it should not")
    digests = b"".join(hashlib.blake2b(each.encode(), digest_size=DIGEST_BYTES).digest() for each in ids)
    unpacked, none = [_unpacked(shape) for shape in shapes], [0] * len(times)
    return UnpackedEntry(unpacked, shape_of, entities, times, none, digests, [UNKNOWN_KEY], none)


def _check(entry: UnpackedEntry) -> None:
    shapes, shape_of, entities, times, recorded_after, digests, keys, key_of = entry
    if not {*map(type, shape_of), *map(type, times), *map(type, recorded_after), *map(type, key_of)} <= {int}:
        raise BadEntryError("a column holds what it should not")
    if not (type(entities) is type(digests) is bytes):
        raise BadEntryError("the entities or digests are not bytes")
    if any(type(key.name) is not str or type(key.limited) is not bool for key in keys):
        raise BadEntryError("a key has no name")
    events = len(times)
    lengths = {len(shape_of), len(recorded_after), len(key_of)}
    complete = lengths == {events} and (len(entities), len(digests)) == (ENTITY_BYTES * events, DIGEST_BYTES * events)
    if not complete or not (_points_into(shape_of, shapes) and _points_into(key_of, keys)):
        raise BadEntryError("the columns do not fit together")


def _points_into(places: list[int], of: list[Any]) -> bool:
    return not places or 0 <= min(places) <= max(places) < len(of)


@lru_cache(REMEMBERED)
def _packed(shape: EventShape) -> bytes:
    packed: bytes = msgpack.packb(shape)
    return packed


@lru_cache(REMEMBERED)
def _unpacked(packed: bytes) -> EventShape:
    name, role, data = msgpack.unpackb(packed, use_list=False)
    strings = [name, role, *(key for key, _ in data)]
    if any(type(each) is not str for each in strings) or any(type(value) not in (str, bool) for _, value in data):
        raise BadEntryError("a shape holds something else than strings and booleans")
    return EventShape(name, role, data)
