"""Reads daily figures from CSV text: `date,unit,target,count[,denominator]`, one row per day, unit and
target.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator

from services.notifier.detection.series import Row
from shared.domain.catalogue import Target
from shared.domain.csv_rows import CsvError, Day, WholeNumber, read_csv, whole_number


def _unit(text: str | None) -> str:
    if not (code := (text or "").strip()):
        raise ValueError("empty; write the unit's code")
    return code


class _DailyFigure(BaseModel):
    date: Day
    unit: Annotated[str, BeforeValidator(_unit)]
    target: WholeNumber
    count: WholeNumber
    denominator: str = ""


def read_rows(lines: Iterable[str], targets: Mapping[int, Target]) -> list[Row]:
    """All rows; days may come in any order, and days with nothing may be left out.

    The denominator of a ratio of flows stands in its own column. That of a ratio of stocks may be left out;
    it is then what the count targets made of the same measures add up to.

    Raises:
        CsvError: a column is missing, a value cannot be read, or two rows speak of the same thing.
    """
    rows: list[Row] = []
    line_of: dict[tuple[dt.date, str, int], int] = {}
    for line, figure in read_csv(lines, _DailyFigure):
        row = _row(figure, line, targets)
        key = row.day, row.unit, row.target
        if key in line_of:
            raise CsvError(
                f"line {line}: {row.day}, {row.unit}, target {row.target} is already on line "
                f"{line_of[key]}; keep one row per day, unit and target"
            )
        line_of[key] = line
        rows.append(row)
    if not rows:
        raise CsvError("line 2: no figures follow the header; export at least 40 days of daily figures")
    return rows + _stock_denominators(rows, targets)


def _row(figure: _DailyFigure, line: int, targets: Mapping[int, Target]) -> Row:
    target = targets.get(figure.target)
    if target is None:
        known = ", ".join(map(str, sorted(targets)))
        raise CsvError(f"line {line}, column target: {figure.target} is not in the catalogue; it has {known}")
    text = figure.denominator.strip()
    if target.parts == "flows" and figure.count and not text:
        raise CsvError(
            f"line {line}, column denominator: empty; target {figure.target} divides, so write what it divides by"
        )
    try:
        denominator = whole_number(text) if text and target.is_ratio else 0
    except ValueError as error:
        raise CsvError(f"line {line}, column denominator: {error}") from error
    return Row(figure.date, figure.unit, figure.target, figure.count, denominator)


def _stock_denominators(rows: list[Row], targets: Mapping[int, Target]) -> list[Row]:
    """Rows that add the denominators of ratios of stocks, where the file gives none."""
    given = {row.target for row in rows if row.denominator}
    added = []
    for number, target in targets.items():
        if target.parts != "stocks" or number in given:
            continue
        whole = set(target.denominator)
        parts = {n for n, one in targets.items() if one.measures and set(one.measures) <= whole}
        measures = {name for n in parts for name in targets[n].measures}
        if measures == whole and any(row.target == number for row in rows):
            added += [Row(row.day, row.unit, number, 0, row.numerator) for row in rows if row.target in parts]
    return added
