"""What is asked of the metrics service, answered from a projection that is brought up to date first."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.metrics import calculations, freshness
from services.metrics.contested import contested_counts, contested_entities
from services.metrics.counting import CounterKey, CountingRules
from services.metrics.log_replay import late_events, replay
from services.metrics.partition_store import PartitionStore
from services.metrics.projection import CounterProjection, Series
from services.metrics.reconciliation import has_record, parts_of, reconciliation, unmatched
from shared.contracts.metrics import (
    ContestedEntitiesResponse,
    ContestedResponse,
    DailyGoalChange,
    DailyResponse,
    DailyRow,
    History,
    MeasureRow,
    MeasuresResponse,
    PositionsResponse,
    Progress,
    Reconciliation,
    Side,
    UnmatchedResponse,
    UnmatchedRow,
)
from shared.contracts.months import LateEvent
from shared.domain.catalogue import PROVINCE, Catalogue, Role
from shared.domain.clock import Clock, day_of, local_day, number_of
from shared.domain.errors import InvalidError, NotFoundError
from shared.domain.figures import Measures, number
from shared.domain.months import Month
from shared.domain.unit_hierarchy import goal_changes, makeup_of

LONGEST = 3660
"""Days that one request for daily figures may span: ten years."""

LISTED = 1000
"""Unmatched or contested entities that one answer holds."""

LATE = 10_000
"""Late events that one answer holds."""


class MonthCounts(NamedTuple):
    """Counters as of a day, one month and two months earlier; `positions`: the last entry counted of every log."""

    positions: Mapping[str, str]
    columns: tuple[Measures, Measures, Measures]


class Queries:
    """Answers from a projection that is brought up to date first."""

    def __init__(
        self,
        catalogue: Catalogue,
        projection: CounterProjection,
        stores: Sequence[PartitionStore],
        rules: CountingRules,
        clock: Clock,
    ) -> None:
        self.catalogue = catalogue
        self._projection = projection
        self._stores = stores
        self._rules = rules
        self._clock = clock

    def day(self, as_of: dt.date | None) -> dt.date:
        return as_of or local_day(self._clock())

    async def progress(self, as_of: dt.date | None, unit: str | None = None, counted: bool = False) -> Progress:
        if unit is not None and unit != PROVINCE and unit not in self.catalogue.unit_by_code:
            raise NotFoundError(f"unit {unit!r} is not in the catalogue: GET /v1/catalogue lists the units")
        if counted:
            await self.wait_until_counted()
        await self._projection.refresh()
        progress = calculations.progress(self.catalogue, self._projection.series, self.day(as_of))
        progress = progress.model_copy(update={"last_counted_day": self._projection.last_day})
        if unit is None:
            return progress
        return progress.model_copy(update={"rows": [row for row in progress.rows if row.unit == unit]})

    async def positions(self) -> PositionsResponse:
        positions, waiting = await self._projection.positions()
        return PositionsResponse(positions=positions, waiting=waiting)

    async def measures(self, as_of: dt.date | None, role: Role) -> MeasuresResponse:
        await self._projection.refresh()
        day = self.day(as_of)
        counts = calculations.measures(self.catalogue, self._projection.series, day, role)
        rows = [MeasureRow(measure=measure, unit=unit, value=value) for (measure, unit), value in counts.items()]
        return MeasuresResponse(as_of=day, role=role, rows=rows)

    async def history(self, since: dt.date, until: dt.date, counted: bool = False) -> History:
        _check_span(since, until)
        if counted:
            await self.wait_until_counted()
        await self._projection.refresh()
        series = list(calculations.history(self.catalogue, self._projection.series, since, until))
        return History(since=since, until=until, series=series)

    async def wait_until_counted(self, within: float = freshness.WITHIN) -> None:
        """As `freshness.wait_until_counted`, for every log."""
        await freshness.wait_until_counted(self._stores, self._rules.fingerprint, within)

    async def month_counts(self, as_of: dt.date) -> MonthCounts:
        """The counters of one instant, as of a day and the two months before it."""
        await self._projection.refresh()
        return self._month_counts(as_of, self._projection.counted, self._projection.series)

    async def replayed_counts(self, as_of: dt.date, positions: Mapping[str, str]) -> MonthCounts:
        """What the log alone gives up to `positions`; no counter is read."""
        series = await replay(self._stores, positions, self._rules)
        return self._month_counts(as_of, positions, series)

    async def late_events(self, as_of: dt.date, positions: Mapping[str, str]) -> tuple[list[LateEvent], bool]:
        """Events after `positions` that bear on days before `as_of`, and whether those are all: LATE at most."""
        events = await late_events(self._stores, positions, as_of, self._rules, LATE + 1)
        return events[:LATE], len(events) <= LATE

    def _month_counts(
        self, as_of: dt.date, positions: Mapping[str, str], series: Mapping[CounterKey, Series]
    ) -> MonthCounts:
        days = calculations.months(as_of)
        now, previous, before = (calculations.counted(self.catalogue, series, day) for day in days)
        return MonthCounts(positions, (now, previous, before))

    @property
    def has_record(self) -> bool:
        """Whether the system of record ever said anything that counts."""
        return has_record(self._projection.series)

    async def reconciliation(self, month: str, unit: str | None, target: int | None) -> Reconciliation:
        since, until = month_days(month)
        await self._projection.refresh()
        rows = [
            row
            for row in reconciliation(self.catalogue, self._projection.series, since, until)
            if unit in (None, row.unit) and target in (None, row.target)
        ]
        return Reconciliation(month=month, since=since, until=until, rows=rows, has_record=self.has_record)

    async def unmatched(self, month: str, unit: str, target: int, side: Side) -> UnmatchedResponse:
        wanted = self.catalogue.target_by_number.get(target)
        if wanted is None or (unit != PROVINCE and unit not in self.catalogue.unit_by_code):
            raise NotFoundError(f"unit {unit!r}, target {target}: GET /v1/catalogue lists what there is")
        since, until = month_days(month)
        units = makeup_of(self.catalogue, unit, until)
        counters = {(measure, code) for _, names in parts_of(wanted) for measure in names for code in units}
        days = range(number_of(since), number_of(until) + 1)
        entities = await unmatched(self._stores, self._rules, side, counters, days, LISTED + 1)
        rows = [UnmatchedRow(entity=each.entity, measure=each.measure, day=day_of(each.day)) for each in entities]
        return UnmatchedResponse(rows=rows[:LISTED], complete=len(rows) <= LISTED)

    async def contested(self) -> ContestedResponse:
        await self._projection.refresh()
        return ContestedResponse(rows=list(contested_counts(self._projection.series)))

    async def contested_entities(self, unit: str | None) -> ContestedEntitiesResponse:
        if unit is not None and unit not in self.catalogue.unit_by_code:
            raise NotFoundError(f"unit {unit!r} is not in the catalogue: GET /v1/catalogue lists the units")
        rows = await contested_entities(self._stores, self._rules, unit, LISTED + 1)
        return ContestedEntitiesResponse(rows=rows[:LISTED], complete=len(rows) <= LISTED)

    async def daily(self, target: int, unit: str, since: dt.date | None, until: dt.date | None) -> DailyResponse:
        wanted = self.catalogue.target_by_number.get(target)
        if wanted is None:
            raise NotFoundError(f"target {target} is not in the catalogue: GET /v1/catalogue lists the targets")
        if unit != PROVINCE and unit not in self.catalogue.unit_by_code:
            raise NotFoundError(f"unit {unit!r} is not in the catalogue: GET /v1/catalogue lists the units")
        last = until or self.day(None)
        first = since or last - dt.timedelta(days=30)
        _check_span(first, last)
        await self._projection.refresh()
        rows = calculations.daily(self.catalogue, self._projection.series, wanted, unit, first, last)
        return DailyResponse(
            target=target,
            unit=unit,
            rows=[DailyRow(**row) for row in rows],
            goal_changes=[
                DailyGoalChange(day=change.day, goal=number(change.goal, wanted))
                for change in goal_changes(self.catalogue, wanted, unit, first, last)
            ],
        )


def _check_span(first: dt.date, last: dt.date) -> None:
    if not 0 <= (last - first).days < LONGEST:
        raise InvalidError(f"from {first} to {last}: ask for 1 to {LONGEST} days, the earlier first")


def month_days(text: str) -> tuple[dt.date, dt.date]:
    """The first and last day of a calendar month written YYYY-MM.

    Raises:
        MonthError: `text` is written otherwise.
    """
    month = Month.parse(text)
    return month.first_day, month.last_day
