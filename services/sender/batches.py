"""Batches: a run of events cut into request bodies within ingest's limits."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]
"""A CloudEvent in structured JSON form."""


ID_LENGTH = 40


def identified(event: Event, secret: str) -> Event:
    """`event` with an id made of all that it says, under `secret`.

    The same statement is the same event whenever it is made, and nobody without the secret can try out subjects.
    """
    content = json.dumps(event, sort_keys=True, ensure_ascii=False).encode()
    return event | {"id": hmac.digest(secret.encode(), content, hashlib.sha256).hex()[:ID_LENGTH]}


@dataclass(frozen=True)
class Limits:
    """At most this many events and bytes per request, and requests in flight at once."""

    events: int = 500
    bytes: int = 1_048_576
    in_flight: int = 4


@dataclass(frozen=True)
class Batch:
    """Consecutive events, each encoded; `first` is the index of the first of them in the whole run."""

    first: int
    encoded: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        """The `application/cloudevents-batch+json` of the request."""
        return b"[" + b",".join(self.encoded) + b"]"

    @property
    def end(self) -> int:
        """The index after the last event."""
        return self.first + len(self.encoded)

    def halves(self) -> tuple["Batch", "Batch"]:
        """The same events as two batches; needs two events or more."""
        middle = len(self.encoded) // 2
        return (
            Batch(self.first, self.encoded[:middle]),
            Batch(self.first + middle, self.encoded[middle:]),
        )


def encode(event: Event) -> bytes:
    """One event as JSON."""
    return json.dumps(event, separators=(",", ":"), allow_nan=False).encode()


def cut(events: Iterable[Event], limits: Limits, first: int = 0) -> Iterator[Batch]:
    """Batches of `events`, the first of which has index `first`.

    An event that alone is over the limit of bytes goes alone: ingest says what is wrong with it.
    """
    encoded: list[bytes] = []
    size = 1
    for event in events:
        part = encode(event)
        if encoded and (len(encoded) == limits.events or size + len(part) + 1 > limits.bytes):
            yield Batch(first, tuple(encoded))
            first += len(encoded)
            encoded, size = [], 1
        encoded.append(part)
        size += len(part) + 1
    if encoded:
        yield Batch(first, tuple(encoded))
