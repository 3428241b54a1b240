import datetime as dt
from pathlib import Path

import pytest

from services.notifier.detection.sentences import dilution_sentences, flag_sentences
from shared.contracts.flags import Gate, RateSplit, Verdict
from shared.domain.catalogue import load_catalogue

CATALOGUE = load_catalogue(Path("deploy/catalogue"))
PHU_MY = CATALOGUE.unit_by_code["phu-my"]
DAY = dt.date(2023, 7, 21)
MONTH = Gate(
    basis="month",
    since=dt.date(2023, 7, 1),
    until=dt.date(2023, 7, 20),
    previous_since=dt.date(2023, 6, 1),
    previous_until=dt.date(2023, 6, 30),
    observed=31,
    expected=77.6,
    ratio=31 / 77.6,
)


def verdict(target: int, gate: Gate | None, unit: str = "phu-my", projected: float | None = None) -> Verdict:
    return Verdict(unit=unit, target=target, day=DAY, state="lags", gate=gate, projected_attainment=projected)


def test_a_lag_by_month() -> None:
    said = flag_sentences("lag", verdict(2, MONTH), CATALOGUE.target_by_number[2], PHU_MY)
    assert said.vi == (
        "Huyện đoàn Phù Mỹ, chỉ tiêu 2: từ 01/7 đến 20/7 đạt 31 tài khoản; theo nhịp ngày làm việc của tháng 6 "
        "lẽ ra khoảng 78 (giảm 60\u00a0%), vượt mức dao động thường thấy."
    )
    assert said.en == (
        f"{PHU_MY.name_en}, target 2: 31 accounts from 1 July to 20 July; at the working-day pace of June "
        "about 78 would be expected (down 60\u00a0%), beyond the usual variation."
    )


def test_early_in_a_month_the_days_are_named() -> None:
    gate = MONTH.model_copy(update={"basis": "window", "previous_since": dt.date(2023, 6, 1), "province_factor": 0.6})
    said = flag_sentences("lag", verdict(2, gate), CATALOGUE.target_by_number[2], PHU_MY)
    assert "của 30 ngày trước đó, sau khi trừ biến động chung toàn tỉnh, lẽ ra" in said.vi
    assert "the 30 days before, the province's own change taken off, about" in said.en


def test_a_surge_still_far_from_its_goal_is_told_both() -> None:
    gate = MONTH.model_copy(update={"observed": 200, "ratio": 200 / 77.6})
    said = flag_sentences("surge", verdict(2, gate, projected=0.434), CATALOGUE.target_by_number[2], PHU_MY)
    assert "(tăng 158\u00a0%)" in said.vi
    assert said.vi.endswith("dự kiến chỉ đạt 43,4\u00a0% mục tiêu.")
    assert said.en.endswith("43.4\u00a0% of the goal is expected.")
    there = flag_sentences("surge", verdict(2, gate, projected=1.2), CATALOGUE.target_by_number[2], PHU_MY)
    assert "mục tiêu" not in there.vi


def test_a_rate_is_told_as_a_rate() -> None:
    gate = MONTH.model_copy(update={"observed": 0.2, "expected": 0.4, "ratio": 0.5})
    said = flag_sentences("lag", verdict(4, gate), CATALOGUE.target_by_number[4], PHU_MY)
    assert "đạt tỷ lệ 20,0\u00a0%; tháng 6 là 40,0\u00a0% (giảm 50\u00a0%)" in said.vi
    assert "a rate of 20.0\u00a0%" in said.en


def test_growth_from_nothing_is_new_and_the_province_has_a_name() -> None:
    gate = MONTH.model_copy(update={"expected": 0, "ratio": None})
    said = flag_sentences("surge", verdict(2, gate, unit="province"), CATALOGUE.target_by_number[2], None)
    assert said.vi.startswith("Toàn tỉnh, chỉ tiêu 2")
    assert "(mới phát sinh)" in said.vi
    assert "(new)" in said.en


def test_an_unknown_unit_is_called_by_its_code() -> None:
    said = flag_sentences("lag", verdict(2, MONTH, unit="x-1"), CATALOGUE.target_by_number[2], None)
    assert said.en.startswith("x-1, target 2")


def test_dilution_says_so() -> None:
    split = RateSplit(
        since=MONTH.since, until=MONTH.until, before=0.36, now=0.325, by_numerator=0.1, by_denominator=-0.135
    )
    said = dilution_sentences(split, verdict(3, None), PHU_MY)
    assert "từ 36,0\u00a0% xuống 32,5\u00a0%" in said.vi
    assert "no lag" in said.en


def test_no_gate_no_sentence() -> None:
    with pytest.raises(ValueError, match="phu-my, target 2"):
        flag_sentences("lag", verdict(2, None), CATALOGUE.target_by_number[2], PHU_MY)
