"""Every technical metric of the metrics service, in one place; business figures are in exporter.py."""

from prometheus_client import Counter, Gauge, Histogram

from shared.http.operations import new_registry
from shared.log.keys import STREAMS

COMMIT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Instruments:
    """Counters and gauges of one process."""

    def __init__(self) -> None:
        self.registry = new_registry()
        self.counted = Counter(
            "pulse_metrics_counted", "Facts read from the log and committed.", ["stream"], registry=self.registry
        )
        self.commit_seconds = Histogram(
            "pulse_metrics_commit_seconds",
            "Time of one commit: read, merge, write.",
            buckets=COMMIT_BUCKETS,
            registry=self.registry,
        )
        self.commit_failures = Counter(
            "pulse_metrics_commit_failures", "Commits Redis did not take; each is tried again.", registry=self.registry
        )
        self.lost_races = Counter(
            "pulse_metrics_lost_races", "Commits another consumer was ahead of.", registry=self.registry
        )
        self.unreadable = Counter(
            "pulse_metrics_unreadable", "Entries, or kinds of fact in one, passed over.", registry=self.registry
        )
        self.lag = Gauge(
            "pulse_metrics_lag_entries", "Entries in the log that are not counted.", ["stream"], registry=self.registry
        )
        self.oldest = Gauge(
            "pulse_metrics_oldest_pending_seconds",
            "Age of the oldest entry that is not counted; 0 without one.",
            ["stream"],
            registry=self.registry,
        )
        self.redis_up = Gauge("pulse_metrics_redis_up", "1 while Redis answers.", registry=self.registry)
        self.stuck = Gauge(
            "pulse_metrics_stuck_consumers",
            "Consumers that make no progress although there is work.",
            registry=self.registry,
        )
        for stream in STREAMS:
            self.counted.labels(stream)
