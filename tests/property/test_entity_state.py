"""What the exact counts rest on: merging is order-free and idempotent, and what is packed comes back as it was."""

import contextlib
from functools import reduce
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.metrics.entity_state import EMPTY, Phase, Register, State, merge, pack_state, unpack_state
from shared.log.codec import (
    DIGEST_BYTES,
    ENTITY_BYTES,
    BadEntryError,
    EntryBuilder,
    EventShape,
    PackedEvent,
    SendingKey,
    UnknownVersionError,
    unpack_entry,
)

INSTANTS = st.integers(0, 3) | st.integers(1_640_970_000_000_000_000, 4_000_000_000_000_000_000)
VALUES = st.tuples(st.sampled_from(("online", "counter")), st.booleans(), st.sampled_from(("an-nhon", "military")))
REGISTERS = st.builds(
    Register,
    INSTANTS,
    st.sampled_from((0, 1, -1, 4_000_000_000_000_000_000)),
    st.sampled_from((b"digest 1", b"digest 2")),
    VALUES,
    st.sampled_from((b"", b"key1", b"key2")),
)
CHANGES = st.tuples(st.sampled_from(Phase), REGISTERS)
HISTORIES = st.lists(CHANGES, max_size=8)


def after(history: list[tuple[Phase, Register]], state: State = EMPTY) -> State:
    return reduce(lambda known, change: merge(known, *change), history, state)


@given(HISTORIES, CHANGES, CHANGES)
def test_two_events_may_come_in_either_order(
    history: list[tuple[Phase, Register]], one: tuple[Phase, Register], other: tuple[Phase, Register]
) -> None:
    state = after(history)
    assert after([one, other], state) == after([other, one], state)


@given(HISTORIES, HISTORIES)
def test_what_is_known_already_changes_nothing(
    history: list[tuple[Phase, Register]], later: list[tuple[Phase, Register]]
) -> None:
    state = after(history + later)
    for change in history:
        assert merge(state, *change) is state


@given(st.lists(CHANGES, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_any_order_ends_in_one_state(history: list[tuple[Phase, Register]], random: Random) -> None:
    shuffled = history + random.sample(history, len(history) // 2)
    random.shuffle(shuffled)
    assert after(shuffled) == after(history)


@given(HISTORIES)
def test_a_packed_state_comes_back(history: list[tuple[Phase, Register]]) -> None:
    state = after(history)
    assert unpack_state(pack_state(state)) == state
    assert unpack_state(None) == EMPTY


SHAPES = st.builds(
    EventShape,
    st.sampled_from(("account.opened", "dossier.filed")),
    st.sampled_from(("reporting", "record")),
    st.tuples(st.tuples(st.just("supported"), st.booleans()), st.tuples(st.just("unit"), st.text(max_size=5))),
)
EVENTS = st.builds(
    PackedEvent,
    SHAPES,
    st.binary(min_size=ENTITY_BYTES, max_size=ENTITY_BYTES),
    INSTANTS,
    st.integers(-(2**62), 2**62),
    st.binary(min_size=DIGEST_BYTES, max_size=DIGEST_BYTES),
    st.builds(SendingKey, st.text(max_size=5), st.booleans()),
)


@given(st.lists(EVENTS, max_size=12))
def test_a_packed_entry_comes_back(events: list[PackedEvent]) -> None:
    builder = EntryBuilder()
    for event in events:
        builder.add(*event)
    assert list(unpack_entry(builder.pack()).events()) == events
    assert len(builder) == len(events)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_entry_are_called_so(packed: bytes) -> None:
    with contextlib.suppress(BadEntryError, UnknownVersionError):
        unpack_entry(packed)


@given(st.lists(EVENTS, min_size=1, max_size=4), st.data())
def test_a_damaged_entry_is_called_so_or_still_has_whole_events(events: list[PackedEvent], data: st.DataObject) -> None:
    builder = EntryBuilder()
    for event in events:
        builder.add(*event)
    packed = bytearray(builder.pack())
    packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = list(unpack_entry(bytes(packed)).events())
    except (BadEntryError, UnknownVersionError):
        return
    for event in found:
        assert isinstance(hash(event.shape), int)
        assert isinstance(hash(event.key), int)
        assert (type(event.entity), len(event.entity), len(event.digest)) == (bytes, ENTITY_BYTES, DIGEST_BYTES)
        assert (type(event.time), type(event.recorded_after)) == (int, int)
