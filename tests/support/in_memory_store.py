"""A partition store in memory, for property tests; its suite is tests/integration/test_partition_store.py."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from services.metrics.counting import CounterKey, Deltas, StateKey, States
from services.metrics.entity_state import pack_state, unpack_state
from services.metrics.partition_store import START, Checkpoint, Counters, LogEntry, Version, id_order
from shared.log.keys import stream_key


class InMemoryPartitionStore:
    """One partition of one stream; reading and committing let other tasks go first, as the way to Redis does."""

    def __init__(self, stream: str, partition: int) -> None:
        self.stream = stream
        self.key = stream_key(stream, partition)
        self.log: list[LogEntry] = []
        self.states: dict[StateKey, dict[bytes, bytes]] = defaultdict(dict)
        self.counts: Deltas = {}
        self._checkpoint = Checkpoint(START, None)

    def append(self, packed: bytes) -> None:
        self.log.append(LogEntry(f"{len(self.log) + 1}-0", packed))

    async def entries(self, after: str, until: str, count: int) -> list[LogEntry]:
        return [entry for entry in self.log if id_order(after) < id_order(entry.id) <= id_order(until)][:count]

    async def last_id(self) -> str:
        return self.log[-1].id if self.log else START

    async def age_after(self, entry_id: str) -> float:
        """0: entries have no time here."""
        return 0.0

    async def is_whole(self) -> bool:
        """True: no entry is ever deleted here."""
        return True

    async def checkpoint(self) -> Checkpoint:
        return self._checkpoint

    async def read(self, wanted: Mapping[StateKey, Collection[bytes]]) -> tuple[Checkpoint, States]:
        await asyncio.sleep(0)
        states = {
            key: {entity: unpack_state(self.states[key][entity]) for entity in entities if entity in self.states[key]}
            for key, entities in wanted.items()
        }
        return self._checkpoint, states

    async def commit(
        self, seen: Checkpoint, batch: Sequence[LogEntry], fingerprint: str, states: States, deltas: Deltas
    ) -> bool:
        await asyncio.sleep(0)
        if seen.entry_id != self._checkpoint.entry_id or self._checkpoint.fingerprint not in (None, fingerprint):
            return False
        for key, entities in states.items():
            self.states[key] |= {entity: pack_state(state) for entity, state in entities.items()}
        for counter, change in deltas.items():
            self.counts[counter] = self.counts.get(counter, 0) + change
        self._checkpoint = Checkpoint(batch[-1].id, fingerprint)
        return True

    async def load(self) -> Counters:
        counts: dict[CounterKey, dict[int, int]] = {}
        for (key, day), count in self.counts.items():
            counts.setdefault(key, {})[day] = count
        return Counters(Version(self._checkpoint.entry_id, 0), counts)

    async def progress(self) -> tuple[int, str]:
        counted = self._checkpoint.entry_id
        return len([entry for entry in self.log if id_order(entry.id) > id_order(counted)]), counted

    async def pages(self, key: StateKey, count: int) -> AsyncIterator[dict[bytes, bytes]]:
        yield dict(self.states[key])
