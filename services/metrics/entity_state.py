"""What is known of one entity, and how an event changes it. Pure.

`merge` is commutative, associative and idempotent: first times are minima, the latest begin and end win by (time,
id, data). So any order, repetition or batching of an entity's events ends in the same state.
"""

from enum import IntEnum
from functools import partial
from typing import Any, NamedTuple

import msgpack

Values = tuple[str | bool, ...]
"""The values of an event's counted attributes, in name order."""


class Part(IntEnum):
    """What an event does to its entity."""

    BEGIN = 0
    STEP = 1
    END = 2


class Mark(NamedTuple):
    """A begin or end event, ordered by instant (nanoseconds), then id, then values."""

    time: int
    id: str
    values: Values


class State(NamedTuple):
    """First begin and first step as instants, latest begin and latest end as marks; None where there was none."""

    first: int | None = None
    begin: Mark | None = None
    end: Mark | None = None
    step: int | None = None


UNKNOWN = State()

make_mark = partial(tuple.__new__, Mark)
"""A Mark of a tuple of its fields, at half the cost of calling the class: every fact needs one."""

_make_state = partial(tuple.__new__, State)
_pack = msgpack.Packer().pack


def merge(state: State, part: Part, mark: Mark) -> State:
    """`state` after one more event; the same object where it changes nothing."""
    first, begin, end, step = state
    if part is Part.BEGIN:
        if begin is None or first is None:
            return _make_state((mark.time, mark, end, step))
        if mark.time < first:
            return State(mark.time, begin, end, step)
        return State(first, mark, end, step) if mark > begin else state
    if part is Part.STEP:
        return State(first, begin, end, mark.time) if step is None or mark.time < step else state
    return State(first, begin, mark, step) if end is None or mark > end else state


def pack_state(state: State) -> bytes:
    """A state as msgpack: the mark alone where the entity has only begun once, which most have."""
    first, begin, end, step = state
    packed: bytes = _pack(begin if end is None and step is None and begin and begin.time == first else state)
    return packed


def unpack_state(packed: bytes | None) -> State:
    """The state `pack_state` wrote; UNKNOWN for None."""
    if packed is None:
        return UNKNOWN
    parts: tuple[Any, ...] = msgpack.unpackb(packed, use_list=False)
    if len(parts) == len(Mark._fields):
        return State(parts[0], make_mark(parts))
    first, begin, end, step = parts
    return State(first, begin and Mark(*begin), end and Mark(*end), step)
