"""Partition store: the log, entity states, counters and checkpoint of one partition, and how they change together.

The checkpoint is the version of all the rest: a commit succeeds only while it is where the reader saw it, and moves it
together with states and counters. So there is nothing to acknowledge, and a second consumer loses harmlessly.
Crash points: docs/decisions/0003-one-commit.md.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from services.metrics.counting import CounterKey, Deltas, StateKey, States

START = "0-0"
"""The checkpoint of a partition of which nothing is counted."""


class LogEntry(NamedTuple):
    """A log entry: its id, its packed events, and the requests they came with where these are traced."""

    id: str
    packed: bytes
    traceparents: tuple[str, ...] = ()


class Checkpoint(NamedTuple):
    """The last entry counted (START for none) and the fingerprint of the rules it was counted by (None for none)."""

    entry_id: str
    fingerprint: str | None


class Version(NamedTuple):
    """What tells one content of the counters from any other: the last entry counted, and the number of rebuilds."""

    entry_id: str
    generation: int


class Counters(NamedTuple):
    """All counters of a partition as of one instant: counter -> day number -> count."""

    version: Version
    counts: dict[CounterKey, dict[int, int]]


def id_order(entry_id: str) -> tuple[int, int]:
    """A stream id as what it sorts by."""
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence)


class Log(Protocol):
    """The entries of one partition, which are only ever added to."""

    stream: str
    key: str

    async def entries(self, after: str, until: str, count: int) -> list[LogEntry]:
        """At most `count` entries after one id, up to and with another."""

    async def last_id(self) -> str:
        """The id of the log's last entry, START where there is none."""

    async def age_after(self, entry_id: str) -> float:
        """Seconds since the first entry after `entry_id` was added, by the store's clock; 0 without one."""

    async def is_whole(self) -> bool:
        """Whether the log still has every entry ever added, so that it can be recounted."""


class PartitionStore(Log, Protocol):
    """What counting reads and commits; an implementation holds no state of its own beside the stored."""

    async def checkpoint(self) -> Checkpoint:
        """Where the counters stand."""

    async def read(self, wanted: Mapping[StateKey, Collection[bytes]]) -> tuple[Checkpoint, States]:
        """The checkpoint, and the states of those of `wanted` that have one, as of one instant."""

    async def commit(
        self, seen: Checkpoint, batch: Sequence[LogEntry], fingerprint: str, states: States, deltas: Deltas
    ) -> bool:
        """Write states and counters and move the checkpoint past `batch`.

        False, and nothing is written, where the checkpoint is no longer at `seen`, or where the counters were made by
        rules of another fingerprint.
        """

    async def load(self) -> Counters:
        """Every counter."""

    async def progress(self) -> tuple[int, str]:
        """How many entries of the log wait to be counted, and the last one counted."""

    def pages(self, key: StateKey, count: int) -> AsyncIterator[dict[bytes, bytes]]:
        """All packed states of a key, about `count` at a time; one that changes meanwhile comes before or after."""
