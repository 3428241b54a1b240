"""Counting rules: which counters an entity's state contributes to, on which days. Pure; knows the catalogue."""

import hashlib
import json
import operator
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from services.metrics.entity_state import EMPTY, Phase, Register, State, Values, ended, merge
from shared.domain.catalogue import Catalogue, EventType, Kind
from shared.domain.clock import day_number
from shared.log.codec import EventShape
from shared.log.keys import ROLES

VERSION = 3
"""Raised when the same catalogue is counted in another way: the log is then recounted."""

MATCHED = {"reporting": "matched", "record": "matched-record"}
"""Role -> what stands for it in the keys of counters of what both roles speak of, on the day this role gives."""

CONTESTED = {"reporting": "contested", "record": "contested-record"}
"""Role -> what stands for it in the keys of counters of contested entities, by kind in place of the measure."""


class CounterKey(NamedTuple):
    """One series of counts by day; `role` is one of ROLES or of the values of MATCHED and CONTESTED."""

    role: str
    measure: str
    unit: str


class StateKey(NamedTuple):
    """Where an entity's state is stored: entities of one kind, as one role speaks of them."""

    kind: str
    role: str


class EventMapping(NamedTuple):
    """What the events of one shape do under the catalogue: whose state they change, how, and with what values."""

    key: StateKey
    phase: Phase
    values: Values


Deltas = dict[tuple[CounterKey, int], int]
"""(counter, day number) -> change of the count."""

Sums = defaultdict[tuple[CounterKey, int], int]
"""Deltas while they are being added up."""

Events = dict[StateKey, dict[bytes, list[tuple[Phase, Register]]]]
"""The events of a batch by state key and entity."""

States = dict[StateKey, dict[bytes, State]]

CountedNow = dict[tuple[str, str], int]
"""(measure, unit) -> day number, for everything an entity counts in and has not ended in."""


class CountingRules:
    """The catalogue's kinds and measures, ready to count with.

    `fingerprint` changes whenever counts made before would no longer be right: then the log is recounted.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._streams = {name: kind.stream for name, kind in catalogue.kinds.items()}
        self._kinds = {name: KindContributions(name, kind, catalogue) for name, kind in catalogue.kinds.items()}
        self._mappings: dict[EventShape, EventMapping] = {}
        self._phases = {
            event.type: (name, phase, _counted_attributes(event))
            for name, kind in catalogue.kinds.items()
            for phase, event in ((Phase.BEGIN, kind.begin), (Phase.STEP, kind.step), (Phase.END, kind.end))
            if event is not None
        }
        content = catalogue.model_dump(mode="json", include={"kinds", "measures"}) | {"version": VERSION}
        self.fingerprint = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def state_keys(self, stream: str) -> list[StateKey]:
        """Every key there can be in a log of `stream`."""
        return [StateKey(kind, role) for kind, name in self._streams.items() if name == stream for role in ROLES]

    def mapping_of(self, shape: EventShape) -> EventMapping | None:
        """What events of `shape` do, None where there is no such event type (any more) or role."""
        mapping = self._mappings.get(shape)
        if mapping is not None or shape.type not in self._phases or shape.role not in ROLES:
            return mapping
        kind, phase, names = self._phases[shape.type]
        data = dict(shape.data)
        values = tuple(data.get(name, "") for name in names)
        return self._mappings.setdefault(shape, EventMapping(StateKey(kind, shape.role), phase, values))

    def states_to_read(self, events: Events) -> Mapping[StateKey, Collection[bytes]]:
        """The entities whose states `count` needs: those of `events`, as either role speaks of them."""
        wanted: dict[StateKey, Mapping[bytes, object]] = {}
        for key, entities in events.items():
            for role in MATCHED:
                either = StateKey(key.kind, role)
                wanted[either] = {**wanted[either], **entities} if either in wanted else entities
        return wanted

    def count(self, events: Events, before: States) -> tuple[States, Deltas]:
        """States that changed, and the change of every count, when `events` happen to entities in states `before`."""
        changed: States = {}
        deltas: Sums = defaultdict(int)
        for key, entities in events.items():
            kind = self._kinds[key.kind]
            known = before.get(key, {})
            new = changed.setdefault(key, {})
            for entity, registers in entities.items():
                state = old = known.get(entity, EMPTY)
                for phase, register in registers:
                    state = merge(state, phase, register)
                if state is not old:
                    new[entity] = state
                    kind.add(deltas, key.role, state, 1)
                    if old is not EMPTY:
                        kind.add(deltas, key.role, old, -1)
        for name in {key.kind for key in events}:
            self._match(deltas, name, before, changed)
        return changed, {counter: change for counter, change in deltas.items() if change}

    def counted_now(self, kind: str, state: State) -> CountedNow:
        """What an entity of `kind` in `state` counts in."""
        return self._kinds[kind].counted_now(state)

    def contested(self, kind: str, state: State) -> dict[str, int]:
        """The units an entity of `kind` in `state` is contested between -> day number; empty where it is not."""
        return self._kinds[kind].contested(state)

    def _match(self, deltas: Sums, kind: str, before: States, changed: States) -> None:
        """Add the change of what both roles speak of; nothing to do while one of them has said nothing."""
        state_keys = [StateKey(kind, role) for role in MATCHED]
        old = [before.get(key, {}) for key in state_keys]
        new = [changed.get(key, {}) for key in state_keys]
        if not all(map(operator.or_, map(bool, old), map(bool, new))):
            return
        contributions = self._kinds[kind]
        for entity in new[0].keys() | new[1].keys():
            states = [known.get(entity, EMPTY) for known in old]
            contributions.match(deltas, states[0], states[1], -1)
            states = [now.get(entity, state) for now, state in zip(new, states, strict=True)]
            contributions.match(deltas, states[0], states[1], 1)


class KindContributions:
    """What the entities of one kind contribute to."""

    def __init__(self, name: str, kind: Kind, catalogue: Catalogue) -> None:
        self._names = _counted_attributes(kind.begin)
        self._kind = name
        self._measures = {key: measure for key, measure in catalogue.measures.items() if measure.kind == name}
        self._counters: dict[tuple[str, Values], tuple[tuple[CounterKey, ...], tuple[CounterKey, ...]]] = {}

    def add(self, deltas: Sums, role: str, state: State, sign: int) -> None:
        """Add `sign` times the contributions of `state` to `deltas`."""
        first, begin, end, step = state
        if begin is None or first is None:
            return
        counters = self._counters_of(role, begin.values)
        _add(deltas, counters[0], day_number(first.time), sign)
        if step is not None:
            _add(deltas, counters[1], day_number(max(first.time, step)), sign)
        over = end if ended(begin, end) else None
        if over is not None:
            _add(deltas, counters[0], day_number(over.time), -sign)
            if step is not None:
                _add(deltas, counters[1], day_number(over.time), -sign)
        if begin.key or (over and over.key):
            for unit, day in self.contested(state).items():
                deltas[CounterKey(CONTESTED[role], self._kind, unit), day] += sign

    def match(self, deltas: Sums, reporting: State, record: State, sign: int) -> None:
        """Add `sign` times what an entity contributes to the matched: counted now by both roles, for one unit.

        Docs: docs/decisions/0080-reconciliation.md.
        """
        ours, theirs = self.counted_now(reporting), self.counted_now(record)
        for counter in ours.keys() & theirs.keys():
            deltas[CounterKey(MATCHED["reporting"], *counter), ours[counter]] += sign
            deltas[CounterKey(MATCHED["record"], *counter), theirs[counter]] += sign

    def counted_now(self, state: State) -> CountedNow:
        """What an entity in `state` counts in."""
        first, begin, end, step = state
        if begin is None or first is None or ended(begin, end):
            return {}
        plain, stepped = self._counters_of("", begin.values)
        counted = {key[1:]: day_number(first.time) for key in plain}
        if step is not None:
            counted |= {key[1:]: day_number(max(first.time, step)) for key in stepped}
        return counted

    def contested(self, state: State) -> dict[str, int]:
        """The units a contested entity is counted or was counted under -> the day number of what contests it.

        Contested is an entity that a key limited to some units moved to another unit than the one it first began
        under, or ended, when another key had begun it.
        """
        first, begin, end, _ = state
        if begin is None or first is None:
            return {}
        if end is not None and ended(begin, end) and end.key and end.key != begin.key:
            return {self._unit(begin): day_number(end.time)}
        units = {self._unit(first), self._unit(begin)}
        if begin.key and begin.key != first.key and len(units) > 1:
            return dict.fromkeys(units, day_number(begin.time))
        return {}

    def _unit(self, begin: Register) -> str:
        return str(begin.values[self._names.index("unit")])

    def _counters_of(self, role: str, values: Values) -> tuple[tuple[CounterKey, ...], tuple[CounterKey, ...]]:
        known = self._counters.get((role, values))
        if known is not None:
            return known
        attributes = dict(zip(self._names, values, strict=True))
        plain: list[CounterKey] = []
        stepped: list[CounterKey] = []
        for name, measure in self._measures.items():
            if all(attributes[attribute] == wanted for attribute, wanted in measure.where.items()):
                (stepped if measure.step else plain).append(CounterKey(role, name, str(attributes["unit"])))
        return self._counters.setdefault((role, values), (tuple(plain), tuple(stepped)))


def _counted_attributes(event: EventType) -> tuple[str, ...]:
    return tuple(sorted(name for name, allowed in event.data.items() if allowed != "*"))


def _add(deltas: Sums, counters: Iterable[CounterKey], day: int, change: int) -> None:
    for counter in counters:
        deltas[counter, day] += change
