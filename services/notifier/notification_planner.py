"""From an evaluation to messages in the outbox: digests, the overview, webhook posts, Alertmanager's alerts."""

import datetime as dt
from collections.abc import Iterable, Sequence

from services.notifier.digests.digest import digest_due, overview, unit_digest
from services.notifier.digests.renderer import DigestRenderer
from services.notifier.evaluations import EvaluationRepository, StoredEvaluation, naming_metrics_setting
from services.notifier.outbox.http_senders import alertmanager_message, webhook_message
from services.notifier.outbox.messages import Channel, Message
from services.notifier.outbox.outbox import Outbox
from shared.clients.metrics import MetricsClient
from shared.contracts.flags import Flag
from shared.domain.calendar import Calendar
from shared.domain.catalogue import Catalogue
from shared.domain.clock import ONE_DAY, Clock, local_day
from shared.domain.formatting import LANGUAGES

LOOKED_BACK = dt.timedelta(days=31)
"""How far back evaluations are read for flags that are over, at least."""


class NotificationPlanner:
    """Plans the messages of an evaluation; recording them twice changes nothing, for keys are per day."""

    def __init__(
        self,
        catalogue: Catalogue,
        calendar: Calendar,
        metrics: MetricsClient,
        evaluations: EvaluationRepository,
        outbox: Outbox,
        renderer: DigestRenderer,
        channels: frozenset[Channel],
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._calendar = calendar
        self._metrics = metrics
        self._evaluations = evaluations
        self._outbox = outbox
        self._renderer = renderer
        self._channels = channels
        self._clock = clock

    async def due(self, now: dt.datetime) -> dt.date | None:
        """The day whose digests are to be recorded at `now`, if any.

        Raises:
            CalendarError: the calendar lacks the year.
        """
        today = local_day(now)
        last = today if await self._evaluations.digested(today) else None
        return digest_due(now, self._calendar.is_working_day, last)

    async def record(self, evaluation: StoredEvaluation) -> list[str]:
        """Put every message of the evaluation's day into the outbox; the keys of those that were not there yet.

        Raises:
            UnavailableError: the metrics service does not answer.
        """
        day = evaluation.day
        last = await self._evaluations.last_digested(day)
        since = last + ONE_DAY if last else dt.date.min
        back = day - LOOKED_BACK if last is None else min(since, day - LOOKED_BACK)
        flags = flags_known(await self._evaluations.evaluated_between(back, day))
        if last is None:  # nobody was told of what is over already
            flags = [flag for flag in flags if flag.cleared_on is None]
        messages = [*self._posts(flags, since, day)]
        if "mail" in self._channels:
            messages += await self._mail(evaluation, flags, since)
        recorded = [message.key for message in messages if await self._outbox.record(message)]
        await self._evaluations.record_digested(day)
        return recorded

    async def _mail(self, evaluation: StoredEvaluation, flags: list[Flag], since: dt.date) -> list[Message]:
        day, now = evaluation.day, self._clock()
        with naming_metrics_setting():
            progress = await self._metrics.progress(day)
        rows = {(row.unit, row.target): row for row in progress.rows}
        units = self._catalogue.units_on(day)
        digests = [unit_digest(unit, flags, evaluation.verdicts, since, day) for unit in units]
        messages = [self._renderer.digest(digest, rows, now) for digest in digests if digest]
        province = overview(units, flags, evaluation.verdicts, since, day)
        messages += [self._renderer.overview(province, rows, lang, now) for lang in LANGUAGES] if province else []
        return [message for message in messages if message is not None]

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
        return self._renderer.unit_link(unit, as_of, "vi") if unit else self._renderer.board_link(as_of, "vi")


def _changes(flags: Iterable[Flag], since: dt.date, day: dt.date) -> Iterable[Flag]:
    """Every flag as it was raised, and as it was cleared, within the days."""
    for flag in flags:
        if since <= flag.raised_on <= day:
            yield flag.model_copy(update={"cleared_on": None})
        if flag.cleared_on and since <= flag.cleared_on <= day:
            yield flag


def flags_known(evaluations: Sequence[StoredEvaluation]) -> list[Flag]:
    """The flags that stand in the last of `evaluations`, and all that were cleared in one of them.

    A flag replaced by a later one for the same alert is in neither, and no longer in any digest.
    """
    known = {flag.key: flag for evaluated in evaluations for flag in evaluated.cleared}
    if evaluations:
        known |= {flag.key: flag for flag in evaluations[-1].standing}
    return list(known.values())
