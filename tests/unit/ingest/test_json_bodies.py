"""JSON bodies: what cannot be kept is one event's fault, what is no JSON the whole request's."""

import contextlib
import json
import time
from typing import Any

import pytest

from services.ingest.json_bodies import Unreadable, parse_event, parse_events
from services.ingest.rejections import RequestRefusedError

MOST = 1000

UNREADABLE = [
    b'{"id": "a", "x": "\\udfff"}',
    b'{"id": "a", "x": "\\ud800 \\ud800"}',
    b'{"id": "a", "x": ' + b"9" * 5000 + b"}",
    b'{"id": "a", "x": -' + b"9" * 5000 + b"}",
    b'{"id": "a", "x": ' + b"[" * 300 + b"]" * 300 + b"}",
    b'{"id": "a", "x": ' + b'{"y":' * 300 + b"1" + b"}" * 300 + b"}",
]
TOO_DEEP = [b"[" * 5000 + b'"]\\"["' + b"]" * 5000, b'{"x": ' + b'["a", {"y":' * 5000 + b"1" + b"}]" * 5000 + b"}"]


def refused(body: bytes) -> str:
    with pytest.raises(RequestRefusedError) as caught:
        parse_events(body, MOST)
    assert caught.value.status == 400
    return str(caught.value)


@pytest.mark.parametrize("event", [*UNREADABLE, *TOO_DEEP])
def test_an_event_that_cannot_be_kept_leaves_the_others(event: bytes) -> None:
    found = parse_events(b'[ {"id": "before"},' + event + b' , {"id": "after"} ] ', MOST)
    assert [found[0], found[2]] == [{"id": "before"}, {"id": "after"}]
    assert isinstance(found[1], Unreadable)
    assert isinstance(parse_event(b" " + event), Unreadable)


@pytest.mark.parametrize("event", UNREADABLE)
def test_its_attributes_are_told_as_far_as_they_can_be_read(event: bytes) -> None:
    (found,) = parse_events(b"[" + event + b"]", MOST)
    assert found.attributes == {"id": "a"}
    body = b'{"id": 7, "subject": "\\ud800", "time": "now", "data": {}, "type": "\\u0000"}'
    (found,) = parse_events(b"[" + body + b"]", MOST)
    assert found.attributes == {"time": "now"}


@pytest.mark.parametrize(
    "rest",
    [b"", b",", b",]", b", 7", b"] 7", b"]]", b", NaN]", b", -Infinity]", b', "\n"]', b', "\xff"]', b", 01]", b", {]"],
)
def test_what_is_not_json_is_refused_whatever_else_is_wrong(rest: bytes) -> None:
    assert "not JSON" in refused(b'["\\udfff"' + rest)


@pytest.mark.parametrize("body", [b"{}", b'"\\udfff"', b'{"x": "\\udfff"}', b"7", b"null"])
def test_a_batch_is_an_array(body: bytes) -> None:
    assert refused(body)


def test_more_events_than_allowed_are_not_looked_at() -> None:
    body = b'["\\udfff"' + b", 0" * 2 * MOST + b"]"
    assert len(parse_events(body, MOST)) == MOST + 1


def test_a_byte_order_mark_is_ignored() -> None:
    mark = b"\xef\xbb\xbf"
    assert parse_event(mark + b'{"id": "a"}') == {"id": "a"}
    assert parse_events(mark + b"[1]", MOST) == [1]
    assert parse_events(mark + b'[1, "\\udfff"]', MOST)[0] == 1


DEEP = b"[" * 2000
HOSTILE = {
    "brackets": b"[" * 1_000_000,
    "an unclosed text of quotes": b"[" + DEEP + b'"' + b'\\"' * 500_000,
    "a backslash at the end": b"[" + DEEP + b'"' + b'\\"' * 500_000 + b"\\",
    "many texts": b"[" + DEEP + b'"a",' * 250_000,
    "many deep events": b"[" + b",".join([b"[" * 1200 + b"]" * 1200] * 400) + b"]",
    "many bad events": b"[" + b",".join([b'"\\udfff"'] * 100_000) + b"]",
    "spaces": b'["\\udfff"' + b" " * 1_000_000 + b"x]",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_megabyte_is_read_in_time_linear_in_its_bytes(kind: str) -> None:
    def seconds(body: bytes) -> float:
        began = time.thread_time()
        with contextlib.suppress(RequestRefusedError):
            parse_events(body, MOST)
        return time.thread_time() - began

    assert seconds(HOSTILE[kind]) < 5


@pytest.mark.parametrize("value", [None, True, 1.5, "bài", [1, {"a": None}], {"a": {"b": []}}])
def test_everything_else_is_as_the_standard_library_reads_it(value: Any) -> None:
    assert parse_event(json.dumps(value).encode()) == value
    assert parse_events(json.dumps(["\ud800", value]).encode(), MOST)[1] == value
