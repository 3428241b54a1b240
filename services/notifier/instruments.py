"""The notifier's instruments, and the gauges that show what Redis holds."""

import datetime as dt
from collections.abc import Iterable
from typing import get_args

from prometheus_client import Counter, Gauge

from services.notifier.evaluations import REPLAYED, EvaluationRepository, Evaluator, StoredEvaluation
from services.notifier.outbox.delivery import DeliveryOutcome
from services.notifier.outbox.messages import Channel
from services.notifier.outbox.outbox import Outbox
from shared.domain.catalogue import PROVINCE
from shared.domain.clock import Clock, local_day
from shared.http.operations import new_registry


class Instruments:
    """Counters and gauges of one process; it counts attempts for the delivery loops of `channels`.

    Every series is there from the start at 0: a rate cannot see the first event of a series that appears with it.
    """

    def __init__(self, channels: Iterable[Channel]) -> None:
        self.registry = new_registry()
        self.attempts = Counter(
            "pulse_notifier_attempts",
            "Attempts to deliver a message, by channel and outcome.",
            ["channel", "outcome"],
            registry=self.registry,
        )
        self.pending = Gauge(
            "pulse_notifier_pending_messages", "Messages not delivered yet.", ["channel"], registry=self.registry
        )
        self.oldest = Gauge(
            "pulse_notifier_oldest_pending_seconds",
            "Age of the oldest message not delivered yet; 0 without one.",
            ["channel"],
            registry=self.registry,
        )
        self.dead = Gauge("pulse_notifier_dead_messages", "Messages given up; see /v1/outbox.", registry=self.registry)
        self.evaluations = Counter(
            "pulse_notifier_evaluations", "Runs of the detector, by outcome.", ["outcome"], registry=self.registry
        )
        self.evaluated_at = Gauge(
            "pulse_notifier_evaluated_timestamp_seconds", "When the detector last ran.", registry=self.registry
        )
        self.evaluation_due = Gauge(
            "pulse_notifier_evaluation_due",
            "1 while the digests of a working day past 07:30 are not recorded.",
            registry=self.registry,
        )
        self.outdated_counts = Gauge(
            "pulse_notifier_evaluation_outdated_counts",
            "Changed counts of days before the last evaluated day since its evaluation; unlisted changes count as one.",
            registry=self.registry,
        )
        self.problems = Counter(
            "pulse_notifier_http_problems",
            "Requests answered with an error, by status.",
            ["status"],
            registry=self.registry,
        )
        self.flags = Gauge(
            "pulse_flag", "1 for every flag that stands.", ["unit", "target", "kind"], registry=self.registry
        )
        self.leads = Gauge("pulse_notifier_leads", "1 in the notifier that evaluates.", registry=self.registry)
        self.redis_up = Gauge("pulse_notifier_redis_up", "1 while Redis answers.", registry=self.registry)
        for outcome in ("done", "failed"):
            self.evaluations.labels(outcome)
        for channel in channels:
            for ending in get_args(DeliveryOutcome):
                self.attempts.labels(channel, ending)

    def attempted(self, channel: Channel, outcome: DeliveryOutcome) -> None:
        self.attempts.labels(channel, outcome).inc()

    def problem(self, status: int) -> None:
        """Count a request that was answered with an error."""
        self.problems.labels(str(status)).inc()


class StateGauges:
    """Sets the gauges of flags and messages to what Redis holds."""

    def __init__(
        self,
        instruments: Instruments,
        evaluations: EvaluationRepository,
        evaluator: Evaluator,
        outbox: Outbox,
        channels: frozenset[Channel],
        clock: Clock,
    ) -> None:
        self._instruments = instruments
        self._evaluations = evaluations
        self._evaluator = evaluator
        self._outbox = outbox
        self._channels = channels
        self._clock = clock

    async def refresh(self) -> StoredEvaluation | None:
        """Read flags and backlog; the latest evaluation."""
        now = self._clock()
        today = local_day(now)
        latest = await self._evaluations.latest(today, today - REPLAYED)
        self._show_flags(latest, today)
        for channel in self._channels:
            await self._show_backlog(channel, now)
        self._instruments.dead.set(len(await self._outbox.dead()))
        return latest

    def _show_flags(self, latest: StoredEvaluation | None, today: dt.date) -> None:
        self._instruments.flags.clear()
        for flag in self._evaluator.in_force(latest.standing if latest else (), today):
            self._instruments.flags.labels(flag.unit or PROVINCE, str(flag.target), flag.direction).set(1)

    async def _show_backlog(self, channel: Channel, now: dt.datetime) -> None:
        backlog = await self._outbox.backlog(channel)
        self._instruments.pending.labels(channel).set(backlog.pending)
        age = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        self._instruments.oldest.labels(channel).set(max(0.0, age))
