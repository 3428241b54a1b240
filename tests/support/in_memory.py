"""Ingest and metrics without HTTP and Redis: the same rules, packing and consumer on a ledger held in memory."""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from redis.asyncio import Redis

from services.ingest.admission import Admission, LoggedEvent
from services.ingest.auth import Key
from services.ingest.envelope import validate_event
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.publisher import Write
from services.metrics.counting import Deltas, States, Track
from services.metrics.entity_state import pack_state, unpack_state
from services.metrics.partition_store import START, LogEntry, Position, RedisPartitionStore, Version, order
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import day_of
from shared.runtime.settings import ROOT
from tests.support.recount import Counts, Event

CATALOGUE = load_catalogue(ROOT / "deploy" / "catalogue")
PARTITIONS = 2

_admission = Admission(CATALOGUE)
_pseudonymise = Pseudonymiser(b"only for tests")
_key = Key(name="test", sha256="0" * 64)
_latest = int(dt.datetime(2030, 1, 1, tzinfo=dt.UTC).timestamp()) * 10**9


def entries_of(request: Iterable[Event]) -> dict[tuple[str, int], bytes]:
    """What ingest publishes for one request: (stream, partition) -> packed entry."""
    events = [
        LoggedEvent(_admission.admit(validate_event(event), _key, _latest), _pseudonymise(event["subject"]))
        for event in request
    ]
    write = Write(PARTITIONS)
    write.add(events, [])
    return {place: builder.pack() for place, builder in write.entries.items()}


class InMemoryPartitionStore(RedisPartitionStore):
    """A ledger in a process' memory, with the semantics of scripts.py: a commit stands only at the cursor it read.

    Reading and committing let other tasks go first, as the way to Redis does.
    """

    def __init__(self, stream: str, partition: int) -> None:
        super().__init__(Redis(), stream, partition)
        self.log: list[LogEntry] = []
        self.states: dict[Track, dict[bytes, bytes]] = defaultdict(dict)
        self.counts: Deltas = {}
        self.cursor = START
        self.rules: str | None = None

    def append(self, packed: bytes) -> None:
        self.log.append(LogEntry(f"{len(self.log) + 1}-0", packed))

    async def position(self) -> Position:
        return Position(self.cursor, self.rules)

    async def last_id(self) -> str:
        return self.log[-1].id if self.log else START

    async def entries(self, after: str, until: str, count: int) -> list[LogEntry]:
        return [entry for entry in self.log if order(after) < order(entry.id) <= order(until)][:count]

    async def read(self, wanted: Mapping[Track, Collection[bytes]]) -> tuple[Position, States]:
        await asyncio.sleep(0)
        found = {
            track: {entity: unpack_state(self.states[track].get(entity)) for entity in entities}
            for track, entities in wanted.items()
        }
        return await self.position(), found

    async def commit(
        self, found: Position, batch: Sequence[LogEntry], rules: str, states: States, deltas: Deltas
    ) -> bool:
        await asyncio.sleep(0)
        if found.cursor != self.cursor:
            return False
        for track, entities in states.items():
            self.states[track] |= {entity: pack_state(state) for entity, state in entities.items()}
        for place, change in deltas.items():
            self.counts[place] = self.counts.get(place, 0) + change
        self.cursor, self.rules = batch[-1].id, rules
        return True

    async def load(self) -> tuple[Position, Version, dict[str, dict[int, int]]]:
        counts: dict[str, dict[int, int]] = {}
        for (cell, day), count in self.counts.items():
            counts.setdefault(cell, {})[day] = count
        return await self.position(), f"{self.cursor}/0", counts


def counts_of(ledgers: Iterable[InMemoryPartitionStore]) -> Counts:
    """The counters of all ledgers in the recount's form."""
    total: Counts = defaultdict(int)
    for ledger in ledgers:
        for (cell, day), count in ledger.counts.items():
            role, measure, unit = cell.split("|")
            total[role, measure, unit, day_of(day)] += count
    return {place: count for place, count in total.items() if count}
