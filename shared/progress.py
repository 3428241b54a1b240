"""The rows of `/v1/progress` and `/v1/history`: what metrics answers and the notifier reads."""

import datetime as dt

from pydantic import BaseModel


class ProgressRow(BaseModel):
    """One unit (or "province") and one target as of a day.

    Count target: `achieved` and `goal` are numbers of things, `numerator` and `denominator` are None.
    Ratio target: `achieved` = numerator / denominator, between 0 and 1 (None while the denominator is 0),
    `goal` likewise. `increase` is achieved now minus achieved a month ago, in the unit of `achieved`;
    `previous_increase` the same a month earlier. `attainment` = achieved / goal. `growth` = achieved now /
    achieved a month ago - 1, None from zero ("new").
    """

    unit: str
    target: int
    achieved: float | int | None
    goal: float | int | None
    numerator: int | None
    denominator: int | None
    attainment: float | None
    increase: float | int | None
    previous_increase: float | int | None
    growth: float | None


class Progress(BaseModel):
    """All rows as of the first moment of `as_of`, compared with `previous`, a month earlier."""

    as_of: dt.date
    previous: dt.date
    rows: list[ProgressRow]


class SeriesRow(BaseModel):
    """One unit's days for one target: `counts[i]` is what was added on day i, `opening` all there was before.

    A ratio target counts its numerator, with its denominator in `opening_of` and `counts_of`.
    """

    unit: str
    target: int
    opening: int
    counts: list[int]
    opening_of: int | None
    counts_of: list[int] | None


class History(BaseModel):
    """The days `since` to `until`, both included, of every unit and target."""

    since: dt.date
    until: dt.date
    series: list[SeriesRow]


class ProgressNews(BaseModel):
    """An entry of the `progress` stream: figures changed; the province's rows as of the first moment of `as_of`."""

    as_of: dt.date
    rows: list[ProgressRow]


class CountRow(BaseModel):
    """A measure's cumulative count as of the day, a month earlier and two months earlier."""

    measure: str
    unit: str
    now: int
    previous: int
    before: int


class Counts(BaseModel):
    """Counts of one instant of the log, as the targets count them; `positions` is that instant."""

    as_of: dt.date
    positions: dict[str, str]
    rows: list[CountRow]


class LateEvent(BaseModel):
    """An event that came after a snapshot and bears on a day it covers; `entity` is a pseudonym.

    `day` is the event's own: a correction sent in July may move an account of June.
    """

    log: str
    entry: str
    type: str
    role: str
    id: str
    entity: str
    day: dt.date
