"""One run of the detector: read the history, replay the working days since the last run, keep what it says."""

import asyncio
import datetime as dt
from collections.abc import Iterable, Sequence

from services.notifier.detection.detector import Detector
from services.notifier.detection.lifecycle import DetectorState
from services.notifier.evaluations import EvaluationRepository, StoredEvaluation
from services.notifier.metrics_source import Figures
from shared.contracts.flags import Flag
from shared.domain.calendar import Calendar
from shared.domain.catalogue import Catalogue

REPLAYED = dt.timedelta(days=62)
"""How far back runs are replayed where none is kept: this month's and last month's flags come out right."""

READ = dt.timedelta(days=REPLAYED.days + 210)
"""How far back figures are read: what the first replayed run may look at."""


ONE_DAY = dt.timedelta(days=1)


class Evaluator:
    """Evaluates days; the same figures give the same evaluation, whenever and however often."""

    def __init__(
        self, figures: Figures, archive: EvaluationRepository, catalogue: Catalogue, calendar: Calendar
    ) -> None:
        self._figures = figures
        self._archive = archive
        self._catalogue = catalogue
        self._calendar = calendar

    async def evaluate(self, day: dt.date, term: int) -> StoredEvaluation:
        """The evaluation of `day` from the figures of the days before it; kept, as is every run on the way to it.

        Raises:
            MetricsUnavailableError: the metrics service does not answer, or has not counted everything yet.
            LeaseLostError: another notifier leads now.
        """
        await self._figures.caught_up()
        history = await self._figures.history(day - READ, day - ONE_DAY)
        earlier = await self._archive.latest(day - ONE_DAY, day - REPLAYED)
        detector = Detector(history, self._catalogue, self._calendar)
        state = earlier.state if earlier else DetectorState()
        for run in self._missed(day, earlier):
            state = (await self._run(detector, run, state, term)).state
        return await self._run(detector, day, state, term)

    def in_force(self, flags: Iterable[Flag], day: dt.date) -> list[Flag]:
        """Those of the province, or of units and targets that the catalogue has on `day`."""
        units = {None, *(unit.code for unit in self._catalogue.units_on(day))}
        return [flag for flag in flags if flag.unit in units and flag.target in self._catalogue.target_by_number]

    def _missed(self, day: dt.date, earlier: StoredEvaluation | None) -> list[dt.date]:
        """The working days before `day` that were not evaluated."""
        since = earlier.day + ONE_DAY if earlier else day - REPLAYED
        return list(self._calendar.working_days(since, day - ONE_DAY))

    async def _run(self, detector: Detector, day: dt.date, state: DetectorState, term: int) -> StoredEvaluation:
        """One run, on a thread of its own so that the process goes on answering, and can stop between two."""
        result = await asyncio.to_thread(detector.evaluate, day, state)
        evaluated = StoredEvaluation(
            day=day,
            verdicts=tuple(result.verdicts),
            standing=result.state.standing,
            cleared=tuple(result.cleared),
            state=result.state,
        )
        await self._archive.keep(evaluated, term)
        return evaluated


def flags_known(evaluations: Sequence[StoredEvaluation]) -> list[Flag]:
    """The flags that stand in the last of `evaluations`, and all that were cleared in one of them.

    A flag that a later one for the same alert took the place of is in neither, and no longer spoken of.
    """
    known = {flag.key: flag for evaluated in evaluations for flag in evaluated.cleared}
    if evaluations:
        known |= {flag.key: flag for flag in evaluations[-1].standing}
    return list(known.values())
