"""Statements as data: what is said, of which target and units, with every number tied to its snapshot cells."""

from typing import Literal

from pydantic import Field

from shared.domain.frozen import FrozenModel

Kind = Literal[
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


class Number(FrozenModel):
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
    """A unit named in a statement, with the number said of it, if any, or the targets it is named for."""

    unit: str
    number: Number | None = None
    targets: tuple[int, ...] = ()


class Statement(FrozenModel):
    """One statement: `numbers` by the name the sentence uses, `mentions` all units it is true of.

    `field` is what a `changed` statement is about.
    `named` is False where they are too many to name, and the sentence gives their number alone.
    """

    kind: Kind
    target: int | None = None
    field: ChangedField | None = None
    numbers: dict[str, Number] = Field(default_factory=dict)
    mentions: tuple[Mention, ...] = ()
    named: bool = True
