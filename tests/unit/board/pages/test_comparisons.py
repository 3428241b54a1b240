"""Attainment, increase, growth and change of increase read as Notice 434's figures do, each with its base."""

import pytest

from services.board.pages.comparisons import compare, share_of, signed
from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import PROVINCE
from shared.domain.formatting import Lang
from tests.support.board_figures import progress
from tests.support.notice434 import catalogue

TARGETS = catalogue().target_by_number
ROWS = {(row.unit, row.target): row for row in progress().rows}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def row(target: int, **values: object) -> ProgressRow:
    empty = dict.fromkeys(ProgressRow.model_fields)
    return ProgressRow.model_validate(empty | {"unit": "an-lao", "target": target} | values)


def test_the_province_as_the_notice_should_have_printed_it() -> None:
    read = compare(ROWS[PROVINCE, 2], TARGETS[2], "vi")
    assert plain(read.attainment) == "61,6 %"
    assert read.achieved == "40.676 / 66.000 tài khoản"
    assert (read.increase, read.previous_increase, read.change) == ("+12.758", "+5.444", "+7.314")
    assert (plain(read.growth), read.growth_base) == ("+45,7 %", "27.918")
    assert (read.pace, read.arrow, read.reached, read.filled) == ("faster", "▲", False, "61.6")


def test_a_ratio_moves_in_points() -> None:
    read = compare(ROWS[PROVINCE, 3], TARGETS[3], "en")
    assert plain(read.achieved) == "32.5 % / 40.0 % (29,440 of 90,471 accounts)"
    assert (plain(read.increase), plain(read.change)) == ("\u22125.3 pp", "\u22125.2 pp")
    assert (plain(read.growth), plain(read.growth_base)) == ("\u221214.1 %", "37.9 %")
    assert read.pace == "slower"


def test_a_bar_ends_at_the_goal() -> None:
    read = compare(ROWS["phu-my", 1], TARGETS[1], "vi")
    assert plain(read.attainment) == "307,1 %"
    assert (read.filled, read.reached) == ("100.0", True)
    assert "đã đạt chỉ tiêu" in read.spoken


def test_just_below_the_goal_is_not_reached() -> None:
    read = compare(row(1, achieved=9999, goal=10000, attainment=0.99996), TARGETS[1], "en")
    assert plain(read.attainment) == "100.0 %"
    assert not read.reached


@pytest.mark.parametrize(("lang", "new"), [("vi", "mới"), ("en", "new")])
def test_growth_from_zero_is_new(lang: Lang, new: str) -> None:
    assert compare(row(1, achieved=5, increase=5, previous_increase=0), TARGETS[1], lang).growth == new


def test_nothing_at_all_is_not_new() -> None:
    read = compare(row(3), TARGETS[3], "en")
    assert (read.attainment, read.growth, read.increase, read.pace) == ("—", "—", "—", "")
    assert (read.achieved, read.spoken) == ("no accounts yet", "no figures yet")


@pytest.mark.parametrize(
    ("value", "target", "text"),
    [
        (0, 1, "0"),
        (-12, 1, "\u221212"),
        (1234, 1, "+1.234"),
        (0.00049, 3, "0,0 đ%"),
        (-0.0005, 3, "\u22120,1 đ%"),
        (0.125, 3, "+12,5 đ%"),
    ],
)
def test_differences_carry_their_sign_and_round_half_up(value: float, target: int, text: str) -> None:
    assert plain(signed(value, TARGETS[target], "vi")) == text


def test_shares_of_all_units_are_of_one_whole() -> None:
    text = share_of(ROWS["hoai-nhon", 1], ROWS[PROVINCE, 1], TARGETS[1], "vi")
    assert plain(text) == "22,6 % của 49.795 tài khoản"
    ratio = share_of(ROWS["an-nhon", 3], ROWS[PROVINCE, 3], TARGETS[3], "en")
    assert plain(ratio) == "5.1 % of 29,440 accounts"
    assert share_of(row(1, achieved=0), row(1, achieved=0), TARGETS[1], "vi") == ""
