"""What differs between a snapshot and the figures of now."""

import pytest

from services.metrics.calculations import changed_figures, changed_verdicts, verdict
from shared.contracts.months import ChangedFigure, ChangedVerdict
from shared.domain.snapshot import Snapshot
from tests.support.stored_months import SNAPSHOT

CLOSED = Snapshot.model_validate_json(SNAPSHOT)
ROW = CLOSED.rows[0]


def with_row(**changes: float | str | None) -> Snapshot:
    rows = (ROW.model_copy(update=changes), *CLOSED.rows[1:])
    return Snapshot.model_validate(CLOSED.model_dump() | {"rows": rows})


def test_the_same_figures_are_no_restatement() -> None:
    assert changed_figures(CLOSED, CLOSED) == []
    assert list(changed_verdicts(CLOSED, CLOSED)) == []


def test_a_changed_figure_has_its_name_and_both_values() -> None:
    changed = with_row(achieved=41)
    assert changed_figures(CLOSED, changed) == [ChangedFigure(ref="t1.an-nhon.achieved", old=40, new=41)]


def test_a_row_that_only_one_has_counts_as_none_in_the_other() -> None:
    moved = with_row(unit="van-canh")
    changes = {figure.ref: (figure.old, figure.new) for figure in changed_figures(CLOSED, moved)}
    assert (changes["t1.an-nhon.achieved"], changes["t1.van-canh.achieved"]) == ((40, None), (None, 40))
    assert list(changed_verdicts(CLOSED, moved)) == [
        ChangedVerdict(unit="an-nhon", target=1, old="under way", new="not there"),
        ChangedVerdict(unit="van-canh", target=1, old="not there", new="under way"),
    ]


@pytest.mark.parametrize(
    ("attainment", "increase", "expected"),
    [(1.0, 0, "goal reached"), (0.99, 0, "no change"), (0.99, 3, "under way"), (None, None, "under way")],
)
def test_a_verdict_is_what_the_notice_says(attainment: float | None, increase: int | None, expected: str) -> None:
    assert verdict(ROW.model_copy(update={"attainment": attainment, "increase": increase})) == expected
