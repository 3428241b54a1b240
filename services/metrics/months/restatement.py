"""Restatement: compares a snapshot with what the counters hold now. Pure."""

from collections.abc import Iterator

from shared.contracts.metrics import ProgressRow
from shared.contracts.months import ChangedFigure, ChangedVerdict
from shared.domain.snapshot import Snapshot


def changed_figures(old: Snapshot, new: Snapshot) -> list[ChangedFigure]:
    """Every figure that differs, in the order of the snapshots; one that only one of them has counts as None there."""
    before, after = old.values, new.values
    return [
        ChangedFigure(ref=ref, old=before.get(ref), new=after.get(ref))
        for ref in before | after
        if before.get(ref) != after.get(ref)
    ]


def changed_verdicts(old: Snapshot, new: Snapshot) -> Iterator[ChangedVerdict]:
    """Units and targets of which another thing is to be said."""
    before = {(row.unit, row.target): verdict(row) for row in old.rows}
    after = {(row.unit, row.target): verdict(row) for row in new.rows}
    for pair in before | after:
        old_verdict, new_verdict = before.get(pair, "not there"), after.get(pair, "not there")
        if old_verdict != new_verdict:
            yield ChangedVerdict(unit=pair[0], target=pair[1], old=old_verdict, new=new_verdict)


def verdict(row: ProgressRow) -> str:
    """What the notice says of a row in one word: its goal reached, no change since the month before, or under way."""
    if row.attainment is not None and row.attainment >= 1:
        return "goal reached"
    return "no change" if row.increase == 0 else "under way"
