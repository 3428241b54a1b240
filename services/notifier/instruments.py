"""Every metric of the notifier, in one place."""

from collections.abc import Iterable
from typing import get_args

from prometheus_client import Counter, Gauge

from services.notifier.outbox.delivery import Outcome
from services.notifier.outbox.messages import Channel
from shared.runtime.prometheus import new_registry


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
        self.morning_due = Gauge(
            "pulse_notifier_morning_due",
            "1 while the letters of a working morning past 07:30 are not written.",
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
            for ending in get_args(Outcome):
                self.attempts.labels(channel, ending)

    def attempted(self, channel: Channel, outcome: Outcome) -> None:
        self.attempts.labels(channel, outcome).inc()
