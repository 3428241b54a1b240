"""The rules of counting: which counts an entity's state contributes to, on which days. Pure; knows the catalogue."""

import hashlib
import json
import operator
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from services.metrics.entity_state import UNKNOWN, Mark, Part, State, Values, merge
from shared.domain.catalogue import Catalogue, EventType, Kind
from shared.domain.clock import day_number
from shared.log.codec import EventShape
from shared.log.keys import ROLES

VERSION = 2
"""Raised when the same catalogue is counted in another way: the log is then recounted."""

Cell = str
"""`role|measure|unit`: one series of counts by day."""

MATCHED = {"reporting": "matched", "record": "matched-record"}
"""Role -> what stands for it in the cells of entities that both roles speak of, on the day this role gives."""

Deltas = dict[tuple[Cell, int], int]
"""(cell, day number) -> change of the count."""

Sums = defaultdict[tuple[Cell, int], int]
"""Deltas while they are being added up."""


class Track(NamedTuple):
    """Where an entity's state is kept: entities of one kind, as one role speaks of them."""

    kind: str
    role: str


class Reading(NamedTuple):
    """What a shape means under the catalogue."""

    track: Track
    part: Part
    values: Values


Events = dict[Track, dict[bytes, list[tuple[Part, Mark]]]]
"""The events of a batch by track and entity."""

States = dict[Track, dict[bytes, State]]


class Rules:
    """The catalogue's kinds and measures, ready to count with.

    `fingerprint` changes whenever counts made before would no longer be right: then the log is recounted.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._streams = {name: kind.stream for name, kind in catalogue.kinds.items()}
        self._kinds = {name: KindRules(name, kind, catalogue) for name, kind in catalogue.kinds.items()}
        self._readings: dict[EventShape, Reading] = {}
        self._parts = {
            event.type: (name, part, _kept(event))
            for name, kind in catalogue.kinds.items()
            for part, event in ((Part.BEGIN, kind.begin), (Part.STEP, kind.step), (Part.END, kind.end))
            if event is not None
        }
        counted = catalogue.model_dump(mode="json", include={"kinds", "measures"}) | {"version": VERSION}
        self.fingerprint = hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()[:16]

    def tracks(self, stream: str) -> list[Track]:
        """Every track there can be in a log of `stream`."""
        return [Track(kind, role) for kind, of in self._streams.items() if of == stream for role in ROLES]

    def read(self, shape: EventShape) -> Reading | None:
        """What `shape` does, None where there is no such event type (any more) or role."""
        reading = self._readings.get(shape)
        found = self._parts.get(shape.type)
        if reading is not None or found is None or shape.role not in ROLES:
            return reading
        kind, part, names = found
        data = dict(shape.data)
        values = tuple(data.get(name, "") for name in names)
        return self._readings.setdefault(shape, Reading(Track(kind, shape.role), part, values))

    def needed(self, events: Events) -> Mapping[Track, Collection[bytes]]:
        """The entities whose states `count` needs: those of `events`, as either role speaks of them."""
        wanted: dict[Track, Mapping[bytes, object]] = {}
        for track, entities in events.items():
            for role in MATCHED:
                either = Track(track.kind, role)
                wanted[either] = {**wanted[either], **entities} if either in wanted else entities
        return wanted

    def count(self, events: Events, before: States) -> tuple[States, Deltas]:
        """States that changed, and the change of every count, when `events` happen to entities in states `before`."""
        changed: States = {}
        deltas: Sums = defaultdict(int)
        for track, entities in events.items():
            kind = self._kinds[track.kind]
            known = before.get(track, {})
            new = changed.setdefault(track, {})
            for entity, marks in entities.items():
                state = old = known.get(entity, UNKNOWN)
                for part, mark in marks:
                    state = merge(state, part, mark)
                if state is not old:
                    new[entity] = state
                    kind.add(deltas, track.role, state, 1)
                    if old is not UNKNOWN:
                        kind.add(deltas, track.role, old, -1)
        for name in {track.kind for track in events}:
            self._match(deltas, name, before, changed)
        return changed, {place: change for place, change in deltas.items() if change}

    def counted_now(self, kind: str, state: State) -> dict[str, int]:
        """`measure|unit` -> day number, for everything an entity of `kind` counts in and has not ended in."""
        return self._kinds[kind].counted_now(state)

    def _match(self, deltas: Sums, kind: str, before: States, changed: States) -> None:
        """Add the change of what both roles speak of; nothing to do while one of them has said nothing."""
        tracks = [Track(kind, role) for role in MATCHED]
        old = [before.get(track, {}) for track in tracks]
        new = [changed.get(track, {}) for track in tracks]
        if not all(map(operator.or_, map(bool, old), map(bool, new))):
            return
        rules = self._kinds[kind]
        for entity in new[0].keys() | new[1].keys():
            states = [known.get(entity, UNKNOWN) for known in old]
            rules.match(deltas, states[0], states[1], -1)
            states = [now.get(entity, state) for now, state in zip(new, states, strict=True)]
            rules.match(deltas, states[0], states[1], 1)


class KindRules:
    """What the entities of one kind contribute to."""

    def __init__(self, name: str, kind: Kind, catalogue: Catalogue) -> None:
        self._names = _kept(kind.begin)
        self._end_names = _kept(kind.end) if kind.end else ()
        self._end_type = kind.end
        self._measures = {key: measure for key, measure in catalogue.measures.items() if measure.kind == name}
        self._cells: dict[tuple[str, Values], tuple[tuple[Cell, ...], tuple[Cell, ...]]] = {}

    def add(self, deltas: Sums, role: str, state: State, sign: int) -> None:
        """Add `sign` times the contributions of `state` to `deltas`."""
        first, begin, end, step = state
        if begin is None or first is None:
            return
        cells = self._cells_of(role, begin.values)
        _add(deltas, cells[0], day_number(first), sign)
        if step is not None:
            _add(deltas, cells[1], day_number(max(first, step)), sign)
        if end is not None and self._after(end, begin):
            _add(deltas, cells[0], day_number(end.time), -sign)
            if step is not None:
                _add(deltas, cells[1], day_number(end.time), -sign)

    def match(self, deltas: Sums, reporting: State, record: State, sign: int) -> None:
        """Add `sign` times what an entity contributes to the matched: counted now by both roles, for one unit.

        Docs: docs/decisions/0080-reconciliation.md.
        """
        ours, theirs = self.counted_now(reporting), self.counted_now(record)
        for cell in ours.keys() & theirs.keys():
            _add(deltas, (f"{MATCHED['reporting']}|{cell}",), ours[cell], sign)
            _add(deltas, (f"{MATCHED['record']}|{cell}",), theirs[cell], sign)

    def counted_now(self, state: State) -> dict[str, int]:
        """`measure|unit` -> day number, for everything the entity counts in and has not ended in."""
        first, begin, end, step = state
        if begin is None or first is None or (end is not None and self._after(end, begin)):
            return {}
        plain, stepped = self._cells_of("", begin.values)
        counted = {cell[1:]: day_number(first) for cell in plain}
        if step is not None:
            counted |= {cell[1:]: day_number(max(first, step)) for cell in stepped}
        return counted

    def _cells_of(self, role: str, values: Values) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
        known = self._cells.get((role, values))
        if known is not None:
            return known
        attributes = dict(zip(self._names, values, strict=True))
        plain: list[Cell] = []
        stepped: list[Cell] = []
        for name, measure in self._measures.items():
            if all(attributes[attribute] == wanted for attribute, wanted in measure.where.items()):
                (stepped if measure.step else plain).append(f"{role}|{name}|{attributes['unit']}")
        return self._cells.setdefault((role, values), (tuple(plain), tuple(stepped)))

    def _after(self, end: Mark, begin: Mark) -> bool:
        """Whether the end comes after the begin: by instant, then id, then data as canonical JSON."""
        if end[:2] != begin[:2]:
            return end[:2] > begin[:2]
        return self._canonical(self._end_type, end.values) > self._canonical(None, begin.values)

    def _canonical(self, end: EventType | None, values: Values) -> str:
        kept = dict(zip(self._end_names if end else self._names, values, strict=True))
        data = kept | {name: "" for name in (end.data if end else ()) if name not in kept}
        return json.dumps(data, sort_keys=True, separators=(",", ":"))


def _kept(event: EventType) -> tuple[str, ...]:
    return tuple(sorted(name for name, allowed in event.data.items() if allowed != "*"))


def _add(deltas: Sums, cells: Iterable[Cell], day: int, change: int) -> None:
    for cell in cells:
        deltas[cell, day] += change
