"""Calculations: measures, progress and daily figures as of a day, and what differs between two snapshots. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from services.metrics.counting import CounterKey
from services.metrics.projection import NOTHING, Series
from shared.contracts.metrics import Progress, ProgressRow, SeriesRow
from shared.contracts.months import ChangedFigure, ChangedVerdict
from shared.domain.catalogue import Catalogue, Role, Target
from shared.domain.clock import ONE_DAY, number_of
from shared.domain.figures import progress_rows
from shared.domain.months import month_before
from shared.domain.snapshot import Snapshot
from shared.domain.unit_hierarchy import makeup_of

Counts = Mapping[CounterKey, Series]


def measures(catalogue: Catalogue, counts: Counts, as_of: dt.date, role: Role) -> dict[tuple[str, str], int]:
    """(measure, unit) -> count at the first moment of `as_of`, for every measure and unit of the catalogue."""
    day = number_of(as_of)
    return {
        (measure, unit.code): counts.get(CounterKey(role, measure, unit.code), NOTHING).before(day)
        for measure in catalogue.measures
        for unit in catalogue.units
    }


def roles_of(catalogue: Catalogue) -> dict[str, Role]:
    """The role each measure is counted as: that of the targets that use it, `reporting` where none does."""
    roles: dict[str, Role] = dict.fromkeys(catalogue.measures, "reporting")
    for target in catalogue.targets:
        roles |= dict.fromkeys((*target.measures, *target.numerator, *target.denominator), target.role)
    return roles


def counted(catalogue: Catalogue, counts: Counts, as_of: dt.date) -> dict[tuple[str, str], int]:
    """(measure, unit) -> count at the first moment of `as_of`, each measure as the role its targets count."""
    by_role = {role: measures(catalogue, counts, as_of, role) for role in set(roles_of(catalogue).values())}
    roles = roles_of(catalogue)
    return {
        (measure, unit.code): by_role[roles[measure]][measure, unit.code]
        for measure in catalogue.measures
        for unit in catalogue.units
    }


def months(as_of: dt.date) -> tuple[dt.date, dt.date, dt.date]:
    """`as_of`, a month before and two months before: what every comparison needs."""
    previous = month_before(as_of)
    return as_of, previous, month_before(previous)


def progress(catalogue: Catalogue, counts: Counts, as_of: dt.date) -> Progress:
    """The rows of all units and the province, each target counted as the role it names."""
    days = months(as_of)
    now, previous, before = (counted(catalogue, counts, day) for day in days)
    rows = progress_rows(catalogue, as_of, now, previous, before)
    return Progress(as_of=as_of, previous=days[1], rows=rows)


def daily(
    catalogue: Catalogue, counts: Counts, target: Target, unit: str, since: dt.date, until: dt.date
) -> list[dict[str, Any]]:
    """One row per day from `since` to `until`, both included: what was added that day, and the total at its end.

    Every row is made up of the units that make up the figures as of the day after the last, so that the curve ends
    where `progress` stands and no merge is a step in it; of a unit that is gone by then, as of its last day.
    """
    codes = makeup_of(catalogue, unit, until + ONE_DAY)
    parts = (
        {"count": target.measures}
        if target.measures
        else {
            "numerator": target.numerator,
            "denominator": target.denominator,
        }
    )
    rows = []
    for offset in range((until - since).days + 1):
        day = since + dt.timedelta(days=offset)
        number = number_of(day)
        row: dict[str, Any] = {"day": day}
        for name, used in parts.items():
            series = [each for code in codes for each in _series(counts, target.role, used, code)]
            row[name] = sum(each.on(number) for each in series)
            row[f"{name}_total"] = sum(each.before(number + 1) for each in series)
        rows.append(row)
    return rows


def history(catalogue: Catalogue, counts: Counts, since: dt.date, until: dt.date) -> Iterator[SeriesRow]:
    """What every unit added for every target on each day from `since` to `until`, and had before `since`.

    Every unit of the catalogue by itself, also those that are gone: the detector makes each day's units up of them.
    """
    days = range(number_of(since), number_of(until) + 1)
    for unit in catalogue.units:
        for target in catalogue.targets:
            numerator = _series(counts, target.role, target.measures or target.numerator, unit.code)
            denominator = _series(counts, target.role, target.denominator, unit.code)
            yield SeriesRow(
                unit=unit.code,
                target=target.number,
                opening=sum(series.before(days[0]) for series in numerator),
                counts=[sum(series.on(day) for series in numerator) for day in days],
                opening_of=sum(series.before(days[0]) for series in denominator) if target.is_ratio else None,
                counts_of=[sum(series.on(day) for series in denominator) for day in days] if target.is_ratio else None,
            )


def _series(counts: Counts, role: Role, names: Iterable[str], unit: str) -> list[Series]:
    return [counts.get(CounterKey(role, measure, unit), NOTHING) for measure in names]


def changed_figures(old: Snapshot, new: Snapshot) -> list[ChangedFigure]:
    """Every figure that differs, in the order of the snapshots; one that only one of them has counts as None there."""
    before, after = old.values, new.values
    return [
        ChangedFigure(ref=ref, old=before.get(ref), new=after.get(ref))
        for ref in before | after
        if before.get(ref) != after.get(ref)
    ]


def changed_verdicts(old: Snapshot, new: Snapshot) -> Iterator[ChangedVerdict]:
    """Units and targets of which another thing is to be said."""
    before = {(row.unit, row.target): verdict(row) for row in old.rows}
    after = {(row.unit, row.target): verdict(row) for row in new.rows}
    for pair in before | after:
        old_verdict, new_verdict = before.get(pair, "not there"), after.get(pair, "not there")
        if old_verdict != new_verdict:
            yield ChangedVerdict(unit=pair[0], target=pair[1], old=old_verdict, new=new_verdict)


def verdict(row: ProgressRow) -> str:
    """What the notice says of a row in one word: its goal reached, no change since the month before, or under way."""
    if row.attainment is not None and row.attainment >= 1:
        return "goal reached"
    return "no change" if row.increase == 0 else "under way"
