"""What the notifier reads from the metrics service over HTTP."""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Mapping
from typing import Final, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from services.notifier.detection.series import History, Pair, Series
from shared.contracts import metrics as progress
from shared.contracts.metrics import Progress, ProgressRow, SeriesRow

A = TypeVar("A", bound=BaseModel)

CATCH_UP_WITHIN: Final = 30.0
"""Seconds that one question waits for metrics to count what is in the log already."""

CATCH_UP_POLL: Final = 0.1


class MetricsUnavailableError(RuntimeError):
    """The metrics service does not answer, not with figures, or is still counting; try again later."""


class Figures:
    """Histories and progress as the metrics service has them now."""

    def __init__(self, client: httpx.AsyncClient, url: str, catch_up_within: float = CATCH_UP_WITHIN) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._catch_up_within = catch_up_within

    async def caught_up(self) -> None:
        """Wait until metrics has counted all that is in the log: figures before that accuse the wrong units.

        Raises:
            MetricsUnavailableError: it does not answer, or has not caught up within the bound.
        """
        deadline = time.monotonic() + self._catch_up_within
        while waiting := (await self._get("/v1/positions", _Positions)).waiting:
            if time.monotonic() >= deadline:
                raise MetricsUnavailableError(
                    f"metrics is still counting, {waiting} entries wait: nothing is said before"
                )
            await asyncio.sleep(CATCH_UP_POLL)

    async def history(self, since: dt.date, until: dt.date) -> History:
        """Every unit's days from `since` to `until`, both included.

        Raises:
            MetricsUnavailableError: they cannot be read now.
        """
        question = {"from": str(since), "to": str(until)}
        answer = await self._get("/v1/history", progress.History, question)
        first = answer.since.toordinal()
        counts: dict[Pair, Series] = {}
        of: dict[Pair, Series] = {}
        for row in answer.series:
            counts[row.unit, row.target] = Series(first, row.counts, row.opening)
            _add_denominator(of, row, first)
        return History(answer.since, answer.until, counts, of)

    async def rows(self, as_of: dt.date) -> dict[tuple[str, int], ProgressRow]:
        """Progress as of a day by unit and target.

        Raises:
            MetricsUnavailableError: it cannot be read now.
        """
        answer = await self._get("/v1/progress", Progress, {"as_of": str(as_of)})
        return {(row.unit, row.target): row for row in answer.rows}

    async def _get(self, path: str, kind: type[A], parameters: Mapping[str, str] | None = None) -> A:
        return await self._answered(path, kind, self._client.get(self._url + path, params=parameters))

    async def _answered(self, path: str, kind: type[A], asking: Awaitable[httpx.Response]) -> A:
        try:
            response = await asking
            response.raise_for_status()
            return kind.model_validate_json(response.content)
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
        except ValidationError:
            reason = "the answer has no figures; is it the metrics service?"
        raise MetricsUnavailableError(f"PULSE_METRICS_URL {self._url}{path}: {reason}")


class _Positions(BaseModel):
    waiting: int


def _add_denominator(of: dict[Pair, Series], row: SeriesRow, first: int) -> None:
    if row.counts_of is not None and any(row.counts_of):
        of[row.unit, row.target] = Series(first, row.counts_of, row.opening_of or 0)
