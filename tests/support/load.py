"""A small upstream system: sends batches until each is answered 202, and remembers what was."""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

import httpx

from tests.support.bearer import TOKEN
from tests.support.processes import Service
from tests.support.recount import PREFIX, ROLES, Event, as_of, recount
from tests.support.waiting import wait_until

UNITS = ("quy-nhon", "an-nhon", "van-canh", "military", "businesses")
BEGAN = dt.datetime(2023, 5, 1, tzinfo=dt.timezone(dt.timedelta(hours=7)))
DAYS = (dt.date(2023, 5, 20), dt.date(2023, 6, 1), dt.date(2023, 6, 17), dt.date(2023, 7, 1), dt.date(2030, 1, 1))
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/cloudevents-batch+json"}
PATIENCE = 60.0


def random_event(random: Random, subjects: int) -> Event:
    """A valid event about one of `subjects` entities of each kind, at a time between May and July 2023.

    A third is at midnight, as dates without a clock are; a third says when it was recorded.
    """
    unit = {"unit": random.choice(UNITS)}
    person = random.choice(("member", "resident"))
    filed = {"filer": person, "channel": random.choice(("online", "counter")), "supported": random.random() < 0.5}
    name, data = random.choice(
        (
            ("account.opened", unit | {"holder": person}),
            ("account.opened", unit | {"holder": person}),
            ("account.transacted", {}),
            ("account.closed", {"reason": "moved away"}),
            ("dossier.filed", unit | filed),
            ("dossier.filed", unit | filed),
            ("dossier.withdrawn", {"reason": "sent twice"}),
            ("article.published", unit),
            ("article.withdrawn", unit),
            ("household.informed", unit),
        )
    )
    minutes = 24 * 60 * random.randrange(61) if random.random() < 0.3 else random.randrange(61 * 24 * 60)
    time = BEGAN + dt.timedelta(minutes=minutes)
    recorded = time + dt.timedelta(days=random.randrange(40))
    event = {
        "specversion": "1.0",
        "id": f"e{random.randrange(10**9)}",
        "source": random.choice(sorted(ROLES)),
        "type": f"{PREFIX}{name}",
        "subject": f"entity-{random.randrange(subjects)}",
        "time": time.isoformat(),
        "data": data,
    }
    return event | {"recordedtime": recorded.isoformat()} if random.random() < 0.3 else event


Read = Callable[[str, dt.date], dict[tuple[str, str], int]]
"""(role, day) -> the counters to compare with the recount, without zeros."""


class Upstream:
    """Makes events from a seed and sends them; `acknowledged` are those answered 202, in the order of answers."""

    def __init__(self, ingest: Service, seed: int, subjects: int = 400) -> None:
        self.random = Random(seed)
        self.acknowledged: list[Event] = []
        self._ingest = ingest
        self._subjects = subjects

    def batch(self, size: int = 20) -> list[Event]:
        return [random_event(self.random, self._subjects) for _ in range(size)]

    def send(self, events: Sequence[Event]) -> None:
        """Post `events` again and again until they are answered 202."""
        wait_until(lambda: self.accepted(events), "a batch is answered 202", PATIENCE)

    def accepted(self, events: Sequence[Event]) -> bool:
        """Post `events` once; whether they were answered 202, each accepted."""
        try:
            response = self.post(events)
        except httpx.TransportError:
            return False
        if response.status_code != httpx.codes.ACCEPTED:
            return False
        assert response.json() == {"accepted": len(events), "rejected": []}
        self.acknowledged.extend(events)
        return True

    def post(self, events: Sequence[Event]) -> httpx.Response:
        return self._ingest.client.post("/v1/events", json=list(events), headers=HEADERS)


class Load(threading.Thread):
    """Sends batch after batch in the background until told to stop; an error there is raised by `finish`."""

    def __init__(self, upstream: Upstream, size: int = 20) -> None:
        super().__init__(daemon=True)
        self._upstream = upstream
        self._size = size
        self._enough = threading.Event()
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._enough.is_set():
                self._upstream.send(self._upstream.batch(self._size))
                self._enough.wait(0.01)
        except BaseException as error:
            self._error = error

    def finish(self) -> None:
        self._enough.set()
        self.join()
        if self._error is not None:
            raise self._error


def counters(metrics: Service, role: str, day: dt.date) -> dict[tuple[str, str], int]:
    """What `/v1/measures` answers, without zeros."""
    rows = metrics.get("/v1/measures", as_of=day.isoformat(), role=role)["rows"]
    return {(row["measure"], row["unit"]): row["value"] for row in rows if row["value"]}


def assert_exact(metrics: Service, events: Sequence[Event], seconds: float = 40, read: Read | None = None) -> None:
    """Wait until nothing waits to be counted; then the counters are the recount of `events`, any day, both roles."""
    read = read or partial(counters, metrics)
    metrics.wait_ready(seconds)
    wait_until(lambda: metrics.get("/v1/positions")["waiting"] == 0, "everything is counted", seconds)
    expected = recount(events)
    assert expected, "nothing was acknowledged: the test shows nothing"
    for role in ROLES.values():
        for day in DAYS:
            assert read(role, day) == as_of(expected, role, day), f"{role} as of {day}"
