"""Flags as the notifier answers them; while it does not answer, the board shows everything else."""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable
from typing import Literal

from shared.clients.notifier import NotifierClient
from shared.contracts.notifier import FlagsResponse
from shared.domain.errors import PulseError

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 1.0
MAX_AGE = 5.0
"""Seconds an answer, or its absence, is used before the notifier is asked again."""
MAX_DAYS = 64


def missing(flags: FlagsResponse | None) -> Literal["", "board.flags_away", "board.not_evaluated"]:
    """Why there are no flags to show, as the message that says so; empty where there are, or could be."""
    if flags is None:
        return "board.flags_away"
    return "" if flags.evaluated_on else "board.not_evaluated"


class FlagSource:
    """Asks the notifier, at most once every MAX_AGE seconds and day; None means it did not answer."""

    def __init__(self, notifier: NotifierClient, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._notifier = notifier
        self._monotonic = monotonic
        self._answers: dict[dt.date, tuple[float, FlagsResponse | None]] = {}
        self._generation = 0

    def invalidate(self) -> None:
        """Ask again at the next page: flags changed."""
        self._generation += 1
        self._answers = {day: (-MAX_AGE, flags) for day, (_, flags) in self._answers.items()}

    async def on(self, day: dt.date) -> FlagsResponse | None:
        """The flags as of `day`; the same object while they are the same. None while the notifier does not answer."""
        at, flags = self._answers.get(day, (-MAX_AGE, None))
        now = self._monotonic()
        if now - at < MAX_AGE:
            return flags
        generation = self._generation
        fresh = await self._ask(day)
        flags = flags if fresh == flags else fresh
        while len(self._answers) >= MAX_DAYS:
            del self._answers[next(iter(self._answers))]
        self._answers[day] = (now if generation == self._generation else -MAX_AGE, flags)
        return flags

    async def _ask(self, day: dt.date) -> FlagsResponse | None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._notifier.flags(day)
        except (PulseError, TimeoutError) as error:
            log.warning("flags cannot be read", extra={"error": f"{type(error).__name__}: {error}"})
            return None
