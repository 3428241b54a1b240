"""Flags as the notifier answers them; while it is away the board shows everything else."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from typing import Literal

import httpx
from pydantic import BaseModel, ValidationError

log = logging.getLogger(__name__)

TIMEOUT = 1.0
KEPT = 5.0
"""Seconds an answer, or its absence, is shown before the notifier is asked again."""
MOST_DAYS = 64


class Flag(BaseModel):
    """What the board shows of a flag; `unit` None is a notice to the whole province."""

    unit: str | None
    target: int
    kind: Literal["lag", "surge"]
    raised_on: dt.date
    cleared_on: dt.date | None = None
    sentence_vi: str
    sentence_en: str


class Verdict(BaseModel):
    """What the board shows of a verdict that is no flag."""

    unit: str
    target: int
    state: str
    diluted: bool = False


class Findings(BaseModel):
    """The notifier's answer for one day; `evaluated_on` None means that no run stands behind it."""

    evaluated_on: dt.date | None
    flags: list[Flag]
    verdicts: list[Verdict]

    @property
    def standing(self) -> list[Flag]:
        return [flag for flag in self.flags if flag.cleared_on is None]


def missing(findings: Findings | None) -> Literal["", "flags_away", "not_evaluated"]:
    """Why there are no flags to show, as the word that says so; empty where there are, or could be."""
    if findings is None:
        return "flags_away"
    return "" if findings.evaluated_on else "not_evaluated"


class FlagsReader:
    """Asks the notifier, at most once every KEPT seconds and day; None means it did not answer."""

    def __init__(self, client: httpx.AsyncClient, url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._monotonic = monotonic
        self._answers: dict[dt.date, tuple[float, Findings | None]] = {}

    async def on(self, day: dt.date) -> Findings | None:
        """The findings of `day`'s run; None while the notifier does not answer."""
        asked_at, findings = self._answers.get(day, (-KEPT, None))
        now = self._monotonic()
        if now - asked_at < KEPT:
            return findings
        fresh = await self._ask(day)
        findings = findings if fresh == findings else fresh
        while len(self._answers) >= MOST_DAYS:
            del self._answers[next(iter(self._answers))]
        self._answers[day] = (now, findings)
        return findings

    async def _ask(self, day: dt.date) -> Findings | None:
        try:
            answer = await self._client.get(f"{self._url}/v1/flags", params={"as_of": day.isoformat()}, timeout=TIMEOUT)
            answer.raise_for_status()
            return Findings.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as error:
            log.warning("flags cannot be read", extra={"error": f"{type(error).__name__}: {error}"})
            return None
