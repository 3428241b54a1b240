import datetime as dt
from pathlib import Path

import pytest

from services.notifier.detection.sentences import comparison_sentences, dilution_text
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
    previous=110,
    own_expected=77.6,
)
SPLIT = RateSplit(
    since=MONTH.since,
    until=MONTH.until,
    before=0.36,
    now=0.325,
    by_numerator=0.1,
    by_denominator=-0.135,
    added=31,
    added_of=1900,
)


def verdict(target: int, gate: Gate | None, unit: str = "phu-my", split: RateSplit | None = None) -> Verdict:
    return Verdict(unit=unit, target=target, day=DAY, state="lags", gate=gate, split=split)


def sentences(target: int, **changes: object) -> tuple[str, str]:
    gate = MONTH.model_copy(update=changes)
    said = comparison_sentences(verdict(target, gate), CATALOGUE.target_by_number[target], PHU_MY)
    return said.vi.replace("\u00a0", " "), said.en.replace("\u00a0", " ")


def test_a_lag_by_month_names_what_happened_then_what_it_comes_to() -> None:
    vi, en = sentences(2)
    assert vi == (
        "Huyện đoàn Phù Mỹ, chỉ tiêu 2: từ 01/7 đến 20/7 được 31 tài khoản; tháng 6 được 110, tính theo cùng số ngày "
        "làm việc là 77,6 (giảm 60 %)."
    )
    assert en == (
        f"{PHU_MY.name_en}, target 2: accounts from 1 July to 20 July: 31; in June: 110, 77.6 at the same working days "
        "(down 60 %)."
    )


def test_the_province_is_named_as_that_and_multiplies_the_printed_number() -> None:
    vi, _ = sentences(2, province_factor=1.416, expected=77.6 * 1.416)
    assert vi.endswith("là 77,6 (giảm 60 %); mặt bằng chung toàn tỉnh bằng 1,42 lần, tương ứng khoảng 110.")


def test_where_the_pace_makes_no_difference_it_is_not_printed() -> None:
    vi, _ = sentences(2, previous=110, own_expected=110.0, expected=110.0)
    assert "tháng 6 được 110 (giảm 72 %)." in vi


def test_a_percentage_follows_from_the_printed_number() -> None:
    vi, _ = sentences(6, observed=10, previous=1, own_expected=1.2, expected=1.2)
    assert "là 1,2 (gấp 8,3 lần)" in vi
    vi, _ = sentences(6, observed=10, previous=5, own_expected=5.55, expected=5.55)
    assert "là 5,6 (tăng 79 %)" in vi


def test_early_in_a_month_the_days_are_named() -> None:
    vi, en = sentences(2, basis="window", previous_since=dt.date(2023, 6, 1))
    assert "; 30 ngày trước đó được 110" in vi
    assert "; in the 30 days before: 110" in en


def test_a_rate_of_flows_is_told_as_the_rates_that_were() -> None:
    vi, en = sentences(
        4,
        observed=0.2,
        observed_of=100,
        previous=0.4,
        previous_of=50,
        own_expected=0.4,
        expected=0.5,
        province_factor=1.25,
    )
    assert (
        "đạt tỷ lệ 20,0 % (20/100); tháng 6 là 40,0 % (20/50); mặt bằng chung toàn tỉnh bằng 1,25 lần, tương ứng "
        "khoảng 50,0 %." in vi
    )
    assert "a rate of 20.0 % (20/100)" in en


def test_a_rate_of_stocks_is_told_by_the_rate_and_then_its_parts() -> None:
    target = CATALOGUE.target_by_number[3]
    said = comparison_sentences(verdict(3, MONTH, split=SPLIT), target, PHU_MY)
    assert (
        "tỷ lệ giảm từ 36,0\u00a0% xuống 32,5\u00a0%; tài khoản có giao dịch thêm 31 (tháng 6 thêm 110), tổng số tài "
        "khoản thêm 1.900." in said.vi
    )
    rose = SPLIT.model_copy(update={"before": 0.3})
    assert "the rate rose from 30.0" in comparison_sentences(verdict(3, MONTH, split=rose), target, PHU_MY).en


def test_growth_from_nothing_is_new_and_the_province_has_a_name() -> None:
    gate = MONTH.model_copy(update={"expected": 0, "own_expected": 0, "previous": 0, "ratio": None})
    said = comparison_sentences(verdict(2, gate, unit="province"), CATALOGUE.target_by_number[2], None)
    assert said.vi.startswith("Toàn tỉnh, chỉ tiêu 2")
    assert "(mới phát sinh)" in said.vi
    assert "(new)" in said.en


def test_an_unknown_unit_is_called_by_its_code() -> None:
    said = comparison_sentences(verdict(2, MONTH, unit="x-1"), CATALOGUE.target_by_number[2], None)
    assert said.en.startswith("x-1, target 2")


def test_a_comparison_stored_without_the_previous_count_is_told_by_what_was_expected() -> None:
    vi, _ = sentences(2, previous=None, own_expected=None)
    assert "tháng 6 được 78" in vi


def test_dilution_says_why_the_rate_fell() -> None:
    target = CATALOGUE.target_by_number[3]
    slower = dilution_text("vi", SPLIT, verdict(3, MONTH), target)
    assert "tỷ lệ giảm từ 36,0\u00a0% xuống 32,5\u00a0%; tài khoản có giao dịch thêm 31" in slower
    faster = MONTH.model_copy(update={"observed": 200})
    assert "tăng nhanh hơn trước (thêm 31" in dilution_text("vi", SPLIT, verdict(3, faster), target)


def test_no_gate_no_sentence() -> None:
    with pytest.raises(ValueError, match="phu-my, target 2"):
        comparison_sentences(verdict(2, None), CATALOGUE.target_by_number[2], PHU_MY)
