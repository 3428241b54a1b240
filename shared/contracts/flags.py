"""What the detector decides: a verdict per unit and target, and the flag it may become.

Everything a person needs to recompute a flag is stored with it, so these models are also what Redis holds.
"""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.formatting import Lang
from shared.domain.frozen import FrozenModel

State = Literal["silent", "no_change", "saturated", "too_few", "steady", "lags", "surges"]
Direction = Literal["lag", "surge"]


class Evidence(FrozenModel):
    """The numbers of the test: window counts, what was expected, and the chance of seeing as much by luck.

    Days are inclusive. `observed` is the count in the window, `base` that of the usual weeks of the days
    before it, over `base_effective` effective days (for a ratio of flows: the numerators, with their
    denominators beside them, and no effective days). `expected` has `province_factor` in it. `p_lag` and
    `p_surge` are one-sided, 1 on the side the count is not on; `q` is the false discovery rate of the pair
    over all pairs of the run. In the province's own evidence the counts are sums over units and the chances
    those of a sign test over units.
    """

    window_from: dt.date
    window_to: dt.date
    base_from: dt.date
    base_to: dt.date
    observed: int
    base: int
    base_effective: float
    observed_of: int | None = None
    base_of: int | None = None
    expected: float
    province_factor: float = 1.0
    overdispersion: float | None = None
    drift: float | None = None
    p_lag: float
    p_surge: float
    q: float


class Gate(FrozenModel):
    """The comparison with the previous month that a leader is shown.

    `basis` is "month" (month to date against the previous month's pace) or "window" (the window of the
    evidence against the 30 days before it). `ratio` = observed / expected, `province_factor` taken into
    `expected`; for a ratio of flows both are rates between 0 and 1. `ratio` is None from zero.
    """

    basis: Literal["month", "window"]
    since: dt.date
    until: dt.date
    previous_since: dt.date
    previous_until: dt.date
    observed: float
    expected: float
    ratio: float | None
    province_factor: float = 1.0


class RateSplit(FrozenModel):
    """Why a ratio target's rate moved: `now` - `before` = `by_numerator` + `by_denominator`, exactly.

    With R0 = `before`, D1 the denominator now and dn, dD what the parts grew by: dn / D1 and -R0 dD / D1.
    """

    since: dt.date
    until: dt.date
    before: float
    now: float
    by_numerator: float
    by_denominator: float


class Verdict(FrozenModel):
    """What the detector says of one unit ("province" for all) and target on one day; most are not flags."""

    unit: str
    target: int
    day: dt.date
    state: State
    diluted: bool = False
    split: RateSplit | None = None
    evidence: Evidence | None = None
    gate: Gate | None = None
    projected_attainment: float | None = None


class Flag(FrozenModel):
    """An alert that stands: one per unit, target, direction and calendar month; `cleared_on` when resolved."""

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
    """The flags that stand, and what the detector said of every unit and target, when it last ran before `as_of`."""

    as_of: dt.date
    evaluated_on: dt.date | None
    flags: list[Flag]
    verdicts: list[Verdict]

    @property
    def standing(self) -> list[Flag]:
        return [flag for flag in self.flags if flag.cleared_on is None]


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
