"""Board data: the figures a page needs, asked from metrics and remembered until they change or are too old."""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from services.board.curves import first_day
from shared.clients.metrics import MetricsClient
from shared.contracts.metrics import Progress, Reconciliation
from shared.contracts.months import MonthState
from shared.domain.catalogue import Catalogue, Target
from shared.domain.clock import Clock, local_day
from shared.domain.months import Month

T = TypeVar("T")

ONE_DAY = dt.timedelta(days=1)
MAX_AGE = 5.0
"""Seconds an answer is used where no change is announced: an entry of a stream may be lost."""

MAX_ANSWERS = 512


class BoardData:
    """Asks metrics. `generation` grows whenever what was answered before may no longer hold."""

    def __init__(
        self,
        catalogue: Catalogue,
        metrics: MetricsClient,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.catalogue = catalogue
        self.generation = 0
        self._metrics = metrics
        self._clock = clock
        self._monotonic = monotonic
        self._answers: dict[Hashable, Any] = {}
        self._since = monotonic()

    @property
    def day(self) -> dt.date:
        """Today, where days are counted."""
        return local_day(self._clock())

    def invalidate(self) -> None:
        """Ask again for everything: figures changed."""
        self._answers.clear()
        self.generation += 1
        self._since = self._monotonic()

    def expire(self) -> None:
        """Forget answers that are too old; once before the questions of one page."""
        if self._monotonic() - self._since > MAX_AGE or len(self._answers) >= MAX_ANSWERS:
            self.invalidate()

    async def progress(self, as_of: dt.date) -> Progress:
        return await self._remembered(("progress", as_of), lambda: self._metrics.progress(as_of))

    async def closed_months(self) -> list[MonthState]:
        """Every month that was ever closed, in order."""
        return await self._remembered(("months",), self._metrics.months)

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
        month = str(Month.of(as_of - ONE_DAY))
        answer = await self._remembered(
            ("reconciliation", month, unit), lambda: self._metrics.reconciliation(month, unit)
        )
        if not answer.has_record:
            return None
        rows = [row for row in answer.rows if only is None or row.target == only.number]
        return answer.model_copy(update={"rows": rows})

    async def _daily(
        self, unit: str, since: dt.date, until: dt.date, targets: list[Target]
    ) -> dict[int, list[dict[str, Any]]]:
        answers = await asyncio.gather(*(self._rows(target.number, unit, since, until) for target in targets))
        return {target.number: rows for target, rows in zip(targets, answers, strict=True)}

    async def _rows(self, target: int, unit: str, since: dt.date, until: dt.date) -> list[dict[str, Any]]:
        async def ask() -> list[dict[str, Any]]:
            return [row.model_dump() for row in (await self._metrics.daily(target, unit, since, until)).rows]

        return await self._remembered(("daily", target, unit, since, until), ask)

    async def _remembered(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to `question` of this generation; one that a change overtook is not remembered."""
        if question in self._answers:
            answer: T = self._answers[question]
            return answer
        generation = self.generation
        answer = await ask()
        if generation == self.generation:
            self._answers[question] = answer
        return answer
