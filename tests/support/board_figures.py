"""Notice 434's figures as the board reads them: counts by day, progress, a day's flags."""

import datetime as dt
from functools import cache
from typing import Any

from services.board.charts import first_day
from services.board.page_query import PageQuery
from services.board.pages.cards import UnitData
from services.metrics import calculations as figures
from services.metrics.counting import CounterKey
from services.metrics.projection import Series
from shared.contracts.flags import Flag, FlagsResponse, RateSplit, Verdict
from shared.contracts.metrics import Progress
from shared.domain.clock import number_of
from tests.support.notice434 import JULY, JUNE, MAY, catalogue, measures_on

DAYS = {dt.date(2023, 4, 10): MAY, dt.date(2023, 5, 15): JUNE, dt.date(2023, 6, 12): JULY}
"""The day on which everything up to a date of the notice is counted here."""

LAG = Flag(
    unit="phu-my",
    target=2,
    direction="lag",
    raised_on=dt.date(2023, 6, 21),
    verdict=Verdict(unit="phu-my", target=2, day=JULY, state="lags"),
    sentence_vi="Huyện đoàn Phù Mỹ, chỉ tiêu 2: chậm lại.",
    sentence_en="Phu My District Union, target 2: fell behind.",
)
SURGE = LAG.model_copy(update={"unit": None, "target": 5, "direction": "surge", "raised_on": dt.date(2023, 6, 28)})
RESOLVED = LAG.model_copy(update={"unit": "an-nhon", "cleared_on": dt.date(2023, 6, 30)})
SPLIT = RateSplit(
    since=dt.date(2023, 6, 1),
    until=dt.date(2023, 6, 30),
    before=0.5,
    now=0.4,
    by_numerator=0.05,
    by_denominator=-0.15,
)
DILUTED = Verdict(unit="phu-my", target=3, day=JULY, state="steady", diluted=True, split=SPLIT)
SILENT = [Verdict(unit="military", target=target, day=JULY, state="silent") for target in range(1, 8)]
FLAGS_RESPONSE = FlagsResponse(as_of=JULY, evaluated_on=JULY, flags=[LAG, SURGE, RESOLVED], verdicts=[DILUTED, *SILENT])


@cache
def counts() -> dict[CounterKey, Series]:
    """Counter -> series, with each month's figures on one day."""
    made: dict[CounterKey, Series] = {}
    before: dict[Any, int] = {}
    for day, as_of in DAYS.items():
        now = measures_on(as_of)
        for (measure, unit), total in now.items():
            series = made.setdefault(CounterKey("reporting", measure, unit), Series())
            series.add(number_of(day), total - before.get((measure, unit), 0))
        before = dict(now)
    return made


def progress(as_of: dt.date = JULY) -> Progress:
    return figures.progress(catalogue(), counts(), as_of)


def unit_data(code: str, as_of: dt.date = JULY, flags_response: FlagsResponse | None = FLAGS_RESPONSE) -> UnitData:
    """What the page of a unit is made from."""
    since, until = first_day(as_of) - dt.timedelta(days=1), as_of - dt.timedelta(days=1)
    days = {
        target.number: figures.daily(catalogue(), counts(), target, code, since, until)
        for target in catalogue().targets
    }
    return UnitData(catalogue(), progress(as_of), days, {}, flags_response)


VI = PageQuery(lang="vi", lang_chosen=True, as_of=JULY)
EN = PageQuery(lang="en", lang_chosen=True, as_of=JULY)
