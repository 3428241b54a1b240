"""The end events that take back what a file said. Pure.

An end of the same instant that is said later wins over the begin, and loses to a statement of a later instant: what
another file has said of the same id since stands.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.sender.batches import Event, identified
from shared.domain.catalogue import Catalogue

REASON = "import --undo"


@dataclass(frozen=True)
class Undo:
    """`events[i]` takes back the event at `places[i]`; `impossible`: by type, how many cannot be taken back."""

    events: list[Event]
    places: list[int]
    impossible: dict[str, int]


def undo(events: Sequence[Event], catalogue: Catalogue, secret: str) -> Undo:
    """Take back `events`; only what begins an entity whose kind has an end can be."""
    prefix = catalogue.project.type_prefix
    ends = {prefix + kind.begin.type: kind.end for kind in catalogue.kinds.values() if kind.end}
    made, places, impossible = [], [], Counter[str]()
    for place, event in enumerate(events):
        end = ends.get(event["type"])
        if end is None:
            impossible[str(event["type"]).removeprefix(prefix)] += 1
            continue
        own = event.get("data", {})
        data = {name: own.get(name, REASON) for name in end.data}
        taken = {key: value for key, value in event.items() if key not in ("id", "data", "datacontenttype")}
        taken["type"] = prefix + end.type
        if data:
            taken |= {"datacontenttype": "application/json", "data": data}
        made.append(identified(taken, secret))
        places.append(place)
    return Undo(made, places, dict(impossible))
