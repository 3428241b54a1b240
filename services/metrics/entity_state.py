"""Entity state: a state-based CRDT of two last-writer-wins registers and two min-registers, and its merge. Pure.

`merge` is commutative, associative and idempotent: the first begin and step are minima, the latest begin and end
maxima in the order of statements (docs/decisions/0138-order-of-statements.md). So any order, repetition or batching of
an entity's events ends in the same state.
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
    """A begin or end event, ordered as its fields are.

    `time` in nanoseconds since the epoch, `recorded_after` the nanoseconds from it to `recordedtime`, `digest` of the
    event's id; `key` tells keys apart that are limited to some units, and is empty for others.
    """

    time: int
    recorded_after: int
    digest: bytes
    values: Values
    key: bytes


class State(NamedTuple):
    """First begin, latest begin, latest end, and the instant of the first step; None where there was none."""

    first: Register | None = None
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
            return _make_state((register, register, end, step))
        if register < first:
            return State(register, begin, end, step)
        return State(first, register, end, step) if register > begin else state
    if phase is Phase.STEP:
        return State(first, begin, end, register.time) if step is None or register.time < step else state
    return State(first, begin, register, step) if end is None or register > end else state


def ended(begin: Register, end: Register | None) -> bool:
    """Whether the entity's latest begin is over: by an end after it, or said of its very instant."""
    return end is not None and end[:2] >= begin[:2]


def pack_state(state: State) -> bytes:
    """A state as msgpack: the register alone where the entity has only begun once, which most have."""
    first, begin, end, step = state
    once = first == begin
    short = once and begin is not None and end is None and step is None
    packed: bytes = _pack(begin if short else (None if once else first, begin, end, step))
    return packed


def unpack_state(packed: bytes | None) -> State:
    """The state `pack_state` wrote; EMPTY for None."""
    if packed is None:
        return EMPTY
    parts: tuple[Any, ...] = msgpack.unpackb(packed, use_list=False)
    if len(parts) == len(Register._fields):
        begun = make_register(parts)
        return _make_state((begun, begun, None, None))
    first, begin, end, step = parts
    latest = begin and Register(*begin)
    return State(Register(*first) if first else latest, latest, end and Register(*end), step)
