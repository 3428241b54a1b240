"""Hypothesis strategies for event histories that are as awkward as they may be: few subjects, instants and ids."""

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from tests.support.recount import PREFIX, ROLES, Event

UNITS = ("quy-nhon", "an-nhon")
MIDNIGHT = dt.datetime(2023, 6, 14, 17, 0, tzinfo=dt.UTC)
"""15 June in Vietnam begins here: instants around it fall on different days there and on one day in UTC."""

_unit = st.sampled_from(UNITS)
_person = st.sampled_from(("member", "resident"))
_reason = st.sampled_from(("moved away", "sent twice", "ý kiến"))

_data: dict[str, st.SearchStrategy[dict[str, Any] | None]] = {
    "account.opened": st.fixed_dictionaries({"unit": _unit, "holder": _person}),
    "account.transacted": st.none() | st.just({}),
    "account.closed": st.fixed_dictionaries({"reason": _reason}),
    "dossier.filed": st.fixed_dictionaries(
        {
            "unit": _unit,
            "filer": _person,
            "channel": st.sampled_from(("online", "counter")),
            "supported": st.booleans(),
        }
    ),
    "dossier.withdrawn": st.fixed_dictionaries({"reason": _reason}),
    "article.published": st.fixed_dictionaries({"unit": _unit}),
    "article.withdrawn": st.fixed_dictionaries({"unit": _unit}),
    "household.informed": st.fixed_dictionaries({"unit": _unit}),
}

_steps = st.sampled_from((-32 * 86_400, -86_400, -1, 0, 1, 3_600, 86_399, 86_400, 40 * 86_400))
_microseconds = st.sampled_from((0, 0, 0, 1, 999_999))
_offsets = st.sampled_from((0, 420, -210))


@st.composite
def _time(draw: st.DrawFn) -> str:
    """An instant near midnight or a month away, written with one of several offsets."""
    moment = MIDNIGHT + dt.timedelta(seconds=draw(_steps), microseconds=draw(_microseconds))
    return moment.astimezone(dt.timezone(dt.timedelta(minutes=draw(_offsets)))).isoformat()


@st.composite
def events(draw: st.DrawFn, kinds: tuple[str, ...]) -> Event:
    """One valid event of one of `kinds` about one of three subjects, with one of four ids."""
    name = draw(st.sampled_from([name for name in _data if name.startswith(kinds)]))
    event = {
        "specversion": "1.0",
        "source": draw(st.sampled_from(sorted(ROLES))),
        "type": f"{PREFIX}{name}",
        "subject": draw(st.sampled_from(("s-1", "s-2", "s-3"))),
        "id": draw(st.sampled_from(("e1", "e2", "e10", "E"))),
        "time": draw(_time()),
    }
    data = draw(_data[name])
    recorded = draw(st.none() | _time())
    optional = {"data": data, "recordedtime": recorded}
    return event | {name: value for name, value in optional.items() if value is not None}


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """A history of one kind or of all, and requests that bring each of its events at least once, in any order."""
    kinds = draw(st.sampled_from((("account",), ("dossier",), ("article", "household"), ("",))))
    history = draw(st.lists(events(kinds), min_size=1, max_size=20))
    again = draw(st.lists(st.sampled_from(history), max_size=8))
    waiting = draw(st.permutations(history + again))
    requests = []
    while waiting:
        size = draw(st.integers(1, 7))
        requests.append(waiting[:size])
        waiting = waiting[size:]
    return history, requests
