"""Contested entities are the same whatever order their events come in, and are those the rule names."""

from functools import reduce
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.metrics.counting import CONTESTED, CountingRules, Events, StateKey, States
from services.metrics.entity_state import EMPTY, Phase, Register, State, merge
from tests.support.in_memory import CATALOGUE

RULES = CountingRules(CATALOGUE)
DAY = 86_400 * 10**9
KEY = StateKey("article", "reporting")
REGISTERS = st.builds(
    Register,
    st.integers(19_500, 19_503).map(lambda day: day * DAY),
    st.integers(0, 1),
    st.sampled_from((b"digest 1", b"digest 2")),
    st.sampled_from((("an-nhon",), ("quy-nhon",))),
    st.sampled_from((b"", b"key1", b"key2")),
)
HISTORIES = st.lists(st.tuples(st.sampled_from((Phase.BEGIN, Phase.END)), REGISTERS), min_size=1, max_size=7)


@given(HISTORIES, st.randoms(use_true_random=False), st.integers(1, 3))
def test_contested_counters_are_those_of_the_whole_history(
    history: list[tuple[Phase, Register]], random: Random, size: int
) -> None:
    shuffled = random.sample(history, len(history)) + history[:2]
    before: States = {}
    total: dict[str, int] = {}
    for start in range(0, len(shuffled), size):
        events: Events = {KEY: {b"e" * 16: shuffled[start : start + size]}}
        states, deltas = RULES.count(events, before)
        before = {key: {**before.get(key, {}), **changed} for key, changed in states.items()}
        for (counter, _), change in deltas.items():
            if counter.role == CONTESTED["reporting"]:
                total[counter.unit] = total.get(counter.unit, 0) + change
    expected = dict.fromkeys(_contested_units(history), 1)
    assert {unit: number for unit, number in total.items() if number} == expected


def _contested_units(history: list[tuple[Phase, Register]]) -> set[str]:
    """The rule on the sorted history: an end or a move that a limited key said, and another key had begun."""
    begins = sorted(register for phase, register in history if phase is Phase.BEGIN)
    ends = sorted(register for phase, register in history if phase is Phase.END)
    if not begins:
        return set()
    first, latest = begins[0], begins[-1]
    over = bool(ends) and (ends[-1].time, ends[-1].recorded_after) >= (latest.time, latest.recorded_after)
    if over and ends[-1].key not in (b"", latest.key):
        return {str(latest.values[0])}
    moved = first.values != latest.values and latest.key not in (b"", first.key)
    return {str(first.values[0]), str(latest.values[0])} if moved else set()


def test_a_key_that_moves_what_another_began_is_seen() -> None:
    begun = Register(19_500 * DAY, 0, b"digest 1", ("an-nhon",), b"key1")
    moved = Register(19_501 * DAY, 0, b"digest 2", ("quy-nhon",), b"key2")
    state: State = reduce(lambda known, each: merge(known, Phase.BEGIN, each), (begun, moved), EMPTY)
    assert RULES.contested("article", state) == {"an-nhon": 19_501, "quy-nhon": 19_501}
    office = Register(19_502 * DAY, 0, b"digest 1", ("an-nhon",), b"")
    assert RULES.contested("article", merge(state, Phase.BEGIN, office)) == {}
