"""The figures of Notice 434 as the tests need them: the counters at three dates, and the catalogue."""

import csv
import datetime as dt
from functools import cache
from pathlib import Path

from shared.domain.catalogue import Catalogue, load_catalogue
from shared.domain.figures import Measures

ROOT = Path(__file__).parents[2]
MAY, JUNE, JULY = dt.date(2023, 5, 1), dt.date(2023, 6, 1), dt.date(2023, 7, 1)


@cache
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "deploy" / "catalogue")


@cache
def measures_on(day: dt.date) -> Measures:
    """(measure, unit) -> the cumulative count as of 1 May, 1 June or 1 July 2023."""
    column = f"as_of_{day:%Y_%m_%d}"
    with (ROOT / "data" / "notice-434" / "cumulative.csv").open(encoding="utf-8", newline="") as file:
        return {(row["measure"], row["unit"]): int(row[column]) for row in csv.DictReader(file)}
