"""Instruments: every Prometheus metric of the board, in one place."""

from prometheus_client import Counter, Gauge, Histogram

from shared.http.operations import new_registry

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Instruments:
    """Counters and gauges of one process."""

    def __init__(self) -> None:
        self.registry = new_registry()
        self.page_seconds = Histogram(
            "pulse_board_page_seconds", "Time to answer a page.", buckets=BUCKETS, registry=self.registry
        )
        self.open_pages = Gauge("pulse_board_open_pages", "Pages that listen for changes.", registry=self.registry)
        self.redis_up = Gauge("pulse_board_redis_up", "1 while Redis answers.", registry=self.registry)
        self.changes = Counter("pulse_board_changes", "Entries read, by stream.", ["stream"], registry=self.registry)
        for stream in ("progress", "flags"):
            self.changes.labels(stream)
