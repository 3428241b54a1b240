"""What the read API of metrics answers and its stream `progress` carries: models of routes, clients and readers."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel

from shared.domain.catalogue import Role

TargetPart = Literal["count", "numerator", "denominator"]
Side = Literal["reporting", "record"]


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
    """All rows as of the first moment of `as_of`, compared with `previous`, a month earlier.

    `last_counted_day` is the latest day anything was ever counted on, None before the first.
    """

    as_of: dt.date
    previous: dt.date
    rows: list[ProgressRow]
    last_counted_day: dt.date | None = None


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


class MeasureRow(BaseModel):
    measure: str
    unit: str
    value: int


class MeasuresResponse(BaseModel):
    as_of: dt.date
    role: Role
    rows: list[MeasureRow]


class DailyRow(BaseModel):
    """A count target has `count` and `count_total`; a ratio target has its parts and their totals."""

    day: dt.date
    count: int | None = None
    count_total: int | None = None
    numerator: int | None = None
    numerator_total: int | None = None
    denominator: int | None = None
    denominator_total: int | None = None


class DailyGoalChange(BaseModel):
    """From `day` on the goal is `goal`; None: there is none any more."""

    day: dt.date
    goal: float | int | None


class DailyResponse(BaseModel):
    """`goal_changes` are those of the days of `rows`, for a curve to mark."""

    target: int
    unit: str
    rows: list[DailyRow]
    goal_changes: list[DailyGoalChange]


class UnitResponse(BaseModel):
    """Valid from `valid_from` to the day before `valid_until`; a group adds up the units whose parent it is."""

    code: str
    name_vi: str
    name_en: str
    parent: str | None
    group: bool
    valid_from: dt.date | None
    valid_until: dt.date | None


class TargetResponse(BaseModel):
    number: int
    name_vi: str
    name_en: str


class CatalogueResponse(BaseModel):
    units: list[UnitResponse]
    targets: list[TargetResponse]
    measures: list[str]


class PositionsResponse(BaseModel):
    """The last entry counted of every log, and how many entries wait to be counted."""

    positions: dict[str, str]
    waiting: int


class UnmatchedRow(BaseModel):
    """An entity, by pseudonym, that one source counts in `measure` on `day` and the other does not."""

    entity: str
    measure: str
    day: dt.date


class UnmatchedResponse(BaseModel):
    """Unmatched entities; `complete` unless there were more than one answer holds."""

    rows: list[UnmatchedRow]
    complete: bool


class ContestedCount(BaseModel):
    """How many entities of `kind` a unit shares a contest about, as sources of `role` speak of them."""

    unit: str
    kind: str
    role: str
    entities: int


class ContestedResponse(BaseModel):
    """Counts of contested entities by unit, kind and role, without zeros."""

    rows: list[ContestedCount]


class ContestedEntity(BaseModel):
    """An entity, by pseudonym, that a key limited to some units moved or ended on `day`, though another key began it.

    `units`: the unit that has lost it and, where it was moved, the one that has it now.
    """

    entity: str
    kind: str
    role: str
    units: list[str]
    day: dt.date


class ContestedEntitiesResponse(BaseModel):
    """Contested entities; `complete` unless there were more than one answer holds."""

    rows: list[ContestedEntity]
    complete: bool


class ReconciliationRow(BaseModel):
    """One unit (or "province") and one part of a target in one month.

    reported = matched + only_reported. verified = what the record matches, by its own days, + only_record.
    `factor` = verified / reported, None where nothing is reported or more was withdrawn than came; `marked` where it
    is outside 0.90 to 1.10, or something is verified of which nothing is reported.
    """

    unit: str
    target: int
    part: TargetPart
    reported: int
    verified: int
    matched: int
    only_reported: int
    only_record: int
    factor: float | None
    marked: bool


class Reconciliation(BaseModel):
    """The rows of the days `since` to `until`, both included; `has_record`: the record ever said anything."""

    month: str
    since: dt.date
    until: dt.date
    rows: list[ReconciliationRow]
    has_record: bool


class ChangedCount(BaseModel):
    """A unit's figures of one target changed on `day`: a day's addition, and so every cumulative figure from it on."""

    unit: str
    target: int
    day: dt.date


class ProgressChanged(BaseModel):
    """An entry of `progress`: what changed since the entry before, and the `version` the figures now stand at.

    `previous` is the version of the entry before, None in the first of a run: a reader that stands at another one has
    missed an entry. `complete` is False where the changes are unknown or too many to list (a rebuild, a restart):
    everything may differ. `reconciliation_changed`: counts changed that no target shows, but reconciliation does.
    `months_changed`: a month was closed or reopened.
    """

    version: str
    previous: str | None = None
    complete: bool
    changes: list[ChangedCount]
    reconciliation_changed: bool = False
    months_changed: bool = False
