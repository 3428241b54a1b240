"""Cumulative figures per measure and unit, read from a folder laid out like data/notice-434."""

import csv
import datetime as dt
import hashlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

MEASURES = (
    "member_accounts",
    "resident_accounts",
    "transacted_accounts",
    "member_dossiers",
    "member_dossiers_online",
    "supported_dossiers",
    "articles",
    "households",
)
"""The measures a folder may give; one it does not give is zero throughout."""

_AS_OF = "as_of_"


class FiguresError(ValueError):
    """The figures cannot be read or contradict each other; the message names file, row and remedy."""


@dataclass(frozen=True)
class Figures:
    """`cumulative[measure, unit]` holds one count per date of `as_of`, the state at that day's first moment."""

    as_of: tuple[dt.date, ...]
    units: tuple[str, ...]
    cumulative: dict[tuple[str, str], tuple[int, ...]]

    def counts(self, measure: str, unit: str) -> tuple[int, ...]:
        """The cumulative count at each date of `as_of`; zeros where the folder gives none."""
        return self.cumulative.get((measure, unit), (0,) * len(self.as_of))

    def increases(self, measure: str, unit: str) -> tuple[int, ...]:
        """What each date of `as_of` added to the date before it (to nothing, for the first)."""
        return tuple(now - before for before, now in pairwise((0, *self.counts(measure, unit))))

    def digest(self) -> str:
        """Names the figures: equal figures, equal digest."""
        return hashlib.sha256(repr((self.as_of, sorted(self.cumulative.items()))).encode()).hexdigest()


def read_figures(folder: Path) -> Figures:
    """Read `cumulative.csv` (measure, unit, as_of_YYYY_MM_DD...) and `units.csv` (unit, ...) of `folder`.

    Raises:
        FiguresError: a file or column is missing, a row is unreadable, or the figures cannot be true together.
    """
    units = tuple(row["unit"] for row in _rows(folder / "units.csv", ("unit",)))
    file = folder / "cumulative.csv"
    rows = _rows(file, ("measure", "unit"))
    columns = [name for name in rows[0] if name.startswith(_AS_OF)] if rows else []
    dates = tuple(_date(file, name) for name in columns)
    if not dates or list(dates) != sorted(set(dates)):
        raise FiguresError(f"{file}: needs rows, and columns {_AS_OF}YYYY_MM_DD in order of time")
    cumulative: dict[tuple[str, str], tuple[int, ...]] = {}
    for line, row in enumerate(rows, start=2):
        where = f"{file}, line {line}"
        key = (row["measure"], row["unit"])
        if key[0] not in MEASURES:
            raise FiguresError(f"{where}: unknown measure {key[0]!r}; use one of {', '.join(MEASURES)}")
        if key[1] not in units:
            raise FiguresError(f"{where}: unit {key[1]!r} is not in units.csv; add it there or correct it here")
        if key in cumulative:
            raise FiguresError(f"{where}: {key[0]} of {key[1]} is given twice; keep one row")
        cumulative[key] = _counts(where, [row[name] for name in columns])
    figures = Figures(dates, units, cumulative)
    for unit in units:
        _check_parts(file, figures, unit)
    return figures


def _rows(file: Path, needed: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            rows = list(reader)
    except FileNotFoundError as error:
        raise FiguresError(f"{file} is missing: the folder holds cumulative.csv and units.csv") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FiguresError(f"{file} is not readable as UTF-8 CSV: {error}") from error
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        raise FiguresError(f"{file}: the header lacks {', '.join(missing)}")
    for line, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise FiguresError(f"{file}, line {line}: needs as many fields as the header")
    return rows


def _date(file: Path, column: str) -> dt.date:
    try:
        return dt.datetime.strptime(column, f"{_AS_OF}%Y_%m_%d").date()  # noqa: DTZ007 - a day, not an instant
    except ValueError as error:
        raise FiguresError(f"{file}: column {column!r} is not {_AS_OF}YYYY_MM_DD") from error


def _counts(where: str, cells: list[str]) -> tuple[int, ...]:
    if not all(cell.isascii() and cell.isdigit() for cell in cells):
        raise FiguresError(f"{where}: counts are whole numbers without separators, got {', '.join(cells)}")
    counts = tuple(int(cell) for cell in cells)
    if list(counts) != sorted(counts):
        raise FiguresError(f"{where}: cumulative counts never fall, got {', '.join(cells)}")
    return counts


def _check_parts(file: Path, figures: Figures, unit: str) -> None:
    """A part never exceeds its whole: online dossiers per period, transacted accounts at each date."""
    online = figures.increases("member_dossiers_online", unit)
    dossiers = figures.increases("member_dossiers", unit)
    if any(part > whole for part, whole in zip(online, dossiers, strict=True)):
        raise FiguresError(f"{file}: {unit} has more member_dossiers_online than member_dossiers in a period")
    opened = zip(figures.counts("member_accounts", unit), figures.counts("resident_accounts", unit), strict=True)
    transacted = figures.counts("transacted_accounts", unit)
    if any(part > sum(whole) for part, whole in zip(transacted, opened, strict=True)):
        raise FiguresError(f"{file}: {unit} has more transacted_accounts than accounts at a date")
