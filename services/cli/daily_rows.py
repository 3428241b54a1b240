"""Daily figures as a CSV file: one row per day, unit and target, and with `received` when they came."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator

from services.notifier.detection.arrivals import Arrival
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
    received: str = ""


def read_arrivals(lines: Iterable[str], targets: Mapping[int, Target]) -> list[Arrival]:
    """All rows with the day their events were received; several rows of one day add up.

    Raises:
        CsvError: as `read_rows`; or `received` is missing, is no date, or is before the day itself.
    """
    arrivals: list[Arrival] = []
    for line, figure in read_csv(lines, _DailyFigure):
        try:
            received = dt.date.fromisoformat(figure.received.strip())
        except ValueError:
            raise CsvError(
                f"line {line}, column received: {figure.received!r} is no date; write it like 2023-07-01"
            ) from None
        row = _row(figure, line, targets)
        if received < row.day:
            raise CsvError(f"line {line}, column received: {received} is before {row.day}, the day of the events")
        arrivals.append(Arrival(received, row))
    return _with_stock_denominators(arrivals, targets)


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
    arrivals = [Arrival(row.day, row) for row in rows]
    return [arrival.row for arrival in _with_stock_denominators(arrivals, targets)]


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


def _with_stock_denominators(arrivals: list[Arrival], targets: Mapping[int, Target]) -> list[Arrival]:
    """With the denominators of ratios of stocks, where the file gives none.

    Raises:
        CsvError: there is no row at all.
    """
    if not arrivals:
        raise CsvError("line 2: no figures follow the header; export at least 40 days of daily figures")
    parts_of = _parts_of_stocks([arrival.row for arrival in arrivals], targets)
    return arrivals + [
        Arrival(received, Row(row.day, row.unit, number, 0, row.numerator))
        for number, parts in parts_of.items()
        for received, row in arrivals
        if row.target in parts
    ]


def _parts_of_stocks(rows: Sequence[Row], targets: Mapping[int, Target]) -> dict[int, set[int]]:
    """Ratio of stocks -> the count targets that add up to its denominator, where the rows give none of it."""
    given = {row.target for row in rows if row.denominator}
    present = {row.target for row in rows}
    result = {}
    for number, target in targets.items():
        if target.parts != "stocks" or number in given or number not in present:
            continue
        whole = set(target.denominator)
        parts = {n for n, one in targets.items() if one.measures and set(one.measures) <= whole}
        if {name for n in parts for name in targets[n].measures} == whole:
            result[number] = parts
    return result
