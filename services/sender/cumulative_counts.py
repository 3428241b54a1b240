"""Cumulative figures per measure and unit, read from a folder laid out like data/notice-434."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from shared.domain.csv_rows import CsvError, read_csv

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


class CountsError(ValueError):
    """The figures cannot be read or contradict each other; the message names file, row and remedy."""


@dataclass(frozen=True)
class CumulativeCounts:
    """`counts[measure, unit]` holds one count per date of `as_of`, the state at that day's first moment."""

    as_of: tuple[dt.date, ...]
    units: tuple[str, ...]
    counts: dict[tuple[str, str], tuple[int, ...]]

    def counts_of(self, measure: str, unit: str) -> tuple[int, ...]:
        """The cumulative count at each date of `as_of`; zeros where the folder gives none."""
        return self.counts.get((measure, unit), (0,) * len(self.as_of))

    def increases(self, measure: str, unit: str) -> tuple[int, ...]:
        """What each date of `as_of` added to the date before it (to nothing, for the first)."""
        return tuple(now - before for before, now in pairwise((0, *self.counts_of(measure, unit))))

    def digest(self) -> str:
        """Names the content: equal counts, equal digest."""
        return hashlib.sha256(repr((self.as_of, sorted(self.counts.items()))).encode()).hexdigest()


class _UnitRow(BaseModel):
    model_config = ConfigDict(extra="allow")

    unit: str


class _CumulativeRow(_UnitRow):
    """The other columns are the counts."""

    measure: str


R = TypeVar("R", bound=_UnitRow)


def read_cumulative_counts(folder: Path) -> CumulativeCounts:
    """Read `cumulative.csv` (measure, unit, as_of_YYYY_MM_DD...) and `units.csv` (unit, ...) of `folder`.

    Raises:
        CountsError: a file or column is missing, a row is unreadable, or the figures cannot be true together.
    """
    units = tuple(row.unit for _, row in _rows(folder / "units.csv", _UnitRow))
    file = folder / "cumulative.csv"
    rows = _rows(file, _CumulativeRow)
    columns = [name for name in rows[0][1].model_extra or () if name.startswith(_AS_OF)] if rows else []
    dates = tuple(_date(file, name) for name in columns)
    if not dates or list(dates) != sorted(set(dates)):
        raise CountsError(f"{file}: needs rows, and columns {_AS_OF}YYYY_MM_DD in order of time")
    counts: dict[tuple[str, str], tuple[int, ...]] = {}
    for line, row in rows:
        where = f"{file}, line {line}"
        key = (row.measure, row.unit)
        if row.measure not in MEASURES:
            raise CountsError(f"{where}: unknown measure {row.measure!r}; use one of {', '.join(MEASURES)}")
        if row.unit not in units:
            raise CountsError(f"{where}: unit {row.unit!r} is not in units.csv; add it there or correct it here")
        if key in counts:
            raise CountsError(f"{where}: {row.measure} of {row.unit} is given twice; keep one row")
        extra = row.model_extra or {}
        counts[key] = _counts(where, [extra[name] for name in columns])
    cumulative = CumulativeCounts(dates, units, counts)
    for unit in units:
        _check_parts(file, cumulative, unit)
    return cumulative


def _rows(file: Path, model: type[R]) -> list[tuple[int, R]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return list(read_csv(lines, model))
    except FileNotFoundError as error:
        raise CountsError(f"{file} is missing: the folder holds cumulative.csv and units.csv") from error
    except UnicodeDecodeError as error:
        raise CountsError(f"{file} is not readable as UTF-8 CSV: {error}") from error
    except CsvError as error:
        raise CountsError(f"{file}, {error}") from error


def _date(file: Path, column: str) -> dt.date:
    try:
        return dt.datetime.strptime(column, f"{_AS_OF}%Y_%m_%d").date()  # noqa: DTZ007 - a day, not an instant
    except ValueError as error:
        raise CountsError(f"{file}: column {column!r} is not {_AS_OF}YYYY_MM_DD") from error


def _counts(where: str, texts: list[str]) -> tuple[int, ...]:
    if not all(text.isascii() and text.isdigit() for text in texts):
        raise CountsError(f"{where}: counts are whole numbers without separators, got {', '.join(texts)}")
    counts = tuple(int(text) for text in texts)
    if list(counts) != sorted(counts):
        raise CountsError(f"{where}: cumulative counts never fall, got {', '.join(texts)}")
    return counts


def _check_parts(file: Path, cumulative: CumulativeCounts, unit: str) -> None:
    """A part never exceeds its whole: online dossiers per period, transacted accounts at each date."""
    online = cumulative.increases("member_dossiers_online", unit)
    dossiers = cumulative.increases("member_dossiers", unit)
    if any(part > whole for part, whole in zip(online, dossiers, strict=True)):
        raise CountsError(f"{file}: {unit} has more member_dossiers_online than member_dossiers in a period")
    opened = zip(
        cumulative.counts_of("member_accounts", unit), cumulative.counts_of("resident_accounts", unit), strict=True
    )
    transacted = cumulative.counts_of("transacted_accounts", unit)
    if any(part > sum(whole) for part, whole in zip(transacted, opened, strict=True)):
        raise CountsError(f"{file}: {unit} has more transacted_accounts than accounts at a date")
