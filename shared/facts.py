"""The event log's entries: a fact is an admitted event, and all facts of one request and partition are one entry.

An entry is columnar msgpack, `[1, shapes, shape_of, entities, times, ids]`. A shape (event type, role, counted data) is
written once per entry and facts point at it, so that packing, storing and reading cost little per fact.
See docs/decisions/0004-packed-entries.md.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgpack

VERSION = 1
ENTITY_BYTES = 16

Data = tuple[tuple[str, str | bool], ...]
"""The attributes of an event's `data` that count, as (name, value) pairs in name order."""


class Shape(NamedTuple):
    """What a fact says apart from who, when and which: its type without prefix, its source's role, its data."""

    type: str
    role: str
    data: Data


class BadEntryError(ValueError):
    """A stream entry that is not a packed entry of a version this program knows."""


class EntryBuilder:
    """Collects the facts of one partition and packs them into one entry."""

    __slots__ = ("_entities", "_ids", "_shape_of", "_shapes", "_times")

    def __init__(self) -> None:
        self._shapes: dict[Shape, int] = {}
        self._shape_of: list[int] = []
        self._entities: list[bytes] = []
        self._times: list[int] = []
        self._ids: list[str] = []

    def add(self, shape: Shape, entity: bytes, time: int, event_id: str) -> None:
        """Add one fact; `time` in nanoseconds since the epoch, `entity` the 16-byte pseudonym."""
        shapes = self._shapes
        self._shape_of.append(shapes.setdefault(shape, len(shapes)))
        self._entities.append(entity)
        self._times.append(time)
        self._ids.append(event_id)

    def __len__(self) -> int:
        return len(self._shape_of)

    def pack(self) -> bytes:
        columns = [VERSION, list(self._shapes), self._shape_of, b"".join(self._entities), self._times, self._ids]
        packed: bytes = msgpack.packb(columns)
        return packed


class Entry(NamedTuple):
    """An unpacked entry; fact i has shape `shapes[shape_of[i]]`, `times[i]`, `ids[i]` and 16 bytes of `entities`."""

    shapes: list[Shape]
    shape_of: list[int]
    entities: bytes
    times: list[int]
    ids: list[str]

    def facts(self) -> Iterator[tuple[Shape, bytes, int, str]]:
        """Each fact as (shape, entity, time, id)."""
        for position, number in enumerate(self.shape_of):
            start = position * ENTITY_BYTES
            entity = self.entities[start : start + ENTITY_BYTES]
            yield self.shapes[number], entity, self.times[position], self.ids[position]


def unpack_entry(packed: bytes) -> Entry:
    """The entry `packed` holds.

    Raises:
        BadEntryError: not msgpack, another version, or columns that do not fit together.
    """
    try:
        version, shapes, shape_of, entities, times, ids = msgpack.unpackb(packed)
        if version != VERSION:
            raise BadEntryError(f"version {version!r} is not {VERSION}")
        entry = Entry([_shape(*shape) for shape in shapes], shape_of, entities, times, ids)
        _check_types(entry)
        complete = len(shape_of) == len(times) == len(ids) and len(entities) == ENTITY_BYTES * len(times)
        if not complete or (shape_of and not 0 <= min(shape_of) <= max(shape_of) < len(shapes)):
            raise BadEntryError("the columns do not fit together")
    except BadEntryError:
        raise
    except Exception as error:
        raise BadEntryError(f"not a packed entry: {error}") from error
    return entry


def _check_types(entry: Entry) -> None:
    shapes, shape_of, entities, times, ids = entry
    texts = {type(text) for shape in shapes for text in (shape.type, shape.role, *(name for name, _ in shape.data))}
    values = {type(value) for shape in shapes for _, value in shape.data}
    numbers = {*map(type, shape_of), *map(type, times)}
    if not (texts | {*map(type, ids)} <= {str} and values <= {str, bool} and numbers <= {int}):
        raise BadEntryError("a column holds what it should not")
    if type(entities) is not bytes:
        raise BadEntryError("the entities are not bytes")


def _shape(name: str, role: str, data: list[tuple[str, str | bool]]) -> Shape:
    return Shape(name, role, tuple((key, value) for key, value in data))
