"""Reads daily figures from CSV text: `date,unit,target,count[,denominator]`, one row per day, unit and
target.
"""

import csv
import datetime as dt
from collections.abc import Iterable, Mapping

from services.notifier.detection.series import Row
from shared.domain.catalogue import Target

REQUIRED = ("date", "unit", "target", "count")


class HistoryError(ValueError):
    """The file cannot be used; the message names the line, the column and the remedy."""


def read_rows(lines: Iterable[str], targets: Mapping[int, Target]) -> list[Row]:
    """All rows; days may come in any order, and days with nothing may be left out.

    The denominator of a ratio of flows stands in its own column. That of a ratio of stocks may be left out;
    it is then what the count targets made of the same measures add up to.

    Raises:
        HistoryError: a column is missing, a value cannot be read, or two rows speak of the same thing.
    """
    reader = csv.DictReader(lines, strict=True)
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or [])]
    if missing:
        raise HistoryError(
            f"line 1: no column {', '.join(map(repr, missing))}; the header must read "
            "date,unit,target,count[,denominator]"
        )
    rows: list[Row] = []
    seen: dict[tuple[dt.date, str, int], int] = {}
    try:
        for record in reader:
            row = _row(record, reader.line_num, targets)
            key = row.day, row.unit, row.target
            if key in seen:
                raise HistoryError(
                    f"line {reader.line_num}: {row.day}, {row.unit}, target {row.target} is already on line "
                    f"{seen[key]}; keep one row per day, unit and target"
                )
            seen[key] = reader.line_num
            rows.append(row)
    except csv.Error as error:
        raise HistoryError(f"after line {reader.line_num}: {error}; save the file as plain CSV in UTF-8") from error
    if not rows:
        raise HistoryError("line 2: no figures follow the header; export at least 40 days of daily figures")
    return rows + _stock_denominators(rows, targets)


def _row(record: Mapping[str, str | None], line: int, targets: Mapping[int, Target]) -> Row:
    day = _date(record["date"], line)
    unit = (record["unit"] or "").strip()
    if not unit:
        raise HistoryError(f"line {line}, column unit: empty; write the unit's code")
    number = _integer(record["target"], line, "target")
    target = targets.get(number)
    if target is None:
        known = ", ".join(map(str, sorted(targets)))
        raise HistoryError(f"line {line}, column target: {number} is not in the catalogue; it has {known}")
    done = _integer(record["count"], line, "count")
    text = (record.get("denominator") or "").strip()
    of = _integer(text, line, "denominator") if text and target.is_ratio else 0
    if target.parts == "flows" and done and not text:
        raise HistoryError(
            f"line {line}, column denominator: empty; target {number} divides, so write what it divides by"
        )
    return Row(day, unit, number, done, of)


def _date(text: str | None, line: int) -> dt.date:
    try:
        return dt.date.fromisoformat((text or "").strip())
    except ValueError:
        raise HistoryError(f"line {line}, column date: {text!r} is no date; write 2023-07-01") from None


def _integer(text: str | None, line: int, column: str) -> int:
    try:
        return int((text or "").strip())
    except ValueError:
        raise HistoryError(f"line {line}, column {column}: {text!r} is no whole number; write 31") from None


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
