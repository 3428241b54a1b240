"""The figures a page needs, from the view brought up to date first."""

import datetime as dt
from typing import Any

from services.board.curves import first_day
from services.metrics import calculations as figures
from services.metrics.projection import CounterProjection
from services.metrics.reconciliation import has_record, month_of, reconciliation
from shared.contracts.metrics import Progress, Reconciliation
from shared.domain.catalogue import Catalogue, Target
from shared.domain.clock import Clock, local_day

ONE_DAY = dt.timedelta(days=1)


class BoardData:
    """Asks the view; `refresh` once before the questions of one page."""

    def __init__(self, catalogue: Catalogue, view: CounterProjection, clock: Clock) -> None:
        self.catalogue = catalogue
        self._view = view
        self._clock = clock

    @property
    def day(self) -> dt.date:
        """Today, where days are counted."""
        return local_day(self._clock())

    @property
    def last_day(self) -> dt.date | None:
        """The last day anything was counted on."""
        return self._view.last_day

    async def refresh(self) -> None:
        await self._view.refresh()

    def progress(self, as_of: dt.date) -> Progress:
        return figures.progress(self.catalogue, self._view.series, as_of)

    def today(self, unit: str) -> dict[int, dict[str, Any]]:
        """Target -> what was counted for it today so far."""
        return {
            target.number: figures.daily(self.catalogue, self._view.series, target, unit, self.day, self.day)[0]
            for target in self.catalogue.targets
        }

    def curves(self, unit: str, as_of: dt.date, only: Target | None) -> dict[int, list[dict[str, Any]]]:
        """Target -> its days from the one before its curve begins to the last before `as_of`."""
        since, until = first_day(as_of) - ONE_DAY, as_of - ONE_DAY
        return {
            target.number: figures.daily(self.catalogue, self._view.series, target, unit, since, until)
            for target in ([only] if only else self.catalogue.targets)
        }

    def reconciled(self, unit: str, as_of: dt.date, only: Target | None) -> Reconciliation | None:
        """The unit's month that the last day before `as_of` lies in; None where the record never said anything."""
        if not has_record(self._view.series):
            return None
        last = as_of - ONE_DAY
        since, until = month_of(last)
        found = reconciliation(self.catalogue, self._view.series, since, until)
        rows = [row for row in found if row.unit == unit and (only is None or row.target == only.number)]
        return Reconciliation(month=f"{last:%Y-%m}", since=since, until=until, rows=rows)
