"""Waiting for the counters: for what the log held when it was asked, and no longer."""

import pytest

from services.metrics.freshness import wait_until_counted
from services.metrics.partition_store import Checkpoint
from shared.domain.errors import UnavailableError
from tests.support.in_memory_store import InMemoryPartitionStore

RULES = "rules in force"


class BusyStore(InMemoryPartitionStore):
    """A store that counts one entry, and gets one more, whenever its checkpoint is read."""

    async def checkpoint(self) -> Checkpoint:
        before = await super().checkpoint()
        self.append(b"one more")
        [entry] = await self.entries(before.entry_id, await self.last_id(), 1)
        await self.commit(before, [entry], RULES, {}, {})
        return await super().checkpoint()


async def test_what_comes_meanwhile_is_not_waited_for() -> None:
    store = BusyStore("outreach", 0)
    for _ in range(3):
        store.append(b"an entry")
    await wait_until_counted([store], RULES, within=5)
    assert (await store.progress())[0] > 0


async def test_a_backlog_and_other_rules_are_said() -> None:
    store = InMemoryPartitionStore("outreach", 0)
    store.append(b"an entry")
    with pytest.raises(UnavailableError, match="still counting, 1 entries wait"):
        await wait_until_counted([store], RULES, within=0)
    await store.commit(await store.checkpoint(), store.log, "other rules", {}, {})
    with pytest.raises(UnavailableError, match="recounted for another catalogue"):
        await wait_until_counted([store], RULES, within=0)
