"""Evaluations in Redis: what the detector said of each day, with all that is needed to recompute it.

{flags}:evaluation:DATE   JSON of one evaluation
{flags}:days              sorted set of the days evaluated
{flags}:digested          sorted set of the days whose letters are recorded
"""

import datetime as dt
import logging
from typing import Any, cast

from pydantic import ValidationError
from redis.asyncio import Redis

from services.notifier.detection.lifecycle import DetectorState
from services.notifier.lua import source
from shared.contracts.flags import Flag, Verdict
from shared.domain.frozen import FrozenModel

log = logging.getLogger(__name__)

TAG = "flags"
DAYS = f"{{{TAG}}}:days"
DIGESTED = f"{{{TAG}}}:digested"


class StoredEvaluation(FrozenModel):
    """One run: every verdict, the flags that stand, those it cleared, and what the detector remembers."""

    day: dt.date
    verdicts: tuple[Verdict, ...]
    standing: tuple[Flag, ...]
    cleared: tuple[Flag, ...]
    state: DetectorState


class LeaseLostError(RuntimeError):
    """Another notifier leads now; what this one decided is not kept."""


class EvaluationRepository:
    """Reads and keeps evaluations; only the leader of the current term can keep one."""

    def __init__(self, redis: Redis, fence_key: str) -> None:
        self._redis = redis
        self._fence_key = fence_key
        self._keep = redis.register_script(source("keep"))

    async def keep(self, evaluated: StoredEvaluation, term: int) -> None:
        """Keep the evaluation in place of an earlier one of the day.

        Raises:
            LeaseLostError: `term` is over.
        """
        day = evaluated.day
        keys = [self._fence_key, _key(day), DAYS]
        kept = await self._keep(keys=keys, args=[term, evaluated.model_dump_json(), day.toordinal(), str(day)])
        if not kept:
            raise LeaseLostError("another notifier leads now")

    async def latest(self, until: dt.date, since: dt.date) -> StoredEvaluation | None:
        """The last evaluation from `since` to `until`, both included; None if it was made by an unlike version."""
        found = await self._redis.zrange(
            DAYS, until.toordinal(), since.toordinal(), desc=True, byscore=True, offset=0, num=1
        )
        if not found:
            return None
        return await self._evaluation(cast("bytes", found[0]).decode())

    async def evaluated_between(self, since: dt.date, until: dt.date) -> list[StoredEvaluation]:
        """Every evaluation from `since` to `until`, both included, in order."""
        days: list[Any] = await self._redis.zrange(DAYS, since.toordinal(), until.toordinal(), byscore=True)
        found = [await self._evaluation(day.decode()) for day in days]
        return [evaluated for evaluated in found if evaluated is not None]

    async def _evaluation(self, day: str) -> StoredEvaluation | None:
        """What is kept of a day; what another version kept in another shape is made anew from the figures."""
        content = await self._redis.get(_key(day))
        try:
            return StoredEvaluation.model_validate_json(content) if content else None
        except ValidationError as error:
            log.warning("an evaluation cannot be read", extra={"day": day, "error": str(error)})
            return None

    async def last_digested(self, before: dt.date) -> dt.date | None:
        """The last day before `before` whose letters are recorded."""
        found = await self._redis.zrange(DIGESTED, before.toordinal() - 1, 0, desc=True, byscore=True, offset=0, num=1)
        return dt.date.fromisoformat(cast("bytes", found[0]).decode()) if found else None

    async def digested(self, day: dt.date) -> bool:
        """Whether the letters of `day` are recorded."""
        return await self._redis.zscore(DIGESTED, str(day)) is not None

    async def mark_digested(self, day: dt.date) -> None:
        """Remember that all letters of `day` are in the outbox."""
        await self._redis.zadd(DIGESTED, {str(day): day.toordinal()})


def _key(day: dt.date | str) -> str:
    return f"{{{TAG}}}:evaluation:{day}"
