"""Evaluations: one run of the detector, what it decided, and the store of every run."""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from typing import Any, cast

from faststream.redis import BinaryMessageFormatV1
from pydantic import Field, ValidationError
from redis.asyncio import Redis

from services.notifier.detection.arrivals import LEARNED_RUN_DAYS, Known, Shares, known_on, learned_shares
from services.notifier.detection.detector import Detector
from services.notifier.detection.lifecycle import DetectorState
from services.notifier.detection.series import DetectorHistory
from services.notifier.lua import source
from shared.clients.base import UnreachableError
from shared.clients.metrics import MetricsClient
from shared.contracts.flags import Flag, FlagChanged, Verdict
from shared.domain.calendar import Calendar
from shared.domain.catalogue import Catalogue
from shared.domain.clock import ONE_DAY, Clock, local_day
from shared.domain.errors import UnavailableError
from shared.domain.frozen import FrozenModel
from shared.log.keys import FLAGS

log = logging.getLogger(__name__)

TAG = "flags"
DAYS = f"{{{TAG}}}:days"
DIGESTED = f"{{{TAG}}}:digested"

FLAGS_LENGTH = 1000
"""Entries the `flags` stream holds, about: it says what changed, the evaluations hold the truth."""


class StoredEvaluation(FrozenModel):
    """One run: every verdict, the flags that stand, those it cleared, and the state the next run starts from.

    `known` is what a run of its own day knew of the days before (`arrivals.known_on`); empty in a run made later.
    """

    day: dt.date
    verdicts: tuple[Verdict, ...]
    standing: tuple[Flag, ...]
    cleared: tuple[Flag, ...]
    state: DetectorState
    known: dict[str, tuple[int, ...]] = Field(default_factory=dict)


class LeaseLostError(UnavailableError):
    """Another notifier holds the lease now; what this one decided is not stored."""


class EvaluationRepository:
    """Reads and stores evaluations; only the holder of the current lease can store one."""

    def __init__(self, redis: Redis, fence_key: str) -> None:
        self._redis = redis
        self._fence_key = fence_key
        self._store = redis.register_script(source("store"))

    async def store(self, evaluation: StoredEvaluation, before: StoredEvaluation | None, term: int) -> None:
        """Store the evaluation in place of an earlier one of the day, and publish the flags it changes, in one step.

        They are compared with the evaluation of the day that this one replaces, else with `before`, the preceding one.

        Raises:
            LeaseLostError: `term` is over.
        """
        day = evaluation.day
        compared = await self._evaluation(str(day)) or before
        entries = await _encoded(flag_changes(compared, evaluation))
        keys = [self._fence_key, _key(day), DAYS, FLAGS]
        args: list[Any] = [term, evaluation.model_dump_json(), day.toordinal(), str(day), FLAGS_LENGTH, *entries]
        if not await self._store(keys=keys, args=args):
            raise LeaseLostError("another notifier leads now")

    async def latest(self, until: dt.date, since: dt.date) -> StoredEvaluation | None:
        """The last evaluation from `since` to `until`, both included; None if it was made by an unlike version."""
        days = await self._redis.zrange(
            DAYS, until.toordinal(), since.toordinal(), desc=True, byscore=True, offset=0, num=1
        )
        if not days:
            return None
        return await self._evaluation(cast("bytes", days[0]).decode())

    async def evaluated_between(self, since: dt.date, until: dt.date) -> list[StoredEvaluation]:
        """Every evaluation from `since` to `until`, both included, in order."""
        days: list[Any] = await self._redis.zrange(DAYS, since.toordinal(), until.toordinal(), byscore=True)
        evaluations = [await self._evaluation(day.decode()) for day in days]
        return [evaluation for evaluation in evaluations if evaluation is not None]

    async def _evaluation(self, day: str) -> StoredEvaluation | None:
        """What is stored of a day; what another version stored in another form is evaluated anew."""
        content = await self._redis.get(_key(day))
        try:
            return StoredEvaluation.model_validate_json(content) if content else None
        except ValidationError as error:
            log.warning("an evaluation cannot be read", extra={"day": day, "error": str(error)})
            return None

    async def last_digested(self, before: dt.date) -> dt.date | None:
        """The last day before `before` whose digests are recorded."""
        days = await self._redis.zrange(DIGESTED, before.toordinal() - 1, 0, desc=True, byscore=True, offset=0, num=1)
        return dt.date.fromisoformat(cast("bytes", days[0]).decode()) if days else None

    async def digested(self, day: dt.date) -> bool:
        """Whether the digests of `day` are recorded."""
        return await self._redis.zscore(DIGESTED, str(day)) is not None

    async def record_digested(self, day: dt.date) -> None:
        """Remember that all digests of `day` are in the outbox."""
        await self._redis.zadd(DIGESTED, {str(day): day.toordinal()})


def _key(day: dt.date | str) -> str:
    return f"{{{TAG}}}:evaluation:{day}"


def flag_changes(before: StoredEvaluation | None, after: StoredEvaluation) -> Iterator[FlagChanged]:
    """The flags in which two evaluations differ, by key; a flag that is over has its day in `cleared_on`."""
    old = {flag.key: flag for flag in before.standing} if before else {}
    new = {flag.key: flag for flag in after.standing}
    cleared = {flag.key: flag for flag in after.cleared}
    for key in sorted(old.keys() | new.keys()):
        if key not in old:
            yield FlagChanged(change="raised", day=after.day, flag=new[key])
        elif key not in new:
            over = cleared.get(key) or old[key].model_copy(update={"cleared_on": after.day})
            yield FlagChanged(change="cleared", day=after.day, flag=over)
        elif old[key] != new[key]:
            yield FlagChanged(change="changed", day=after.day, flag=new[key])


async def _encoded(changes: Iterable[FlagChanged]) -> list[bytes]:
    """Entries of the `flags` stream, as FastStream's subscribers read them."""
    return [
        await BinaryMessageFormatV1.encode(
            message=change.model_dump(mode="json"),
            reply_to=None,
            headers=None,
            correlation_id=f"{change.flag.key}:{change.change}:{change.day}",
        )
        for change in changes
    ]


REPLAYED = dt.timedelta(days=62)
"""How far back runs are replayed where none is stored: this month's and last month's flags come out right."""

READ = dt.timedelta(days=REPLAYED.days + 210)
"""How far back daily counts are read: the longest history that the first replayed run uses."""


class Evaluator:
    """Evaluates days; the same counts give the same evaluation, whenever and however often."""

    def __init__(
        self,
        metrics: MetricsClient,
        evaluations: EvaluationRepository,
        catalogue: Catalogue,
        calendar: Calendar,
        clock: Clock,
    ) -> None:
        self._metrics = metrics
        self._evaluations = evaluations
        self._catalogue = catalogue
        self._calendar = calendar
        self._clock = clock

    async def evaluate(self, day: dt.date, term: int) -> StoredEvaluation:
        """The evaluation of `day` from the counts of the days before it; stored, as is every run on the way to it.

        Raises:
            UnavailableError: metrics does not answer, or has not counted everything yet; or the lease was lost.
        """
        with naming_metrics_setting():
            response = await self._metrics.history(day - READ, day - ONE_DAY, counted=True)
        before = await self._evaluations.latest(day - ONE_DAY, day - REPLAYED)
        history = DetectorHistory.from_response(response)
        detector = Detector(history, self._catalogue, self._calendar)
        for missed in self._missed(day, before):
            before = await self._run(detector, missed, before, term)
        if day != local_day(self._clock()):  # its figures have all come since
            return await self._run(detector, day, before, term)
        shares = learned_shares(await self._known_by_run(day), history, day)
        return await self._run(detector, day, before, term, shares, known_on(history, day))

    async def _known_by_run(self, day: dt.date) -> dict[dt.date, Known]:
        """What the runs before `day` knew."""
        evaluations = await self._evaluations.evaluated_between(
            day - dt.timedelta(days=LEARNED_RUN_DAYS), day - ONE_DAY
        )
        return {evaluation.day: evaluation.known for evaluation in evaluations if evaluation.known}

    def in_force(self, flags: Iterable[Flag], day: dt.date) -> list[Flag]:
        """Those of the province, or of units and targets that the catalogue has on `day`."""
        units = {None, *(unit.code for unit in self._catalogue.units_on(day))}
        return [flag for flag in flags if flag.unit in units and flag.target in self._catalogue.target_by_number]

    def _missed(self, day: dt.date, earlier: StoredEvaluation | None) -> list[dt.date]:
        """The working days before `day` that were not evaluated."""
        since = earlier.day + ONE_DAY if earlier else day - REPLAYED
        return list(self._calendar.working_days(since, day - ONE_DAY))

    async def _run(
        self,
        detector: Detector,
        day: dt.date,
        before: StoredEvaluation | None,
        term: int,
        shares: Shares | None = None,
        known: dict[str, tuple[int, ...]] | None = None,
    ) -> StoredEvaluation:
        """One run, on a thread of its own so that the process goes on answering, and can stop between two."""
        state = before.state if before else DetectorState()
        result = await asyncio.to_thread(detector.evaluate, day, state, shares)
        evaluation = StoredEvaluation(
            day=day,
            verdicts=tuple(result.verdicts),
            standing=result.state.standing,
            cleared=tuple(result.cleared),
            state=result.state,
            known=known or {},
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
