"""Packed entries: what goes in comes out, and what is no entry is refused as a whole."""

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.log.codec import VERSION, BadEntryError, EntryBuilder, EventShape, UnknownVersionError, unpack_entry

TEXT = st.text(max_size=20)
SHAPES = st.builds(
    EventShape,
    TEXT,
    st.sampled_from(["reporting", "record"]),
    st.lists(st.tuples(TEXT, TEXT | st.booleans())).map(tuple),
)
EVENTS = st.lists(st.tuples(SHAPES, st.binary(min_size=16, max_size=16), st.integers(0, 2**63 - 1), TEXT), max_size=20)


def pack(events: list[tuple[EventShape, bytes, int, str]]) -> bytes:
    builder = EntryBuilder()
    for event in events:
        builder.add(*event)
    assert len(builder) == len(events)
    return builder.pack()


@given(events=EVENTS)
def test_events_come_back_as_they_went_in(events: list[tuple[EventShape, bytes, int, str]]) -> None:
    assert list(unpack_entry(pack(events)).events()) == events


def test_a_shape_is_packed_once() -> None:
    shape = EventShape("account.opened", "reporting", (("unit", "an-nhon"),))
    entry = unpack_entry(pack([(shape, bytes(16), n, "") for n in range(100)]))
    assert entry.shapes == [shape]


@given(packed=st.binary(max_size=60))
def test_other_bytes_are_refused(packed: bytes) -> None:
    with pytest.raises((BadEntryError, UnknownVersionError)):
        unpack_entry(packed)


@given(events=EVENTS, cut=st.integers(0, 400))
def test_an_entry_cut_short_is_refused(events: list[tuple[EventShape, bytes, int, str]], cut: int) -> None:
    packed = pack(events)
    with pytest.raises(BadEntryError):
        unpack_entry(packed[: cut % len(packed)])


SHAPE = msgpack.packb(["account.opened", "reporting", []])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([VERSION, [SHAPE], [0], bytes(15), [1], ["a"]], "columns"),
        ([VERSION, [SHAPE], [0, 0], bytes(32), [1], ["a", "b"]], "columns"),
        ([VERSION, [SHAPE], [1], bytes(16), [1], ["a"]], "columns"),
        ([VERSION, [SHAPE], [-1], bytes(16), [1], ["a"]], "columns"),
        ([VERSION, [msgpack.packb(["account.opened"])], [0], bytes(16), [1], ["a"]], "not a packed entry"),
        ([VERSION, [SHAPE], [0], bytes(16), ["1"], ["a"]], "column"),
        ([VERSION, [SHAPE], [True], bytes(16), [1], ["a"]], "column"),
        ([VERSION, [SHAPE], [0], bytes(16), [1], [b"a"]], "column"),
        ([VERSION, [msgpack.packb(["x", "y", [["n", 1]]])], [0], bytes(16), [1], ["a"]], "strings"),
        ([VERSION], "not a packed entry"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns: list[object], message: str) -> None:
    with pytest.raises(BadEntryError, match=message):
        unpack_entry(msgpack.packb(columns))


def test_an_entry_of_another_release_is_not_passed_over_as_garbage() -> None:
    with pytest.raises(UnknownVersionError, match=f"format {VERSION + 1}"):
        unpack_entry(msgpack.packb([VERSION + 1, [SHAPE], [0], bytes(16), [1], ["a"]]))
