"""Batches keep order and both limits."""

import json
from itertools import pairwise

from services.sender.batches import Limits, cut


def test_no_more_events_than_the_limit() -> None:
    batches = list(cut(({"id": str(n)} for n in range(7)), Limits(events=3)))
    assert [(batch.first, batch.end) for batch in batches] == [(0, 3), (3, 6), (6, 7)]
    assert [event["id"] for batch in batches for event in json.loads(batch.body)] == list("0123456")


def test_no_more_bytes_than_the_limit() -> None:
    events = [{"id": "é" * (n % 13)} for n in range(100)]
    batches = list(cut(events, Limits(bytes=120)))
    assert max(len(batch.body) for batch in batches) <= 120
    assert [event for batch in batches for event in json.loads(batch.body)] == events
    together = [len(a.body) + len(b.encoded[0]) + 1 for a, b in pairwise(batches)]
    assert min(together) > 120, "a batch was cut although the next event had room"


def test_an_event_over_the_limit_goes_alone() -> None:
    batches = list(cut([{"id": "a"}, {"id": "x" * 200}, {"id": "b"}], Limits(bytes=100)))
    assert [len(batch.encoded) for batch in batches] == [1, 1, 1]


def test_counting_goes_on_from_the_first_index_given() -> None:
    assert next(cut([{}], Limits(), first=40)).first == 40


def test_halves_hold_the_same_events() -> None:
    batch = next(cut(({"id": n} for n in range(5)), Limits(), first=10))
    left, right = batch.halves()
    assert (left.first, left.end, right.first, right.end) == (10, 12, 12, 15)
    assert left.encoded + right.encoded == batch.encoded
