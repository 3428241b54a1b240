"""What the detector decides: a verdict per unit and target, and the flag it may become.

Everything a person needs to recompute a flag is stored with it, so these models are also what Redis holds.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.formatting import Lang
from shared.domain.frozen import FrozenModel

State = Literal["silent", "no_change", "saturated", "in_lumps", "too_few", "steady", "lags", "surges"]
Direction = Literal["lag", "surge"]


class Evidence(FrozenModel):
    """How likely a unit is changed, from all its days up to now, and what its last month shows.

    Days are inclusive. `observed` came in the window (of a ratio of flows: the numerator, with its denominator
    `observed_of`), `expected` at the unit's own usual level and with what moved all units. `p_lag` and `p_surge` are
    the chances that it lags or surges now. In the province's own evidence the counts are sums over units, and the
    chances one less those of a sign test over the units.
    """

    model_config = ConfigDict(extra="ignore")  # earlier versions stored more

    window_from: dt.date
    window_to: dt.date
    observed: int
    observed_of: int | None = None
    expected: float
    p_lag: float
    p_surge: float


class Gate(FrozenModel):
    """The comparison with the previous month that a leader is shown.

    `basis` is "month" (month to date against the previous month), "completed" (the previous month against the one
    before it: a month's first 8 effective days) or "window" (a window against the 30 days before it). `observed` is
    what the days from `since` to `until` had, `previous` what the previous days had: counts, or for a ratio of flows
    rates between 0 and 1 with their denominators `observed_of` and `previous_of`. `own_expected` is the unit's own
    previous pace over the days from `since` to `until`, `expected` the same times `province_factor`; `ratio` =
    observed / expected, None from zero. `arrived` is the share of the later days that has come by now, as the unit
    reports; it is in `own_expected`. What only newer versions store is None where it is missing.
    """

    basis: Literal["month", "completed", "window"]
    since: dt.date
    until: dt.date
    previous_since: dt.date
    previous_until: dt.date
    observed: float
    expected: float
    ratio: float | None
    province_factor: float = 1.0
    previous: float | None = None
    own_expected: float | None = None
    observed_of: int | None = None
    previous_of: int | None = None
    arrived: float = 1.0

    @property
    def before(self) -> float:
        """What the previous days had; of a gate stored without it, what was expected."""
        return self.expected if self.previous is None else self.previous

    @property
    def own_ratio(self) -> float | None:
        """`observed` / `own_expected`: how the unit compares with itself; None from zero."""
        return self.observed / self.own_expected if self.own_expected else None


class Forecast(FrozenModel):
    """Where a count target with a goal leads, as of the verdict's day, per working day to one decimal.

    `pace` is what the comparison's days had, `needed` what closes the gap to `goal` by `until`, over `working_days`;
    `attainment` = (achieved + pace x working_days) / goal.
    """

    until: dt.date
    working_days: int
    achieved: int
    goal: float
    pace: float
    needed: float
    attainment: float

    @property
    def gap(self) -> float:
        """What is missing from the goal; 0 once it is reached."""
        return max(0.0, self.goal - self.achieved)


class RateSplit(FrozenModel):
    """Why a ratio target's rate moved: `now` - `before` = `by_numerator` + `by_denominator`, exactly.

    With R0 = `before`, D1 the denominator now and dn, dD what the parts grew by: dn / D1 and -R0 dD / D1.
    `added` and `added_of` are what came to the parts between the days.
    """

    since: dt.date
    until: dt.date
    before: float
    now: float
    by_numerator: float
    by_denominator: float
    added: int | None = None
    added_of: int | None = None


class Verdict(FrozenModel):
    """What the detector says of one unit ("province" for all) and target on one day; most are not flags.

    `direction`: the flag that the day's numbers support, if any; a unit without any change in the month is in the state
    `no_change`, and may lag; one that reports in lumps is `in_lumps`, and not judged. `diluted`: a rate fell, and that
    is no lag. `severity`: 0 to 100, how much help a flag asks for (`with_severity` in the notifier).
    """

    model_config = ConfigDict(extra="ignore")  # earlier versions stored more

    unit: str
    target: int
    day: dt.date
    state: State
    direction: Direction | None = None
    severity: float = 0.0
    diluted: bool = False
    split: RateSplit | None = None
    evidence: Evidence | None = None
    gate: Gate | None = None
    forecast: Forecast | None = None


class Flag(FrozenModel):
    """An alert that stands: one per unit, target, direction and calendar month; `cleared_on` when resolved.

    Verdict and sentences are those of the last run, restated until the flag is cleared; `raised_on` is history.
    """

    # In JSON `direction` is named "kind": stored evaluations, the API and the stream have it so.
    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    unit: str | None
    target: int
    direction: Direction = Field(validation_alias="kind", serialization_alias="kind")
    raised_on: dt.date
    cleared_on: dt.date | None = None
    verdict: Verdict
    sentence_vi: str
    sentence_en: str

    def sentence(self, lang: Lang) -> str:
        return self.sentence_vi if lang == "vi" else self.sentence_en

    @property
    def key(self) -> str:
        """Stable name of the alert; the same alert raised again in the same month has the same key."""
        return f"{self.unit or 'province'}:{self.target}:{self.direction}:{self.raised_on:%Y-%m}"


class FlagsResponse(BaseModel):
    """The flags that stand, and what the detector said of every unit and target, when it last ran before `as_of`.

    `stale`: a working day between `evaluated_on` and `as_of` was not evaluated.
    """

    as_of: dt.date
    evaluated_on: dt.date | None
    stale: bool = False
    flags: list[Flag]
    verdicts: list[Verdict]

    @property
    def standing(self) -> list[Flag]:
        """The flags that are not cleared, ranked."""
        return ranked(flag for flag in self.flags if flag.cleared_on is None)


def ranked(flags: Iterable[Flag]) -> list[Flag]:
    """Notices to the whole province first, then lags, then surges, each by severity."""

    def order(flag: Flag) -> tuple[bool, bool, float, int, str]:
        return flag.unit is not None, flag.direction != "lag", -flag.verdict.severity, flag.target, flag.unit or ""

    return sorted(flags, key=order)


class FlagCounts(NamedTuple):
    """How many flags there are: of units, by direction, and notices to the whole province."""

    lags: int
    surges: int
    notices: int


def count_flags(flags: Iterable[Flag]) -> FlagCounts:
    """The one definition of how many flags there are."""
    flags = list(flags)
    directions = [flag.direction for flag in flags if flag.unit is not None]
    return FlagCounts(directions.count("lag"), directions.count("surge"), len(flags) - len(directions))


class OutboxEntry(BaseModel):
    key: str
    channel: str
    to: str
    attempts: int
    note: str
    settled_at: dt.datetime | None


class OutboxResponse(BaseModel):
    """Messages that wait, by channel, and those that were given up."""

    pending: dict[str, int]
    dead: list[OutboxEntry]


class FlagChanged(BaseModel):
    """An entry of `flags`: an evaluation of `day` raised, changed or cleared a flag."""

    change: Literal["raised", "changed", "cleared"]
    day: dt.date
    flag: Flag
