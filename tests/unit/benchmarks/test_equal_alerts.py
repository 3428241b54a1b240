from pathlib import Path

import numpy as np
import pytest

from benchmarks.equal_alerts import scored_at_equal
from benchmarks.references import bound, farrington, likelihood_ratio, panel_of
from benchmarks.scoring import joined
from benchmarks.simulator import Province, Setting, simulate
from shared.domain.calendar import load_calendar

CALENDAR = load_calendar(Path("deploy/calendar/holidays.toml"))
SETTING = Setting(units=8, changed_share=0.6)


@pytest.fixture(scope="module")
def province() -> Province:
    return simulate(SETTING, CALENDAR, 11)


def test_every_reference_finds_changes_at_the_false_alerts_given(province: Province) -> None:
    panel = panel_of(province, CALENDAR)
    for scores in (farrington(panel), likelihood_ratio(panel), bound(panel, SETTING)):
        assert scores.lag.shape == scores.surge.shape == (len(panel.runs), len(panel.pairs))
        whole = joined(scored_at_equal(SETTING, [province], [panel], [scores], 0.4))
        assert whole.false / whole.unit_months <= 0.4
        assert (whole.recall() or 0) > 0.3


def test_references_see_no_day_that_is_yet_to_come(province: Province) -> None:
    panel = panel_of(province, CALENDAR)
    later = panel.counts.copy()
    later[:, panel.runs[60] :] = 0
    for method in (farrington, likelihood_ratio):
        seen, unseen = method(panel), method(panel._replace(counts=later))
        np.testing.assert_allclose(seen.lag[:60], unseen.lag[:60])
