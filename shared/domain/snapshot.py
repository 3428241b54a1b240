"""What a notice is composed from: every figure as of one day, each under a reference that does not change. Pure.

A reference is `t1.quy-nhon.achieved` (target, unit or "province", field of its row) or
`m.member_accounts.quy-nhon.previous` (measure, unit or "province", and now, previous or before).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property

from pydantic import BaseModel, Field

from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import PROVINCE, Catalogue, Target
from shared.domain.figures import Achieved, Measures, achieved, progress_rows, rate_change_parts
from shared.domain.frozen import FrozenModel
from shared.domain.months import Month, Status, month_before
from shared.domain.unit_hierarchy import makeup_of

SnapshotValue = int | float | None


class UnknownReferenceError(LookupError):
    """A reference names no value of the snapshot."""


class MeasureCounts(FrozenModel):
    """The cumulative count of one measure and unit as of the day, a month earlier and two months earlier.

    What the counters hold: a unit's own counts, without those of units it took over from.
    """

    measure: str
    unit: str
    now: int
    previous: int
    before: int


class RateChange(FrozenModel):
    """Why a ratio target's rate moved since the month before, exactly and without a remainder.

    R1 - R0 = (n1 - n0) / D1 - R0 * (D1 - D0) / D1: what the numerator added (`from_numerator`) and what the
    denominator took (`from_denominator`), both as shares of one; None while a denominator is 0.
    """

    unit: str
    target: int
    rate: float | None
    previous_rate: float | None
    change: float | None
    numerator_increase: int
    denominator_increase: int
    from_numerator: float | None
    from_denominator: float | None


class Snapshot(FrozenModel):
    """The closed (final) or merely read (provisional) state as of the first moment of `as_of`.

    `month` is the month it closes ("2023-06"), `revision` 0 for the original and n for the n-th reissue,
    `positions` the last entry id it knew of every stream.
    """

    as_of: dt.date
    previous: dt.date
    month: str = Field(pattern=r"^\d{4}-\d{2}$")
    revision: int = Field(default=0, ge=0)
    status: Status
    positions: dict[str, str]
    rows: tuple[ProgressRow, ...]
    rates: tuple[RateChange, ...]
    measures: tuple[MeasureCounts, ...]

    def value(self, ref: str) -> SnapshotValue:
        """The value under `ref`.

        Raises:
            UnknownReferenceError: there is none.
        """
        try:
            return self.values[ref]
        except KeyError:
            raise UnknownReferenceError(f"the snapshot as of {self.as_of} has no value {ref!r}") from None

    @cached_property
    def values(self) -> dict[str, SnapshotValue]:
        """Every value by its reference."""
        return {
            f"{prefix}.{field}": value
            for prefix, row in self._named_rows()
            for field, value in row.model_dump(exclude={"unit", "target", "measure"}).items()
        }

    def _named_rows(self) -> Iterator[tuple[str, BaseModel]]:
        for row in self.rows:
            yield f"t{row.target}.{row.unit}", row
        for rate in self.rates:
            yield f"t{rate.target}.{rate.unit}", rate
        for measure in self.measures:
            yield f"m.{measure.measure}.{measure.unit}", measure


def snapshot_from_measures(
    catalogue: Catalogue,
    as_of: dt.date,
    columns: tuple[Measures, Measures, Measures],
    *,
    status: Status = "provisional",
    revision: int = 0,
    positions: Mapping[str, str] | None = None,
) -> Snapshot:
    """The snapshot of the counters `columns`: as of `as_of`, one month earlier and two months earlier.

    A notice is about units, so groups of units are left out. Nothing in it depends on units that come later.
    """
    now, previous, before = columns
    groups = {group.code for group in catalogue.groups_on(as_of)}
    rows = [row for row in progress_rows(catalogue, as_of, now, previous, before) if row.unit not in groups]
    return Snapshot(
        as_of=as_of,
        previous=month_before(as_of),
        month=str(Month.of(as_of - dt.timedelta(days=1))),
        revision=revision,
        status=status,
        positions=dict(positions or {}),
        rows=tuple(rows),
        rates=tuple(_rate_changes(catalogue, as_of, now, previous)),
        measures=tuple(_measure_counts(catalogue, as_of, columns)),
    )


def _rate_changes(catalogue: Catalogue, as_of: dt.date, now: Measures, previous: Measures) -> Iterable[RateChange]:
    scopes = [*(unit.code for unit in catalogue.units_on(as_of)), PROVINCE]
    for target in catalogue.targets:
        if target.is_ratio:
            for name in scopes:
                units = makeup_of(catalogue, name, as_of)
                yield rate_change(name, target, achieved(target, units, now), achieved(target, units, previous))


def rate_change(unit: str, target: Target, now: Achieved, previous: Achieved) -> RateChange:
    """The change of a ratio target's rate, split into what the numerator and the denominator did."""
    whole = now.denominator or 0
    added = (now.numerator or 0) - (previous.numerator or 0)
    arrived = whole - (previous.denominator or 0)
    change = from_numerator = from_denominator = None
    if now.value is not None and previous.value is not None:
        change = float(now.value - previous.value)
        parts = rate_change_parts(Fraction(added), previous.value, Fraction(arrived), Fraction(whole))
        from_numerator, from_denominator = map(float, parts)
    return RateChange(
        unit=unit,
        target=target.number,
        rate=None if now.value is None else float(now.value),
        previous_rate=None if previous.value is None else float(previous.value),
        change=change,
        numerator_increase=added,
        denominator_increase=arrived,
        from_numerator=from_numerator,
        from_denominator=from_denominator,
    )


def _measure_counts(
    catalogue: Catalogue, as_of: dt.date, columns: tuple[Measures, Measures, Measures]
) -> Iterable[MeasureCounts]:
    begun = [unit.code for unit in catalogue.units if unit.begun_by(as_of) and not unit.group]
    everyone = makeup_of(catalogue, PROVINCE, as_of)
    for measure in catalogue.measures:
        for name, codes in [*((code, (code,)) for code in begun), (PROVINCE, everyone)]:
            now, previous, before = (sum(c.get((measure, code), 0) for code in codes) for c in columns)
            yield MeasureCounts(measure=measure, unit=name, now=now, previous=previous, before=before)
