"""One run of the detector: read the history, replay the working days since the last run, keep what it says."""

import asyncio
import datetime as dt
from collections.abc import Iterable

from services.notifier.archive import Archive, Evaluated
from services.notifier.detection import Detector
from services.notifier.figures import Figures
from services.notifier.flags import DetectorState
from services.notifier.histories import History
from services.notifier.verdicts import Flag
from shared.calendar import Calendar
from shared.catalogue import Catalogue

REPLAYED = dt.timedelta(days=62)
"""How far back runs are replayed where none is kept: this month's and last month's flags come out right."""

READ = dt.timedelta(days=REPLAYED.days + 210)
"""How far back figures are read: what the first replayed run may look at."""


class Evaluator:
    """Evaluates days; the same figures give the same evaluation, whenever and however often."""

    def __init__(self, figures: Figures, archive: Archive, catalogue: Catalogue, calendar: Calendar) -> None:
        self._figures = figures
        self._archive = archive
        self._catalogue = catalogue
        self._calendar = calendar

    async def evaluate(self, day: dt.date, term: int) -> Evaluated:
        """The evaluation of `day` from the figures of the days before it, kept.

        Raises:
            FiguresAwayError: the metrics service does not answer.
            StaleTermError: another notifier leads now.
        """
        history = await self._figures.history(day - READ, day - dt.timedelta(days=1))
        earlier = await self._archive.latest(day - dt.timedelta(days=1), day - REPLAYED)
        evaluated = await asyncio.to_thread(self._replay, history, day, earlier)
        for each in evaluated:
            await self._archive.keep(each, term)
        return evaluated[-1]

    def in_force(self, flags: Iterable[Flag], day: dt.date) -> list[Flag]:
        """Those of the province, or of units and targets that the catalogue has on `day`."""
        units = {None, *(unit.code for unit in self._catalogue.units_on(day))}
        return [flag for flag in flags if flag.unit in units and flag.target in self._catalogue.target_by_number]

    def _replay(self, history: History, day: dt.date, earlier: Evaluated | None) -> list[Evaluated]:
        """The evaluations of every working day after the earlier one, and of `day` itself."""
        detector = Detector(history, self._catalogue, self._calendar)
        since = earlier.day + dt.timedelta(days=1) if earlier else day - REPLAYED
        state = earlier.state if earlier else DetectorState()
        runs = [*self._calendar.working_days(since, day - dt.timedelta(days=1)), day]
        evaluated = []
        for run in runs:
            result = detector.evaluate(run, state)
            state = result.state
            evaluated.append(
                Evaluated(
                    day=run,
                    verdicts=tuple(result.verdicts),
                    standing=state.standing,
                    cleared=tuple(result.cleared),
                    state=state,
                )
            )
        return evaluated


def flags_known(evaluations: Iterable[Evaluated]) -> list[Flag]:
    """Every flag of the evaluations, each as the last of them has it."""
    known: dict[str, Flag] = {}
    for evaluated in evaluations:
        known |= {flag.key: flag for flag in (*evaluated.standing, *evaluated.cleared)}
    return list(known.values())
