"""What the notifier reads from the metrics service over HTTP."""

import datetime as dt
from collections.abc import Awaitable, Mapping

import httpx
from pydantic import BaseModel

from services.notifier.histories import History, Pair, Series
from shared import progress
from shared.progress import Counts, LateEvent, Progress, ProgressRow, SeriesRow


class FiguresAwayError(RuntimeError):
    """The metrics service does not answer, or not with figures."""


class Figures:
    """Histories and progress as the metrics service has them now."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url.rstrip("/")

    async def history(self, since: dt.date, until: dt.date) -> History:
        """Every unit's days from `since` to `until`, both included.

        Raises:
            FiguresAwayError: they cannot be read now.
        """
        content = await self._get("/v1/history", {"from": str(since), "to": str(until)})
        answer = progress.History.model_validate_json(content)
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
            FiguresAwayError: it cannot be read now.
        """
        answer = Progress.model_validate_json(await self._get("/v1/progress", {"as_of": str(as_of)}))
        return {(row.unit, row.target): row for row in answer.rows}

    async def counts(self, as_of: dt.date) -> Counts:
        """The counts as of a day, all of one instant of the log.

        Raises:
            FiguresAwayError: they cannot be read now.
        """
        return Counts.model_validate_json(await self._get("/v1/counts", {"as_of": str(as_of)}))

    async def recount(self, as_of: dt.date, positions: Mapping[str, str]) -> Counts:
        """The counts that the log alone gives up to `positions`.

        Raises:
            FiguresAwayError: they cannot be read now.
        """
        return Counts.model_validate_json(await self._post("/v1/recount", as_of, positions))

    async def late(self, as_of: dt.date, positions: Mapping[str, str]) -> tuple[list[LateEvent], bool]:
        """Events after `positions` for days before `as_of`, and whether that is all of them.

        Raises:
            FiguresAwayError: they cannot be read now.
        """
        answer = _Late.model_validate_json(await self._post("/v1/late", as_of, positions))
        return answer.events, answer.complete

    async def _post(self, path: str, as_of: dt.date, positions: Mapping[str, str]) -> bytes:
        question = {"as_of": str(as_of), "positions": dict(positions)}
        return await self._asked(path, self._client.post(self._url + path, json=question))

    async def _get(self, path: str, parameters: dict[str, str]) -> bytes:
        return await self._asked(path, self._client.get(self._url + path, params=parameters))

    async def _asked(self, path: str, asking: Awaitable[httpx.Response]) -> bytes:
        try:
            response = await asking
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise FiguresAwayError(f"{self._url}{path}: {error}") from error
        return response.content


class _Late(BaseModel):
    events: list[LateEvent]
    complete: bool


def _add_denominator(of: dict[Pair, Series], row: SeriesRow, first: int) -> None:
    if row.counts_of is not None and any(row.counts_of):
        of[row.unit, row.target] = Series(first, row.counts_of, row.opening_of or 0)
