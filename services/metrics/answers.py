"""The shapes of the read API's answers; the OpenAPI document is made from them."""

import datetime as dt

from pydantic import BaseModel

from shared.catalogue import Role
from shared.progress import LateEvent


class MeasureRow(BaseModel):
    measure: str
    unit: str
    value: int


class MeasuresAnswer(BaseModel):
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


class GoalChange(BaseModel):
    """From `day` on the goal is `goal`; None: there is none any more."""

    day: dt.date
    goal: float | int | None


class DailyAnswer(BaseModel):
    """`goal_changes` are those of the days of `rows`, for a curve to mark."""

    target: int
    unit: str
    rows: list[DailyRow]
    goal_changes: list[GoalChange]


class UnitAnswer(BaseModel):
    """Valid from `valid_from` to the day before `valid_until`; a group adds up the units whose parent it is."""

    code: str
    name_vi: str
    name_en: str
    parent: str | None
    group: bool
    valid_from: dt.date | None
    valid_until: dt.date | None


class TargetAnswer(BaseModel):
    number: int
    name_vi: str
    name_en: str


class CatalogueAnswer(BaseModel):
    units: list[UnitAnswer]
    targets: list[TargetAnswer]
    measures: list[str]


class PositionsAnswer(BaseModel):
    """The last entry counted of every log, and how many entries wait to be counted."""

    positions: dict[str, str]
    waiting: int


class PositionsQuestion(BaseModel):
    """A day, and a position in every log."""

    as_of: dt.date
    positions: dict[str, str]


class LateAnswer(BaseModel):
    """Events after the positions that belong to days before `as_of`; `complete` unless there were more."""

    events: list[LateEvent]
    complete: bool


class UnmatchedRow(BaseModel):
    """An entity, by pseudonym, that one source counts in `measure` on `day` and the other does not."""

    entity: str
    measure: str
    day: dt.date


class UnmatchedAnswer(BaseModel):
    """Unmatched entities; `complete` unless there were more than one answer holds."""

    rows: list[UnmatchedRow]
    complete: bool
