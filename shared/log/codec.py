"""The log's entries: all logged events of one request and partition are one log entry.

An entry is columnar msgpack, `[1, shapes, shape_of, entities, times, ids]`. A shape (event type, role, counted data) is
written once per entry, itself packed, and events point at it: the few shapes there are need be packed and unpacked once
only, and packing, storing and unpacking cost little per event.
See docs/decisions/0004-packed-entries.md.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import msgpack

VERSION = 1
ENTITY_BYTES = 16
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


class BadEntryError(ValueError):
    """A stream entry that is not a packed entry of a version this program knows."""


class UnknownVersionError(RuntimeError):
    """An entry in a format of another release: events that count, which this program cannot read."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"the log holds entries of format {version}, this release reads {VERSION}: run the release that wrote them"
        )


class EntryBuilder:
    """Collects the logged events of one partition and packs them into one entry."""

    __slots__ = ("_events",)

    def __init__(self) -> None:
        self._events: list[tuple[EventShape, bytes, int, str]] = []

    def add(self, shape: EventShape, entity: bytes, time: int, event_id: str) -> None:
        """Add one logged event; `time` in nanoseconds since the epoch, `entity` the 16-byte pseudonym."""
        self._events.append((shape, entity, time, event_id))

    def __len__(self) -> int:
        return len(self._events)

    def pack(self) -> bytes:
        shapes, entities, times, ids = zip(*self._events, strict=True) if self._events else ((), (), (), ())
        numbers: dict[EventShape, int] = {}
        shape_of = [numbers.setdefault(shape, len(numbers)) for shape in shapes]
        packed: bytes = _pack(
            [VERSION, [_packed(shape) for shape in numbers], shape_of, b"".join(entities), times, ids]
        )
        return packed


class UnpackedEntry(NamedTuple):
    """An unpacked entry; event i has shape `shapes[shape_of[i]]`, `times[i]`, `ids[i]` and 16 bytes of `entities`."""

    shapes: list[EventShape]
    shape_of: list[int]
    entities: bytes
    times: list[int]
    ids: list[str]

    def events(self) -> Iterator[tuple[EventShape, bytes, int, str]]:
        """Each logged event as (shape, entity, time, id)."""
        for position, number in enumerate(self.shape_of):
            start = position * ENTITY_BYTES
            entity = self.entities[start : start + ENTITY_BYTES]
            yield self.shapes[number], entity, self.times[position], self.ids[position]


def unpack_entry(packed: bytes) -> UnpackedEntry:
    """The entry `packed` holds.

    Raises:
        BadEntryError: not msgpack, or columns that do not fit together.
        UnknownVersionError: an entry of another release; it must not be passed over.
    """
    try:
        version, *columns = msgpack.unpackb(packed)
        if type(version) is int and version != VERSION and columns:
            raise UnknownVersionError(version)
        shapes, shape_of, entities, times, ids = columns
        entry = UnpackedEntry([_unpacked(shape) for shape in shapes], shape_of, entities, times, ids)
        _check_types(entry)
        complete = len(shape_of) == len(times) == len(ids) and len(entities) == ENTITY_BYTES * len(times)
        if not complete or (shape_of and not 0 <= min(shape_of) <= max(shape_of) < len(shapes)):
            raise BadEntryError("the columns do not fit together")
    except (BadEntryError, UnknownVersionError):
        raise
    except Exception as error:
        raise BadEntryError(f"not a packed entry: {error}") from error
    return entry


def _check_types(entry: UnpackedEntry) -> None:
    _, shape_of, entities, times, ids = entry
    if not ({*map(type, ids)} <= {str} and {*map(type, shape_of), *map(type, times)} <= {int}):
        raise BadEntryError("a column holds what it should not")
    if type(entities) is not bytes:
        raise BadEntryError("the entities are not bytes")


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
