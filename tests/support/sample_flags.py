"""The flags of a day for tests: 21 July 2023, figures to the end of 20 July."""

import datetime as dt
from pathlib import Path

from shared.contracts.flags import Evidence, Flag, Forecast, Gate, RateSplit, Verdict
from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import Catalogue, load_catalogue

DAY = dt.date(2023, 7, 21)
NOW = dt.datetime(2023, 7, 21, 0, 30, tzinfo=dt.UTC)


def catalogue() -> Catalogue:
    return load_catalogue(Path(__file__).parents[2] / "deploy" / "catalogue")


def july(day: int) -> dt.date:
    return dt.date(2023, 7, day)


def gate(observed: float, expected: float, until: int = 20) -> Gate:
    """The gate of a month to date against June."""
    return Gate(
        basis="month",
        since=july(1),
        until=july(until),
        previous_since=dt.date(2023, 6, 1),
        previous_until=dt.date(2023, 6, 30),
        observed=observed,
        expected=expected,
        ratio=observed / expected,
        previous=round(expected * 1.5, 3) if expected >= 1 else expected,
        own_expected=expected,
    )


def evidence(observed: int, expected: float, p_lag: float, p_surge: float) -> Evidence:
    return Evidence(
        window_from=dt.date(2023, 6, 21),
        window_to=july(20),
        observed=observed,
        expected=expected,
        p_lag=p_lag,
        p_surge=p_surge,
    )


def verdict(unit: str, target: int, **more: object) -> Verdict:
    return Verdict.model_validate({"unit": unit, "target": target, "day": DAY, "state": "steady"} | more)


LAG = Flag(
    unit="phu-my",
    target=2,
    direction="lag",
    raised_on=DAY,
    verdict=verdict(
        "phu-my",
        2,
        state="lags",
        gate=gate(31, 78),
        evidence=evidence(33, 81.4, 0.99, 0.00002),
        direction="lag",
        severity=24.0,
        forecast=Forecast(
            until=dt.date(2023, 12, 31),
            working_days=113,
            achieved=4120,
            goal=6880,
            pace=2.2,
            needed=24.4,
            attainment=0.634,
        ),
    ),
    sentence_vi=(
        "Huyện đoàn Phù Mỹ, chỉ tiêu 2: từ 01/7 đến 20/7 đạt 31 tài khoản; theo nhịp ngày làm việc của tháng 6 "
        "lẽ ra khoảng 78 (giảm 60\u00a0%), vượt mức dao động thường thấy."
    ),
    sentence_en=(
        "Phu My District Union, target 2: 31 accounts from 1 July to 20 July; at June's working-day pace "
        "about 78 would be usual (down 60\u00a0%), beyond the usual ups and downs."
    ),
)
SURGE = Flag(
    unit="phu-my",
    target=4,
    direction="surge",
    raised_on=DAY,
    verdict=verdict(
        "phu-my",
        4,
        state="surges",
        gate=gate(0.612, 0.418),
        evidence=evidence(1213, 829.0, 0.0041, 0.99).model_copy(update={"observed_of": 1982}),
    ),
    sentence_vi=(
        "Huyện đoàn Phù Mỹ, chỉ tiêu 4: từ 01/7 đến 20/7 có 61,2\u00a0% hồ sơ nộp trực tuyến; kỳ trước là 41,8\u00a0% "
        "(tăng 46\u00a0%), vượt mức dao động thường thấy."
    ),
    sentence_en=(
        "Phu My District Union, target 4: 61.2\u00a0% of dossiers were filed online from 1 July to 20 July; it was "
        "41.8\u00a0% the period before (up 46\u00a0%), beyond the usual ups and downs."
    ),
)
STANDING = LAG.model_copy(
    update={
        "target": 7,
        "raised_on": july(12),
        "sentence_vi": (
            "Huyện đoàn Phù Mỹ, chỉ tiêu 7: từ 01/7 đến 11/7 đạt 120 hộ; theo nhịp ngày làm việc của tháng 6 "
            "lẽ ra khoảng 260 (giảm 54\u00a0%), vượt mức dao động thường thấy."
        ),
        "sentence_en": (
            "Phu My District Union, target 7: 120 households from 1 July to 11 July; at June's working-day "
            "pace about 260 would be usual (down 54\u00a0%), beyond the usual ups and downs."
        ),
    }
)
RESOLVED = LAG.model_copy(update={"target": 1, "raised_on": july(10), "cleared_on": DAY})
OTHER_UNIT = LAG.model_copy(
    update={
        "unit": "an-nhon",
        "target": 5,
        "direction": "surge",
        "sentence_vi": (
            "Thị đoàn An Nhơn, chỉ tiêu 5: từ 01/7 đến 20/7 đạt 1.204 hồ sơ; theo nhịp ngày làm việc của "
            "tháng 6 lẽ ra khoảng 610 (tăng 97\u00a0%), vượt mức dao động thường thấy."
        ),
        "sentence_en": (
            "An Nhon Town Union, target 5: 1,204 dossiers from 1 July to 20 July; at June's working-day "
            "pace about 610 would be usual (up 97\u00a0%), beyond the usual ups and downs."
        ),
        "verdict": verdict(
            "an-nhon",
            5,
            state="surges",
            gate=gate(1204, 610),
            evidence=evidence(1250, 640.0, 0.00001, 0.99),
        ),
    }
)
PROVINCE = LAG.model_copy(
    update={
        "unit": None,
        "target": 6,
        "sentence_vi": (
            "Toàn tỉnh, chỉ tiêu 6: 18/20 đơn vị cùng giảm; 21 ngày gần nhất đạt 41 tin, bài, bằng 0,61 "
            "lần mức dự kiến. Đây là biến động chung, không gửi cảnh báo riêng cho từng đơn vị."
        ),
        "sentence_en": (
            "Whole province, target 6: 18 of 20 units fell together; 41 articles in the last 21 days, 0.61 "
            "times what was expected. This is a common change; no unit is told of it separately."
        ),
        "verdict": verdict("province", 6, state="lags", gate=gate(40, 66), evidence=evidence(41, 67.2, 0.99, 0.0004)),
    }
)
FLAGS = (LAG, SURGE, STANDING, RESOLVED, OTHER_UNIT, PROVINCE)
SPLIT = RateSplit(
    since=july(1),
    until=july(20),
    before=0.301,
    now=0.269,
    by_numerator=0.008,
    by_denominator=-0.04,
    added=80,
    added_of=910,
)
DILUTED = verdict("phu-my", 3, state="steady", diluted=True, split=SPLIT)
SILENT = tuple(verdict("border-guard", target, state="silent") for target in range(1, 8))
VERDICTS = (LAG.verdict, SURGE.verdict, DILUTED, *SILENT)


def row(target: int, **values: object) -> ProgressRow:
    empty = dict.fromkeys(ProgressRow.model_fields)
    return ProgressRow.model_validate(empty | {"unit": "phu-my", "target": target} | values)


ROWS = {
    ("phu-my", 2): row(2, achieved=4120, goal=6880, attainment=4120 / 6880),
    ("phu-my", 3): row(
        3, achieved=1240 / 4615, goal=0.4, numerator=1240, denominator=4615, attainment=1240 / 4615 / 0.4
    ),
    ("phu-my", 4): row(
        4, achieved=1320 / 2690, goal=0.8, numerator=1320, denominator=2690, attainment=1320 / 2690 / 0.8
    ),
}
