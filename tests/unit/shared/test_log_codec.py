"""Packed entries: what goes in comes out, and what is no entry is refused as a whole."""

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.log.codec import (
    UNKNOWN_KEY,
    VERSION,
    BadEntryError,
    EntryBuilder,
    EventShape,
    PackedEvent,
    SendingKey,
    UnknownVersionError,
    unpack_entry,
)

TEXT = st.text(max_size=20)
SHAPES = st.builds(
    EventShape,
    TEXT,
    st.sampled_from(["reporting", "record"]),
    st.lists(st.tuples(TEXT, TEXT | st.booleans())).map(tuple),
)
KEYS = st.builds(SendingKey, TEXT, st.booleans())
INSTANTS = st.integers(0, 2**63 - 1)
ENTITIES = st.binary(min_size=16, max_size=16)
DIGESTS = st.binary(min_size=8, max_size=8)
EVENTS = st.lists(st.builds(PackedEvent, SHAPES, ENTITIES, INSTANTS, INSTANTS, DIGESTS, KEYS), max_size=20)


def pack(events: list[PackedEvent]) -> bytes:
    builder = EntryBuilder()
    for event in events:
        builder.add(*event)
    assert len(builder) == len(events)
    return builder.pack()


@given(events=EVENTS)
def test_events_come_back_as_they_went_in(events: list[PackedEvent]) -> None:
    assert list(unpack_entry(pack(events)).events()) == events


def test_a_shape_is_packed_once() -> None:
    shape = EventShape("account.opened", "reporting", (("unit", "an-nhon"),))
    key = SendingKey("office", False)
    packed = pack([PackedEvent(shape, bytes(16), 10**18 + n, 0, bytes(8), key) for n in range(100)])
    entry = unpack_entry(packed)
    assert (entry.shapes, entry.keys) == ([shape], [key])
    assert len(packed) / 100 < 40


@given(packed=st.binary(max_size=60))
def test_other_bytes_are_refused(packed: bytes) -> None:
    with pytest.raises((BadEntryError, UnknownVersionError)):
        unpack_entry(packed)


@given(events=EVENTS, cut=st.integers(0, 400))
def test_an_entry_cut_short_is_refused(events: list[PackedEvent], cut: int) -> None:
    packed = pack(events)
    with pytest.raises(BadEntryError):
        unpack_entry(packed[: cut % len(packed)])


SHAPE = msgpack.packb(["account.opened", "reporting", []])
KEY = ["office", False]


def test_an_entry_of_the_first_format_is_read() -> None:
    """Its ids were stored; what is read of them is a digest, the same each time and another for another id."""
    shapes = [msgpack.packb(["account.opened", "reporting", [["unit", "an-nhon"]]])]
    one, two = unpack_entry(msgpack.packb([1, shapes, [0, 0], bytes(32), [5, 6], ["a", "b"]])).events()
    assert one[:4] == (EventShape("account.opened", "reporting", (("unit", "an-nhon"),)), bytes(16), 5, 0)
    assert (len(one.digest), one.key) == (8, UNKNOWN_KEY)
    assert one.digest != two.digest
    (again,) = unpack_entry(msgpack.packb([1, shapes, [0], bytes(16), [7], ["a"]])).events()
    assert again.digest == one.digest


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([2, [SHAPE], [0], bytes(15), [1], [0], bytes(8), [KEY], []], "columns"),
        ([2, [SHAPE], [0, 0], bytes(32), [1], [0], bytes(16), [KEY], []], "columns"),
        ([2, [SHAPE], [0], bytes(16), [1], [], bytes(8), [KEY], []], "columns"),
        ([2, [SHAPE], [0], bytes(16), [1], [0], bytes(7), [KEY], []], "columns"),
        ([2, [SHAPE], [0], bytes(16), [1], [0], bytes(8), [KEY, KEY], []], "columns"),
        ([2, [SHAPE], [0], bytes(16), [1], [0], bytes(8), [KEY], [1]], "columns"),
        ([2, [SHAPE], [0], bytes(16), [1], [0], bytes(8), [["office", 1]], []], "a key"),
        ([2, [SHAPE], [0], bytes(16), [1], ["0"], bytes(8), [KEY], []], "column"),
        ([2, [SHAPE], [0], bytes(16), [1], [0], "12345678", [KEY], []], "not bytes"),
        ([1, [SHAPE], [0], bytes(15), [1], ["a"]], "columns"),
        ([1, [SHAPE], [0, 0], bytes(32), [1], ["a", "b"]], "columns"),
        ([1, [SHAPE], [1], bytes(16), [1], ["a"]], "columns"),
        ([1, [SHAPE], [-1], bytes(16), [1], ["a"]], "columns"),
        ([1, [msgpack.packb(["account.opened"])], [0], bytes(16), [1], ["a"]], "not a packed entry"),
        ([1, [SHAPE], [0], bytes(16), ["1"], ["a"]], "column"),
        ([1, [SHAPE], [True], bytes(16), [1], ["a"]], "column"),
        ([1, [SHAPE], [0], bytes(16), [1], [b"a"]], "column"),
        ([1, [msgpack.packb(["x", "y", [["n", 1]]])], [0], bytes(16), [1], ["a"]], "strings"),
        ([2], "not a packed entry"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: list[object], message: str) -> None:
    with pytest.raises(BadEntryError, match=message):
        unpack_entry(msgpack.packb(columns))


def test_an_entry_of_another_release_is_not_passed_over_as_garbage() -> None:
    with pytest.raises(UnknownVersionError, match=f"format {VERSION + 1}"):
        unpack_entry(msgpack.packb([VERSION + 1, [SHAPE], [0], bytes(16), [1], ["a"]]))
