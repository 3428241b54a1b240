"""From an evaluation to messages in the outbox: digests, the overview, webhook posts, Alertmanager's alerts."""

import datetime as dt
from collections.abc import Iterable

from services.notifier.digests.digest import overview, unit_digest
from services.notifier.digests.renderer import Letters
from services.notifier.evaluations import EvaluationRepository, StoredEvaluation
from services.notifier.evaluator import flags_known
from services.notifier.metrics_source import Figures
from services.notifier.outbox.http_senders import alertmanager_message, webhook_message
from services.notifier.outbox.messages import Channel, Message
from services.notifier.outbox.outbox import Outbox
from shared.contracts.flags import Flag
from shared.domain.calendar import Calendar
from shared.domain.catalogue import Catalogue
from shared.domain.clock import Clock
from shared.domain.formatting import LANGUAGES

NEWS = dt.timedelta(days=31)
"""How far back the very first letters look for news."""


class NotificationPlanner:
    """Writes what an evaluation gives cause for; recording it twice changes nothing, for keys are per day."""

    def __init__(
        self,
        catalogue: Catalogue,
        calendar: Calendar,
        figures: Figures,
        archive: EvaluationRepository,
        outbox: Outbox,
        letters: Letters,
        channels: frozenset[Channel],
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._calendar = calendar
        self._figures = figures
        self._archive = archive
        self._outbox = outbox
        self._letters = letters
        self._channels = channels
        self._clock = clock

    async def record(self, evaluated: StoredEvaluation) -> list[str]:
        """Put every message of the evaluation's day into the outbox; the keys of those that were not there yet.

        Raises:
            MetricsUnavailableError: the metrics service does not answer.
        """
        day = evaluated.day
        last = await self._archive.last_digested(day)
        since = last + dt.timedelta(days=1) if last else day - NEWS
        flags = flags_known(await self._archive.evaluated_between(min(since, day - NEWS), day))
        messages = [*self._posts(flags, since, day)]
        if "mail" in self._channels:
            messages += await self._mail(evaluated, flags, since)
        recorded = [message.key for message in messages if await self._outbox.record(message)]
        await self._archive.mark_digested(day)
        return recorded

    async def _mail(self, evaluated: StoredEvaluation, flags: list[Flag], since: dt.date) -> list[Message]:
        day, now = evaluated.day, self._clock()
        rows = await self._figures.rows(day)
        units = self._catalogue.units_on(day)
        digests = [unit_digest(unit, flags, evaluated.verdicts, since, day) for unit in units]
        letters = [self._letters.digest(digest, rows, now) for digest in digests if digest]
        told = overview(units, flags, evaluated.verdicts, since, day)
        letters += [self._letters.overview(told, rows, lang, now) for lang in LANGUAGES] if told else []
        return [letter for letter in letters if letter is not None]

    def _posts(self, flags: Iterable[Flag], since: dt.date, day: dt.date) -> Iterable[Message]:
        flags = list(flags)
        if "webhook" in self._channels:
            yield from (webhook_message(flag, self._link(flag, day)) for flag in _changes(flags, since, day))
        if "alertmanager" in self._channels:
            valid_until = self._after(day, runs=3)
            message = alertmanager_message(flags, day, valid_until, self._link)
            if message is not None:
                yield message

    def _after(self, day: dt.date, runs: int) -> dt.date:
        for _ in range(runs):
            day = self._calendar.next_working_day(day)
        return day

    def _link(self, flag: Flag, as_of: dt.date) -> str:
        unit = self._catalogue.unit_by_code.get(flag.unit or "")
        return self._letters.unit_link(unit, as_of, "vi") if unit else self._letters.board_link(as_of, "vi")


def _changes(flags: Iterable[Flag], since: dt.date, day: dt.date) -> Iterable[Flag]:
    """Every flag as it was raised, and as it was cleared, within the days."""
    for flag in flags:
        if since <= flag.raised_on <= day:
            yield flag.model_copy(update={"cleared_on": None})
        if flag.cleared_on and since <= flag.cleared_on <= day:
            yield flag
