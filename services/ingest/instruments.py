"""Instruments: every Prometheus metric of ingest, in one place."""

from prometheus_client import Counter, Gauge, Histogram

from shared.contracts.ingest import Code
from shared.http.operations import new_registry
from shared.log.keys import STREAMS

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REFUSALS = (400, 401, 403, 408, 413, 415, 429, 503)
"""Statuses that a request as a whole is refused with."""


class Instruments:
    """Counters and gauges of one process; `code` labels hold the codes of rejections.Code only.

    Every series is there from the start at 0: a rate cannot see the first event of a series that appears with it.
    """

    def __init__(self) -> None:
        self.registry = new_registry()
        self.accepted = Counter(
            "pulse_ingest_accepted", "Events answered with 202 and durable.", ["stream"], registry=self.registry
        )
        for stream in STREAMS:
            self.accepted.labels(stream)
        self.rejected = Counter(
            "pulse_ingest_rejected", "Events not admitted, by reason.", ["code"], registry=self.registry
        )
        for code in Code:
            self.rejected.labels(code)
        self.refused = Counter(
            "pulse_ingest_refused", "Requests refused as a whole, by HTTP status.", ["status"], registry=self.registry
        )
        for status in REFUSALS:
            self.refused.labels(status)
        self.seconds = Histogram(
            "pulse_ingest_request_seconds",
            "Time from the request's last byte to its answer.",
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.in_flight = Gauge("pulse_ingest_in_flight", "Requests being handled.", registry=self.registry)
        self.durable = Gauge(
            "pulse_ingest_durable",
            "1 while Redis appends with fsync always; 0 when it runs weaker or does not say.",
            registry=self.registry,
        )
        self.redis_up = Gauge("pulse_ingest_redis_up", "1 while Redis answers.", registry=self.registry)
        self.redis_memory = Gauge("pulse_redis_memory_used_bytes", "Memory Redis uses.", registry=self.registry)
        self.redis_memory_limit = Gauge(
            "pulse_redis_memory_limit_bytes", "maxmemory of Redis; 0 without a limit.", registry=self.registry
        )
        self.deadletters = Gauge(
            "pulse_ingest_deadletters", "Dead letters that stand; equal ones are one.", registry=self.registry
        )
        self.deadletter_bytes = Gauge(
            "pulse_ingest_deadletter_bytes", "Bytes of the dead letters that stand.", registry=self.registry
        )
        self.deadletters_dropped = Gauge(
            "pulse_ingest_deadletters_dropped",
            "Dead letters dropped, oldest first, since there were too many or they were too old; grows only.",
            registry=self.registry,
        )

    def request_refused(self, status: int) -> None:
        """Count a request answered with a problem; other statuses (an unknown path) are no refusals."""
        if status in REFUSALS:
            self.refused.labels(status).inc()
