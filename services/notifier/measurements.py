"""Every metric of the notifier, in one place."""

from prometheus_client import Counter, Gauge

from services.notifier.delivery import Outcome
from services.notifier.messages import Channel
from shared.prometheus import new_registry


class Measurements:
    """Counters and gauges of one process; it counts attempts for the delivery loops."""

    def __init__(self) -> None:
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
        self.flags = Gauge(
            "pulse_flag", "1 for every flag that stands.", ["unit", "target", "kind"], registry=self.registry
        )
        self.leads = Gauge("pulse_notifier_leads", "1 in the notifier that evaluates.", registry=self.registry)
        self.redis_up = Gauge("pulse_notifier_redis_up", "1 while Redis answers.", registry=self.registry)

    def attempted(self, channel: Channel, outcome: Outcome) -> None:
        self.attempts.labels(channel, outcome).inc()
