"""What every contender is given: the events of Notice 434, cut into batches, and the counts they must end in."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

from services.sender.batches import Event, Limits, cut
from services.sender.cumulative_counts import CumulativeCounts, read_cumulative_counts
from services.sender.synthetic_events import TYPE_PREFIX, count_events, make_events
from shared.runtime.settings import ROOT

BATCH = 500

Counts = dict[tuple[str, str], int]
"""(measure, unit) -> count."""


@dataclass(frozen=True)
class Workload:
    """Events as request bodies of at most BATCH events each, what they count, and how many entities they speak of."""

    bodies: list[bytes]
    sizes: list[int]
    expected: Counts
    entities: int

    @property
    def events(self) -> int:
        return sum(self.sizes)

    def head(self, events: int) -> list[tuple[bytes, int]]:
        """The leading bodies that hold about `events` events, with the size of each."""
        return list(islice(zip(self.bodies, self.sizes, strict=True), -(-events // BATCH)))


def notice434() -> CumulativeCounts:
    """The figures of Notice 434."""
    return read_cumulative_counts(ROOT / "data" / "notice-434")


def build(events: int | None) -> Workload:
    """The first `events` events of Notice 434, all by default; beyond its end it is repeated with other subjects."""
    cumulative = notice434()
    wanted = count_events(cumulative) if events is None else events
    tally = Tally()
    batches = list(cut(map(tally.saw, islice(_endless(cumulative), wanted)), Limits(events=BATCH)))
    return Workload(
        [batch.body for batch in batches],
        [len(batch.encoded) for batch in batches],
        dict(tally.counts),
        tally.entities,
    )


def _endless(cumulative: CumulativeCounts) -> Iterator[Event]:
    yield from make_events(cumulative)
    for copy in count(2):
        for event in make_events(cumulative):
            yield event | {"id": f"{event['id']}/{copy}", "subject": f"{event['subject']}/{copy}"}


class Tally:
    """Counts events of which none is repeated, corrected or ended, as those of Notice 434: one look at each."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.entities = 0
        self._unit_of: dict[str, str] = {}

    def saw(self, event: Event) -> Event:
        """Count `event` and pass it on."""
        kind = event["type"].removeprefix(TYPE_PREFIX)
        if kind == "account.transacted":
            self.counts["transacted_accounts", self._unit_of[event["subject"]]] += 1
            return event
        self.entities += 1
        data = event["data"]
        if kind == "account.opened":
            self._unit_of[event["subject"]] = data["unit"]
        for measure in measures_of(kind, data):
            self.counts[measure, data["unit"]] += 1
        return event


def measures_of(kind: str, data: dict[str, Any]) -> list[str]:
    """The measures that an opening event of `kind` counts in."""
    if kind == "account.opened":
        return [f"{data['holder']}_accounts"]
    if kind == "article.published":
        return ["articles"]
    if kind == "household.informed":
        return ["households"]
    online = data["channel"] == "online"
    if data["filer"] == "member":
        return ["member_dossiers", "member_dossiers_online"] if online else ["member_dossiers"]
    return ["supported_dossiers"] if online and data["supported"] else []
