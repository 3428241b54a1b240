"""Statements as data: what the notice states, of which target and units, every number with its snapshot references.

Pure.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from shared.contracts.metrics import ProgressRow
from shared.domain.frozen import FrozenModel

NAMED_AT_MOST = 5
"""More units than this are counted, not named."""
ONE_DECIMAL_BELOW = 1.01
"""Attainments below this are printed with one decimal: 61.6 % and 100.4 %, but 104 %."""

StatementType = Literal[
    "total_count",
    "total_plain",
    "total_ratio",
    "total_ratio_plain",
    "total_none",
    "over_goal",
    "at_goal",
    "no_change",
    "grew",
    "from_zero",
    "little_change",
    "slower",
    "above_common",
    "rate_diluted",
    "rate_fewer",
    "rate_outpaced",
    "rate_shrunk",
    "rate_same",
    "attention_low",
    "attention_diluted",
    "attention_stalled",
    "attention_none",
    "changed",
]

Form = Literal["count", "change", "units", "percent", "points"]
"""`units` is a number of units ("03" in Vietnamese). `change` is a difference of counts, `points` of rates, in
percentage points: both are printed without their sign, since the sentence's verb says it."""

ChangedField = Literal["achieved", "goal", "numerator", "denominator"]

Derivation = Literal["cell", "count", "share"]


class ReferencedNumber(FrozenModel):
    """A number of a statement, unrounded, and where it comes from.

    `cell`: the value of `refs[0]`. `count`: how many refs there are. `share`: the sum of all refs but the last,
    divided by the last. `revision` names the earlier snapshot the refs belong to, None for the notice's own.
    """

    value: float | int
    form: Form
    digits: int = 0
    refs: tuple[str, ...]
    derivation: Derivation = "cell"
    revision: int | None = None


class Mention(FrozenModel):
    """A unit named in a statement, with its number, if any, or the targets it is named for."""

    unit: str
    number: ReferencedNumber | None = None
    targets: tuple[int, ...] = ()


class Statement(FrozenModel):
    """One statement: `numbers` by the name the sentence uses, `mentions` all units it is true of.

    `field` is what a `changed` statement is about.
    `named` is False where they are too many to name, and the sentence gives their number alone.
    """

    type: StatementType
    target: int | None = None
    field: ChangedField | None = None
    numbers: dict[str, ReferencedNumber] = Field(default_factory=dict)
    mentions: tuple[Mention, ...] = ()
    named: bool = True


def reference(row: ProgressRow, field: str) -> str:
    """The reference of one field of `row`."""
    return f"t{row.target}.{row.unit}.{field}"


def attainment(row: ProgressRow) -> ReferencedNumber | None:
    """Achieved over goal as the notice prints it, None without a goal."""
    if row.attainment is None:
        return None
    digits = 1 if row.attainment < ONE_DECIMAL_BELOW else 0
    return ReferencedNumber(value=row.attainment, form="percent", digits=digits, refs=(reference(row, "attainment"),))


def about_units(
    type_: StatementType,
    target: int,
    units: Sequence[ProgressRow],
    true_of: Sequence[ProgressRow],
    field: str,
    *,
    mention: Callable[[ProgressRow], Mention] | None = None,
    more: dict[str, ReferencedNumber] | None = None,
) -> Statement:
    """A statement true of some `units`: how many of how many, and which; `field` is what it was judged by.

    `mention` says how a unit is mentioned, by its name alone if not given; `more` are further numbers.
    """
    numbers = {"count": count(true_of, field), "total": count(units, field)} | (more or {})
    return Statement(
        type=type_,
        target=target,
        numbers=numbers,
        mentions=tuple((mention or _plain)(row) for row in true_of),
        named=len(true_of) <= NAMED_AT_MOST,
    )


def _plain(row: ProgressRow) -> Mention:
    return Mention(unit=row.unit)


def count(rows: Sequence[ProgressRow], field: str) -> ReferencedNumber:
    """How many `rows` there are, each one's `field` as the witness."""
    refs = tuple(reference(row, field) for row in rows)
    return ReferencedNumber(value=len(refs), form="units", refs=refs, derivation="count")


def whole(row: ProgressRow, field: str, value: float | None) -> ReferencedNumber | None:
    """A number of things."""
    return None if value is None else ReferencedNumber(value=value, form="count", refs=(reference(row, field),))


def rate(row: ProgressRow, field: str, value: float | None, digits: int) -> ReferencedNumber | None:
    """A rate, a share of one printed as a percentage."""
    if value is None:
        return None
    return ReferencedNumber(value=value, form="percent", digits=digits, refs=(reference(row, field),))
