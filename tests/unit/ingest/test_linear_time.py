"""No request costs more than its bytes: sixteen times as many take about sixteen times as long, whatever they hold."""

import gc
import json
import time
import tracemalloc
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.admission import Admission, LoggedEvent
from services.ingest.dead_letter_content import ContentFilter
from services.ingest.dead_letters import DeadLetterRecord
from services.ingest.http_binding import BATCH, JSON_SUFFIX, STRUCTURED
from services.ingest.ingestion import Ingestion
from services.ingest.instruments import Instruments
from services.ingest.pseudonyms import Pseudonymiser
from shared.domain.errors import PulseError
from tests.support.clock import FakeClock
from tests.support.sample_events import NOW, catalogue, event, key

SMALL, TIMES = 4_096, 16
WORST = 4.0
"""Times as long per byte that the larger request may take: what is quadratic takes sixteen times as long."""

ROUNDS = 8
"""Only what is slower per byte in every round counts: another process may have had the machine in some of them."""


class _Publisher:
    async def publish(self, events: Sequence[LoggedEvent], dead_letters: Sequence[DeadLetterRecord]) -> None:
        pass


PSEUDONYMISE = Pseudonymiser(b"secret")
INGESTION: Any = Ingestion(
    Admission(catalogue()),
    PSEUDONYMISE,
    ContentFilter(catalogue(), PSEUDONYMISE),
    _Publisher(),  # type: ignore[arg-type]
    Instruments(),
    FakeClock(NOW),
    max_events=1000,
)
KEY = key()


class Sent(NamedTuple):
    """A request's headers and body."""

    headers: list[tuple[str, str]]
    body: bytes


def seconds(sent: Sent) -> float:
    """The processor's time that ingesting it takes, refused or not."""
    began = time.thread_time()
    coroutine = INGESTION.ingest(sent.headers, sent.body, KEY)
    try:
        coroutine.send(None)
    except (StopIteration, PulseError):
        return time.thread_time() - began
    raise AssertionError("something waited")


def slower_per_byte(small: Sent, large: Sent) -> float:
    """How many times as long a byte of the larger takes, in the round where that was least."""
    least = float("inf")
    for _ in range(ROUNDS):
        spent = min(seconds(small), seconds(small))
        least = min(least, seconds(large) / max(spent, 1e-6) / TIMES)
        if least < WORST:
            break
    return least


PARTS = st.recursive(
    st.sampled_from(["a", "aaaaaa", "%", "%41", '\\"', "\u00e0", "account-000001", 1, -1.5e300, "9" * 300, None, True]),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


CHANGES = st.sampled_from([{}, {"subject": "aaaaaa"}, {"subject": ["aaaaaa", 7]}, {"source": "nobody"}])


def of_length(part: Any, length: int, joined: bool) -> Any:
    """A list of different values, or one text, about `length` bytes long, made of `part`."""
    text = json.dumps(part, ensure_ascii=False)
    if joined:
        return text * (length // len(text))
    return [f"{index:06}{part}" if isinstance(part, str) else part for index in range(length // (len(text) + 8))]


@pytest.mark.parametrize("place", [*event(), "x", "data_base64", "names", "events"])
@settings(max_examples=6, deadline=None)
@given(part=PARTS, joined=st.booleans(), batch=st.booleans(), changes=CHANGES)
def test_any_event(place: str, part: Any, joined: bool, batch: bool, changes: dict[str, Any]) -> None:
    def sent(length: int) -> Sent:
        long = of_length(part, length, joined)
        made: dict[str, Any] = event(data={"unit": "hanoi"}) | changes
        made |= {f"{index}{part}": index for index in range(length // 40)} if place == "names" else {place: long}
        value = [made | {place: part}] * (length // 200) if place == "events" else [made] if batch else made
        media_type = BATCH if isinstance(value, list) else STRUCTURED
        return Sent([("content-type", media_type + JSON_SUFFIX)], json.dumps(value).encode())

    assert slower_per_byte(sent(SMALL), sent(SMALL * TIMES)) < WORST


def test_an_event_whose_subject_is_many_texts() -> None:
    def sent(length: int) -> Sent:
        body = json.dumps(event(subject=of_length("aaaaaa", length, joined=False))).encode()
        return Sent([("content-type", STRUCTURED + JSON_SUFFIX)], body)

    assert slower_per_byte(sent(SMALL), sent(SMALL * TIMES)) < WORST


@settings(max_examples=30, deadline=None)
@given(
    name=st.sampled_from(["content-type", "ce-subject", "ce-id", "ce-time", "ce-x", "ce-datacontenttype"]),
    part=st.text(st.characters(max_codepoint=255), min_size=1, max_size=4)
    | st.sampled_from([";", "=", '"', "\\", '\\"', "%", "%4", "%C3%A0", "a;charset="]),
    quoted=st.booleans(),
    several=st.booleans(),
)
def test_any_header(name: str, part: str, quoted: bool, several: bool) -> None:
    def sent(length: int) -> Sent:
        number = length // len(part)
        if several:
            return Sent([("ce-id", "1")] + [(f"{name}{index}", part) for index in range(length // 20)], b"{}")
        return Sent([("ce-id", "1"), (name, f'"{part * number}"' if quoted else part * number)], b"{}")

    assert slower_per_byte(sent(SMALL), sent(SMALL * TIMES)) < WORST


@pytest.mark.parametrize("body", [b"[" * SMALL, b'{"a":' * SMALL, b"9" * SMALL, b'"\\u00e0' * SMALL])
def test_what_is_hardly_json(body: bytes) -> None:
    headers = [("content-type", BATCH + JSON_SUFFIX)]
    assert slower_per_byte(Sent(headers, body), Sent(headers, body * TIMES)) < WORST


def test_nothing_is_kept_of_a_rejected_event() -> None:
    """A cycle would be collected much later: of batches of a megabyte hundreds would stay."""
    value = "x" * 100_000
    sent = Sent([("content-type", BATCH + JSON_SUFFIX)], json.dumps([event(data={"unit": value})] * 9).encode())
    seconds(sent)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(5):
            seconds(sent)
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()
        gc.enable()
