"""The closing paragraph: what needs attention, drawn from the same figures as the targets' paragraphs."""

from services.reports.statements.model import Mention, Statement
from services.reports.statements.parts import attainment
from services.reports.statements.rates import is_diluted
from services.reports.statements.statements import hardly_changed
from shared.domain.catalogue import PROVINCE
from shared.domain.snapshot import Snapshot

FAR_FROM_GOAL = 0.5
"""A target of which the province has achieved less than this share is named at the end."""


def attention_statements(snapshot: Snapshot) -> list[Statement]:
    """Targets far from their goal, diluted rates, units that stand still; or that there are none of these."""
    found = [*_far_from_goal(snapshot), *_diluted(snapshot), *_stalled(snapshot)]
    return found or [Statement(kind="attention_none")]


def _far_from_goal(snapshot: Snapshot) -> list[Statement]:
    low = [
        (row, number)
        for row in snapshot.rows
        if row.unit == PROVINCE and (number := attainment(row)) is not None and number.value < FAR_FROM_GOAL
    ]
    low.sort(key=lambda pair: pair[1].value)
    if not low:
        return []
    mentions = tuple(Mention(unit=PROVINCE, number=number, targets=(row.target,)) for row, number in low)
    return [Statement(kind="attention_low", mentions=mentions)]


def _diluted(snapshot: Snapshot) -> list[Statement]:
    targets = [
        Mention(unit=PROVINCE, targets=(change.target,))
        for change in snapshot.rates
        if change.unit == PROVINCE and is_diluted(change)
    ]
    return [Statement(kind="attention_diluted", mentions=tuple(targets))] if targets else []


def _stalled(snapshot: Snapshot) -> list[Statement]:
    """Units below their goal that moved by less than LITTLE_GROWTH or not at all, most targets first."""
    rows = [row for row in snapshot.rows if row.unit != PROVINCE and row.numerator is None]
    below = [row for row in rows if row.attainment is not None and row.attainment < 1]
    still = [row for row in below if row.increase == 0] + hardly_changed(below)
    targets: dict[str, list[int]] = {}
    for row in still:
        targets.setdefault(row.unit, []).append(row.target)
    if not targets:
        return []
    order = sorted(targets, key=lambda unit: -len(targets[unit]))
    mentions = tuple(Mention(unit=unit, targets=tuple(sorted(targets[unit]))) for unit in order)
    return [Statement(kind="attention_stalled", mentions=mentions)]
