"""Progress publisher: publishes to the stream `progress` which counts and months changed, at most once a second."""

import asyncio
import contextlib
import logging
import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence

from faststream.redis import RedisBroker, StreamSub

from services.metrics.counting import CounterKey
from services.metrics.projection import Changes, CounterProjection
from shared.contracts.metrics import ChangedCount, ProgressChanged
from shared.domain.catalogue import Catalogue
from shared.domain.clock import day_of
from shared.log.keys import PROGRESS
from shared.runtime.store import REDIS_ERRORS

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
MAX_ENTRIES = 1000
"""Entries the stream keeps: it says that something changed, the truth is in the counters, so old entries may go."""

MAX_CHANGES = 2000
"""Changes one entry lists; more make it `complete` = False."""


class ProgressPublisher:
    """Publishes what the projection saw change through one publisher of the running broker."""

    def __init__(self, broker: RedisBroker, projection: CounterProjection, catalogue: Catalogue) -> None:
        self._projection = projection
        self._targets: dict[tuple[str, str], list[int]] = defaultdict(list)
        for target in catalogue.targets:
            for measure in (*target.measures, *target.numerator, *target.denominator):
                self._targets[target.role, measure].append(target.number)
        self._run_id = secrets.token_hex(4)
        self._number = 0
        self._previous: str | None = None
        self._months_changed = False
        self._publisher = broker.publisher(
            stream=StreamSub(PROGRESS, maxlen=MAX_ENTRIES),
            title=PROGRESS,
            description="Daily counts that changed, whether a month did, and the version the figures now stand at.",
            schema=ProgressChanged,
        )

    def announce_months(self) -> None:
        """Say in the next entry that a month was closed or reopened."""
        self._months_changed = True

    async def run(self, pause: float = PAUSE_SECONDS) -> None:
        """Publish every change within `pause` seconds of it; after a failure the next entry is not `complete`."""
        failed = False
        while True:
            await asyncio.sleep(pause)
            with contextlib.suppress(*REDIS_ERRORS):  # counters may change without a commit of this process
                await self._projection.refresh()
            changes = self._projection.take_changes()
            if not failed and changes.complete and not changes.counts and not self._months_changed:
                continue
            message = self._message(changes, complete=not failed)
            self._months_changed = False
            try:
                await self._publisher.publish(message)
                self._previous = message.version
                failed = False
            except REDIS_ERRORS as error:
                log.warning("could not publish progress", extra={"error": str(error)})
                failed = True

    def _message(self, changes: Changes, complete: bool) -> ProgressChanged:
        listed = sorted(set(self._changed_counts(changes)))
        complete = complete and changes.complete and len(listed) <= MAX_CHANGES
        counts = [ChangedCount(unit=unit, target=target, day=day_of(day)) for unit, target, day in listed]
        self._number += 1
        return ProgressChanged(
            version=f"{self._run_id}-{self._number}",
            previous=self._previous,
            complete=complete,
            changes=counts if complete else [],
            reconciliation_changed=any(not self._targets_of(key) for key, _ in changes.counts),
            months_changed=self._months_changed,
        )

    def _changed_counts(self, changes: Changes) -> Iterator[tuple[str, int, int]]:
        """(unit, target, day number) of every changed counter that a target counts."""
        for key, day in changes.counts:
            for target in self._targets_of(key):
                yield key.unit, target, day

    def _targets_of(self, key: CounterKey) -> Sequence[int]:
        """The targets that count a counter; none for those that only reconciliation shows."""
        return self._targets.get((key.role, key.measure), [])
