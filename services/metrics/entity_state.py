"""Entity state: a state-based CRDT of two last-writer-wins registers and two min-registers, and its merge. Pure.

`merge` is commutative, associative and idempotent: first times are minima, the latest begin and end win by (time,
id, data). So any order, repetition or batching of an entity's events ends in the same state.
"""

from enum import IntEnum
from functools import partial
from typing import Any, NamedTuple

import msgpack

Values = tuple[str | bool, ...]
"""The values of an event's counted attributes, in name order."""


class Phase(IntEnum):
    """What an event does to its entity."""

    BEGIN = 0
    STEP = 1
    END = 2


class Register(NamedTuple):
    """A begin or end event, ordered by instant (nanoseconds), then id, then values."""

    time: int
    id: str
    values: Values


class State(NamedTuple):
    """First begin and first step as instants, latest begin and latest end as registers; None where there was none."""

    first: int | None = None
    begin: Register | None = None
    end: Register | None = None
    step: int | None = None


EMPTY = State()

make_register = partial(tuple.__new__, Register)
"""A Register of a tuple of its fields, at half the cost of calling the class: every event needs one."""

_make_state = partial(tuple.__new__, State)
_pack = msgpack.Packer().pack


def merge(state: State, phase: Phase, register: Register) -> State:
    """`state` after one more event; the same object where it changes nothing."""
    first, begin, end, step = state
    if phase is Phase.BEGIN:
        if begin is None or first is None:
            return _make_state((register.time, register, end, step))
        if register.time < first:
            return State(register.time, begin, end, step)
        return State(first, register, end, step) if register > begin else state
    if phase is Phase.STEP:
        return State(first, begin, end, register.time) if step is None or register.time < step else state
    return State(first, begin, register, step) if end is None or register > end else state


def pack_state(state: State) -> bytes:
    """A state as msgpack: the register alone where the entity has only begun once, which most have."""
    first, begin, end, step = state
    packed: bytes = _pack(begin if end is None and step is None and begin and begin.time == first else state)
    return packed


def unpack_state(packed: bytes | None) -> State:
    """The state `pack_state` wrote; EMPTY for None."""
    if packed is None:
        return EMPTY
    parts: tuple[Any, ...] = msgpack.unpackb(packed, use_list=False)
    if len(parts) == len(Register._fields):
        return State(parts[0], make_register(parts))
    first, begin, end, step = parts
    return State(first, begin and Register(*begin), end and Register(*end), step)
