"""Board data: what a page shows of metrics and the notifier, each answer remembered until it changed or is too old."""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable
from typing import Any, Literal

from services.board.charts import first_day
from services.board.page_cache import MAX_AGE, PageCache, Scope
from shared.clients.metrics import MetricsClient
from shared.clients.notifier import NotifierClient
from shared.contracts.flags import FlagsResponse
from shared.contracts.metrics import Progress, Reconciliation
from shared.contracts.months import MonthState
from shared.domain.catalogue import Catalogue, Target
from shared.domain.clock import ONE_DAY, Clock, local_day
from shared.domain.errors import PulseError
from shared.domain.months import Month
from shared.domain.unit_hierarchy import makeup_of

log = logging.getLogger(__name__)

FLAGS_TIMEOUT = 1.0
"""Seconds a page waits for the notifier; it shows everything else without it."""

MAX_DAYS = 64
"""Days whose flags are remembered."""


class BoardData:
    """Asks metrics what `cache` does not remember."""

    def __init__(self, catalogue: Catalogue, metrics: MetricsClient, cache: PageCache, clock: Clock) -> None:
        self.catalogue = catalogue
        self._metrics = metrics
        self._cache = cache
        self._clock = clock

    @property
    def day(self) -> dt.date:
        """Today, where days are counted."""
        return local_day(self._clock())

    async def progress(self, as_of: dt.date) -> Progress:
        """Every unit and target; every change concerns it, for it says which day was counted last."""
        return await self._cache.remembered(("progress", as_of), None, lambda: self._metrics.progress(as_of))

    async def closed_months(self) -> list[MonthState]:
        """Every month that was ever closed, in order."""
        return await self._cache.remembered(("months",), None, self._metrics.months)

    async def today(self, unit: str) -> dict[int, dict[str, Any]]:
        """Target -> what was counted for it today so far."""
        days = await self._daily(unit, self.day, self.day, list(self.catalogue.targets))
        return {target: rows[0] for target, rows in days.items()}

    async def curves(self, unit: str, as_of: dt.date, only: Target | None) -> dict[int, list[dict[str, Any]]]:
        """Target -> its days from the one before its curve begins to the last before `as_of`."""
        targets = [only] if only else list(self.catalogue.targets)
        return await self._daily(unit, first_day(as_of) - ONE_DAY, as_of - ONE_DAY, targets)

    async def reconciled(self, unit: str, as_of: dt.date, only: Target | None) -> Reconciliation | None:
        """The unit's month that the last day before `as_of` lies in; None where the record never said anything."""
        month = reconciled_month(as_of)
        answer = await self._cache.remembered(
            ("reconciliation", str(month), unit),
            Scope(self._makeup(unit, month.last_day), reconciliation=True),  # metrics answers for that day's units
            lambda: self._metrics.reconciliation(str(month), unit),
        )
        if not answer.has_record:
            return None
        rows = [row for row in answer.rows if only is None or row.target == only.number]
        return answer.model_copy(update={"rows": rows})

    async def contested(self, unit: str) -> int:
        """How many entities of the unit are contested with others."""
        scope = Scope(reconciliation=True)
        answer = await self._cache.remembered(("contested",), scope, self._metrics.contested)
        return sum(row.entities for row in answer.rows if row.unit == unit)

    async def _daily(
        self, unit: str, since: dt.date, until: dt.date, targets: list[Target]
    ) -> dict[int, list[dict[str, Any]]]:
        answers = await asyncio.gather(*(self._rows(target.number, unit, since, until) for target in targets))
        return {target.number: rows for target, rows in zip(targets, answers, strict=True)}

    async def _rows(self, target: int, unit: str, since: dt.date, until: dt.date) -> list[dict[str, Any]]:
        async def ask() -> list[dict[str, Any]]:
            return [row.model_dump() for row in (await self._metrics.daily(target, unit, since, until)).rows]

        scope = Scope(self._makeup(unit, until + ONE_DAY), frozenset({target}), until)
        return await self._cache.remembered(("daily", target, unit, since, until), scope, ask)

    def _makeup(self, unit: str, as_of: dt.date) -> frozenset[str]:
        """The units whose counts make up what metrics answers of `unit`."""
        return frozenset(makeup_of(self.catalogue, unit, as_of))


def reconciled_month(as_of: dt.date) -> Month:
    """The month whose reconciliation a page of `as_of` shows: that of the last day before."""
    return Month.of(as_of - ONE_DAY)


def missing(flags: FlagsResponse | None) -> Literal["", "board.flags_away", "board.not_evaluated"]:
    """Why there are no flags to show, as the message that says so; empty where there are, or could be."""
    if flags is None:
        return "board.flags_away"
    return "" if flags.evaluated_on else "board.not_evaluated"


class FlagSource:
    """Asks the notifier, at most once every MAX_AGE seconds and day; None means it did not answer."""

    def __init__(self, notifier: NotifierClient, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._notifier = notifier
        self._monotonic = monotonic
        self._answers: dict[dt.date, tuple[float, FlagsResponse | None]] = {}
        self._generation = 0

    def invalidate(self) -> None:
        """Ask again at the next page: flags changed."""
        self._generation += 1
        self._answers = {day: (-MAX_AGE, flags) for day, (_, flags) in self._answers.items()}

    async def on(self, day: dt.date) -> FlagsResponse | None:
        """The flags as of `day`; the same object while they are the same. None while the notifier does not answer."""
        at, flags = self._answers.get(day, (-MAX_AGE, None))
        now = self._monotonic()
        if now - at < MAX_AGE:
            return flags
        generation = self._generation
        fresh = await self._ask(day)
        flags = flags if fresh == flags else fresh
        while len(self._answers) >= MAX_DAYS:
            del self._answers[next(iter(self._answers))]
        self._answers[day] = (now if generation == self._generation else -MAX_AGE, flags)
        return flags

    async def _ask(self, day: dt.date) -> FlagsResponse | None:
        try:
            async with asyncio.timeout(FLAGS_TIMEOUT):
                return await self._notifier.flags(day)
        except (PulseError, TimeoutError) as error:
            log.warning("flags cannot be read", extra={"error": f"{type(error).__name__}: {error}"})
            return None
