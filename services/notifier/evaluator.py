"""One run of the detector: read the history, replay the working days since the last run, store what it decides."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator

from services.notifier.detection.detector import Detector
from services.notifier.detection.lifecycle import DetectorState
from services.notifier.detection.series import DetectorHistory
from services.notifier.evaluations import EvaluationRepository, StoredEvaluation
from shared.clients.base import UnreachableError
from shared.clients.metrics import MetricsClient
from shared.contracts.flags import Flag
from shared.domain.calendar import Calendar
from shared.domain.catalogue import Catalogue

REPLAYED = dt.timedelta(days=62)
"""How far back runs are replayed where none is stored: this month's and last month's flags come out right."""

READ = dt.timedelta(days=REPLAYED.days + 210)
"""How far back daily counts are read: the longest history that the first replayed run uses."""


ONE_DAY = dt.timedelta(days=1)


class Evaluator:
    """Evaluates days; the same counts give the same evaluation, whenever and however often."""

    def __init__(
        self, metrics: MetricsClient, evaluations: EvaluationRepository, catalogue: Catalogue, calendar: Calendar
    ) -> None:
        self._metrics = metrics
        self._evaluations = evaluations
        self._catalogue = catalogue
        self._calendar = calendar

    async def evaluate(self, day: dt.date, term: int) -> StoredEvaluation:
        """The evaluation of `day` from the counts of the days before it; stored, as is every run on the way to it.

        Raises:
            UnavailableError: metrics does not answer, or has not counted everything yet; or the lease was lost.
        """
        with naming_metrics_setting():
            response = await self._metrics.history(day - READ, day - ONE_DAY, counted=True)
        before = await self._evaluations.latest(day - ONE_DAY, day - REPLAYED)
        detector = Detector(DetectorHistory.from_response(response), self._catalogue, self._calendar)
        for missed in self._missed(day, before):
            before = await self._run(detector, missed, before, term)
        return await self._run(detector, day, before, term)

    def in_force(self, flags: Iterable[Flag], day: dt.date) -> list[Flag]:
        """Those of the province, or of units and targets that the catalogue has on `day`."""
        units = {None, *(unit.code for unit in self._catalogue.units_on(day))}
        return [flag for flag in flags if flag.unit in units and flag.target in self._catalogue.target_by_number]

    def _missed(self, day: dt.date, earlier: StoredEvaluation | None) -> list[dt.date]:
        """The working days before `day` that were not evaluated."""
        since = earlier.day + ONE_DAY if earlier else day - REPLAYED
        return list(self._calendar.working_days(since, day - ONE_DAY))

    async def _run(
        self, detector: Detector, day: dt.date, before: StoredEvaluation | None, term: int
    ) -> StoredEvaluation:
        """One run, on a thread of its own so that the process goes on answering, and can stop between two."""
        state = before.state if before else DetectorState()
        result = await asyncio.to_thread(detector.evaluate, day, state)
        evaluation = StoredEvaluation(
            day=day,
            verdicts=tuple(result.verdicts),
            standing=result.state.standing,
            cleared=tuple(result.cleared),
            state=result.state,
        )
        await self._evaluations.store(evaluation, before, term)
        return evaluation


@contextlib.contextmanager
def naming_metrics_setting() -> Iterator[None]:
    """Put the setting to change before what a client of metrics says when nothing, or another service, answers."""
    try:
        yield
    except UnreachableError as error:
        raise UnreachableError(f"PULSE_METRICS_URL: {error}") from error
