"""Progress says which units, targets and days changed, and that everything may have where that is not known."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

from services.metrics.counting import CounterKey, Deltas
from services.metrics.partition_store import START, Checkpoint, Version
from services.metrics.progress_publisher import MAX_CHANGES, ProgressPublisher
from services.metrics.projection import Changes, CounterProjection
from shared.contracts.metrics import ProgressChanged
from shared.domain.clock import number_of
from tests.support.in_memory_store import InMemoryPartitionStore
from tests.support.notice434 import catalogue

DAY = dt.date(2023, 7, 1)
STORE = InMemoryPartitionStore("outreach", 0)


class Stream:
    """A broker with one publisher, which holds what is published or refuses it."""

    def __init__(self) -> None:
        self.entries: list[ProgressChanged] = []
        self.refusals = 0

    def publisher(self, **_: Any) -> "Stream":
        return self

    async def publish(self, entry: ProgressChanged) -> None:
        if self.refusals:
            self.refusals -= 1
            raise RedisConnectionError("away")
        self.entries.append(entry)


class Projection(CounterProjection):
    """A projection that stands where Redis stands."""

    def __init__(self) -> None:
        read_versions: Any = None
        super().__init__([STORE], read_versions)
        self._versions[STORE.key] = Version(START, 0)
        self._cursor = 0
        self.reloaded = False

    async def refresh(self) -> None:
        """Find that the counters were replaced, if `reloaded` says so."""
        if self.reloaded:
            self.reloaded = False
            self._changes = Changes(set(), False)

    def commit(self, deltas: Deltas) -> None:
        before = START if not self._cursor else f"{self._cursor}-0"
        self._cursor += 1
        self.committed(STORE, Checkpoint(before, None), f"{self._cursor}-0", deltas)


class Published:
    """A publisher at work on a projection."""

    def __init__(self) -> None:
        self.projection = Projection()
        self.stream = Stream()
        broker: Any = self.stream
        self.publisher = ProgressPublisher(broker, self.projection, catalogue())

    async def until(self, condition: Callable[[], bool]) -> None:
        """Run the publisher until `condition` is true, and ten looks more."""
        running = asyncio.create_task(self.publisher.run(0))
        async with asyncio.timeout(5):
            while not condition():
                await asyncio.sleep(0)
        for _ in range(30):
            await asyncio.sleep(0)
        running.cancel()


def counter(unit: str, target: int = 7) -> tuple[CounterKey, int]:
    """A counter of a count target, on DAY."""
    return CounterKey("reporting", catalogue().target_by_number[target].measures[0], unit), number_of(DAY)


async def test_what_changed_is_published_once_and_what_did_not_is_not() -> None:
    published = Published()
    published.projection.commit({counter("an-nhon"): 0})
    await published.until(lambda: True)
    assert published.stream.entries == []
    published.projection.commit({counter("phu-my"): 1})
    published.projection.commit({counter("phu-my"): 2, counter("van-canh"): -1})
    await published.until(lambda: bool(published.stream.entries))
    [entry] = published.stream.entries
    assert entry.complete
    assert [(change.unit, change.target, change.day) for change in entry.changes] == [
        ("phu-my", 7, DAY),
        ("van-canh", 7, DAY),
    ]


async def test_after_an_entry_that_could_not_be_written_everything_may_have_changed() -> None:
    published = Published()
    published.stream.refusals = 2
    published.projection.commit({counter("phu-my"): 1})
    await published.until(lambda: bool(published.stream.entries))
    published.projection.commit({counter("van-canh"): 1})
    await published.until(lambda: len(published.stream.entries) > 1)
    assert [entry.complete for entry in published.stream.entries] == [False, True]


async def test_each_entry_names_the_version_before_so_that_a_reader_notices_a_lost_one() -> None:
    published = Published()
    for number in (1, 2, 3):
        published.projection.commit({counter("phu-my"): 1})
        await published.until(lambda number=number: len(published.stream.entries) == number)  # type: ignore[misc]
    versions = [entry.version for entry in published.stream.entries]
    assert [entry.previous for entry in published.stream.entries] == [None, *versions[:-1]]


async def test_every_target_that_counts_a_changed_counter_is_named() -> None:
    published = Published()
    published.projection.commit({counter("phu-my", 2): 1})
    await published.until(lambda: bool(published.stream.entries))
    [entry] = published.stream.entries
    assert [(change.target, change.day) for change in entry.changes] == [(2, DAY), (3, DAY)]
    assert not entry.reconciliation_changed


async def test_counts_that_only_reconciliation_shows_are_told_apart() -> None:
    published = Published()
    (key, day) = counter("phu-my")
    published.projection.commit({(key._replace(role="record"), day): 1})
    await published.until(lambda: bool(published.stream.entries))
    [entry] = published.stream.entries
    assert (entry.complete, entry.changes, entry.reconciliation_changed) == (True, [], True)


async def test_a_changed_month_is_published_once_and_follows_the_entry_before() -> None:
    published = Published()
    published.projection.commit({counter("phu-my"): 1})
    await published.until(lambda: bool(published.stream.entries))
    published.publisher.announce_months()
    await published.until(lambda: len(published.stream.entries) > 1)
    counted, month = published.stream.entries
    assert (counted.months_changed, month.months_changed) == (False, True)
    assert (month.complete, month.changes, month.previous) == (True, [], counted.version)
    assert month.version != counted.version


async def test_too_many_changes_are_not_listed() -> None:
    published = Published()
    key, day = counter("an-nhon")
    published.projection.commit({(key, day - number): 1 for number in range(MAX_CHANGES + 1)})
    await published.until(lambda: bool(published.stream.entries))
    assert [(entry.complete, entry.changes) for entry in published.stream.entries] == [(False, [])]


async def test_a_change_that_another_process_made_is_published() -> None:
    published = Published()
    published.projection.reloaded = True
    await published.until(lambda: bool(published.stream.entries))
    assert [entry.complete for entry in published.stream.entries] == [False]
