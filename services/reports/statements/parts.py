"""The parts statements are made of: numbers tied to their cells, and statements about some of the units."""

from collections.abc import Callable, Sequence

from services.reports.statements.model import Kind, Mention, Number, Statement
from shared.contracts.metrics import ProgressRow

NAMED_AT_MOST = 5
"""More units than this are counted, not named."""
ONE_DECIMAL_BELOW = 1.01
"""Attainments below this are printed with one decimal: 61.6 % and 100.4 %, but 104 %."""


def cell(row: ProgressRow, field: str) -> str:
    """The reference of one field of `row`."""
    return f"t{row.target}.{row.unit}.{field}"


def attainment(row: ProgressRow) -> Number | None:
    """Achieved over goal as the notice prints it, None without a goal."""
    if row.attainment is None:
        return None
    digits = 1 if row.attainment < ONE_DECIMAL_BELOW else 0
    return Number(value=row.attainment, form="percent", digits=digits, refs=(cell(row, "attainment"),))


def about_units(
    kind: Kind,
    target: int,
    units: Sequence[ProgressRow],
    true_of: Sequence[ProgressRow],
    field: str,
    *,
    mention: Callable[[ProgressRow], Mention] | None = None,
    more: dict[str, Number] | None = None,
) -> Statement:
    """A statement true of some `units`: how many of how many, and which; `field` is what it was judged by.

    `mention` says how a unit is mentioned, by its name alone if not given; `more` are further numbers.
    """
    numbers = {"count": count(true_of, field), "of": count(units, field)} | (more or {})
    return Statement(
        kind=kind,
        target=target,
        numbers=numbers,
        mentions=tuple((mention or _plain)(row) for row in true_of),
        named=len(true_of) <= NAMED_AT_MOST,
    )


def _plain(row: ProgressRow) -> Mention:
    return Mention(unit=row.unit)


def count(rows: Sequence[ProgressRow], field: str) -> Number:
    """How many `rows` there are, each one's `field` as the witness."""
    refs = tuple(cell(row, field) for row in rows)
    return Number(value=len(refs), form="units", refs=refs, derivation="count")


def whole(row: ProgressRow, field: str, value: float | None) -> Number | None:
    """A number of things."""
    return None if value is None else Number(value=value, form="count", refs=(cell(row, field),))


def rate(row: ProgressRow, field: str, value: float | None, digits: int) -> Number | None:
    """A rate, a share of one printed as a percentage."""
    if value is None:
        return None
    return Number(value=value, form="percent", digits=digits, refs=(cell(row, field),))
