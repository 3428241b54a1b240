"""Every number of Notice 434's flags, letters, overview, board and console, worked out anew from the daily counts."""

import datetime as dt
import re
from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from services.cli.main import main
from shared.domain.calendar import load_calendar
from shared.domain.catalogue import PROVINCE
from shared.domain.clock import ONE_DAY
from shared.runtime.settings import ROOT
from tests.support.html_page import Page
from tests.support.launcher import Launch, messages
from tests.support.notice434 import catalogue
from tests.support.recomputed import TwoMonths, days, half_up, numbers_in, vietnamese

DAY = dt.date(2023, 7, 1)
JUNE, MAY = dt.date(2023, 6, 1), dt.date(2023, 5, 1)
YEAR_END = dt.date(2023, 12, 31)
CALENDAR = load_calendar(ROOT / "deploy" / "calendar" / "holidays.toml")
TARGETS = catalogue().target_by_number
UNITS = catalogue().unit_by_code

NAMED_UP = {
    1: ("businesses", "technology-college", "quy-nhon-university", "tay-son", "an-nhon"),
    2: ("technology-college", "tay-son", "an-nhon"),
    5: ("an-nhon",),  # Vân Canh, named too, had reached its goal
}
NAMED_DOWN = {
    1: ("military", "border-guard", "construction-college"),
    5: ("vinh-thanh", "quy-nhon-university"),
    7: ("an-lao", "vinh-thanh"),
}


@pytest.fixture(scope="module")
def answer(running: Launch) -> dict[str, Any]:
    response: dict[str, Any] = httpx.get(f"{running.notifier}/v1/flags", params={"as_of": str(DAY)}).json()
    return response


@pytest.fixture(scope="module")
def months(running: Launch) -> dict[int, TwoMonths]:
    """Target -> May and June of every unit, from `/v1/daily`."""
    return {number: _months(running, number) for number in TARGETS}


def _months(running: Launch, number: int) -> TwoMonths:
    counts, denominators = {}, {}
    for unit in UNITS:
        parameters: dict[str, str | int] = {"target": number, "unit": unit, "from": "2023-01-01", "to": "2023-06-30"}
        rows = httpx.get(f"{running.metrics}/v1/daily", params=parameters).raise_for_status().json()["rows"]
        part = "numerator" if TARGETS[number].is_ratio else "count"
        counts[unit] = {dt.date.fromisoformat(row["day"]): row[part] for row in rows}
        denominators[unit] = {dt.date.fromisoformat(row["day"]): row["denominator"] or 0 for row in rows}
    flows = TARGETS[number].parts == "flows"
    return TwoMonths(counts, denominators, flows, (MAY, JUNE - ONE_DAY), (JUNE, DAY - ONE_DAY), CALENDAR)


@pytest.fixture(scope="module")
def progress(running: Launch) -> dict[dt.date, dict[tuple[str, int], dict[str, Any]]]:
    """As-of day -> (unit, target) -> row, from `/v1/progress`."""
    result = {}
    for day in (JUNE, DAY):
        rows = httpx.get(f"{running.metrics}/v1/progress", params={"as_of": str(day)}).json()["rows"]
        result[day] = {(row["unit"], row["target"]): row for row in rows}
    return result


def unit_flags(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [flag for flag in answer["flags"] if flag["unit"]]


def test_the_numbers_of_every_comparison(answer: dict[str, Any], months: dict[int, TwoMonths]) -> None:
    for flag in unit_flags(answer):
        gate, own = flag["verdict"]["gate"], months[flag["target"]]
        assert (gate["basis"], gate["since"], gate["until"]) == ("completed", "2023-06-01", "2023-06-30"), flag
        assert (gate["previous_since"], gate["previous_until"]) == ("2023-05-01", "2023-05-31")
        previous, expected, observed = own.compared(flag["unit"])
        numbers = (gate["previous"], gate["own_expected"], gate["observed"], gate["province_factor"])
        assert numbers == pytest.approx((previous, expected, observed, own.factor)), (flag["unit"], flag["target"])


def test_the_numbers_of_every_sentence_are_those_of_its_days(
    answer: dict[str, Any],
    months: dict[int, TwoMonths],
    progress: dict[dt.date, dict[tuple[str, int], dict[str, Any]]],
) -> None:
    for flag in answer["flags"]:
        said, own = flag["sentence_vi"].partition(": ")[2], months[flag["target"]]
        assert said.startswith("từ 01/6 đến 30/6"), said
        rates = [progress[day][flag["unit"] or PROVINCE, flag["target"]]["achieved"] for day in (JUNE, DAY)]
        assert numbers_in(said)[4:] == pytest.approx(printed(flag, own, rates)), said


def printed(flag: dict[str, Any], own: TwoMonths, rates: list[float]) -> list[float]:
    """The numbers after a sentence's days, each from the counts or from the printed numbers before it."""
    units = [flag["unit"]] if flag["unit"] else list(own.counts)
    before, now = (sum(parts) for parts in zip(*(own.done(unit) for unit in units), strict=True))
    of_before, of_now = (sum(parts) for parts in zip(*(own.came(unit) for unit in units), strict=True))
    factor = half_up(own.factor, 2) if flag["unit"] else 1.0
    if flag["target"] == 3:
        return [*(half_up(100 * rate, 1) for rate in rates), now, 5, before, of_now]
    if flag["target"] == 4:
        rate = half_up(100 * before / of_before, 1)
        numbers = [half_up(100 * now / of_now, 1), now, of_now, 5, rate, before, of_before]
        return numbers if factor == 1 else [*numbers, factor, half_up(rate * factor, 1)]
    at_pace = expected_number(before * own.pace)
    ratio = now / at_pace
    change = half_up(ratio, 1) if ratio >= 2 else half_up(abs(ratio - 1) * 100)
    numbers = [now, 5, before, *([] if at_pace == before else [at_pace]), change]
    return numbers if factor == 1 else [*numbers, factor, expected_number(at_pace * factor)]


def expected_number(value: float) -> float:
    return half_up(value, 0 if value >= 100 else 1)


def test_nothing_flagged_is_steady_or_saturated_or_moved_the_other_way(
    answer: dict[str, Any], progress: dict[dt.date, dict[tuple[str, int], dict[str, Any]]]
) -> None:
    states = {"lag": {"lags", "no_change"}, "surge": {"surges"}}
    for flag in answer["flags"]:
        assert flag["verdict"]["state"] in states[flag["kind"]], flag
    for flag in unit_flags(answer):
        row = progress[DAY][flag["unit"], flag["target"]]
        if not TARGETS[flag["target"]].is_ratio:
            more = row["increase"] > row["previous_increase"]
            assert more == (flag["kind"] == "surge"), (flag["unit"], flag["target"], row)
        elif flag["target"] == 3:
            assert (row["increase"] > 0) == (flag["kind"] == "surge"), row


def test_what_the_notice_says_of_named_units_the_flags_say(answer: dict[str, Any]) -> None:
    flags = {(flag["unit"], flag["target"]): flag["kind"] for flag in unit_flags(answer)}
    for kind, named in (("surge", NAMED_UP), ("lag", NAMED_DOWN)):
        for target, units in named.items():
            assert {flags.get((unit, target)) for unit in units} == {kind}, target
    province = {flag["target"]: flag["kind"] for flag in answer["flags"] if not flag["unit"]}
    assert province[3] == "lag", "the notice: target 3 did less well"


def test_flags_are_ranked_by_severity_everywhere(running: Launch, answer: dict[str, Any]) -> None:
    units = unit_flags(answer)
    order = [(flag["kind"] != "lag", -flag["verdict"]["severity"]) for flag in units]
    assert order == sorted(order)
    shown = CliRunner().invoke(main, ["flags", "--url", running.notifier, "--as-of", str(DAY)]).output
    first = re.findall(r"^ *[▼▲] (?:lags|surges) +(\S+) +(\d)", shown, re.MULTILINE)
    assert [(unit, int(target)) for unit, target in first if unit != "province"] == [
        (flag["unit"], flag["target"]) for flag in units
    ]
    board = Page(httpx.get(f"{running.board}/flags?as_of={DAY}&lang=vi").text).text
    places = [board.index(flag["sentence_vi"]) for flag in units]
    assert places == sorted(places)


def test_one_count_of_lags_and_surges_everywhere(running: Launch, answer: dict[str, Any]) -> None:
    kinds = [flag["kind"] for flag in unit_flags(answer)]
    lags, surges, notices = kinds.count("lag"), kinds.count("surge"), len(answer["flags"]) - len(kinds)
    counts = f"{lags} chậm lại, {surges} tăng nhanh"
    overview = messages(running)[f"overview.{DAY}.vi"]
    assert counts in str(overview["Subject"])
    board = Page(httpx.get(f"{running.board}/?as_of={DAY}&lang=vi").text).text
    assert f"{counts}, {notices} biến động chung. Xét ngày 01/7/2023." in board
    console = CliRunner().invoke(main, ["flags", "--url", running.notifier, "--as-of", str(DAY)]).output
    assert f"{lags} lag, {surges} surge, {notices} province-wide" in console
    for unit in {flag["unit"] for flag in unit_flags(answer)}:
        own = [flag["kind"] for flag in unit_flags(answer) if flag["unit"] == unit]
        subject = str(messages(running)[f"digest.{unit}.{DAY}"]["Subject"])
        for number, word in ((own.count("lag"), "chậm lại"), (own.count("surge"), "tăng nhanh")):
            assert (f"{number} {word}" in subject) == bool(number), subject


def test_the_gap_the_pace_and_the_projection_of_every_letter(
    running: Launch,
    answer: dict[str, Any],
    months: dict[int, TwoMonths],
    progress: dict[dt.date, dict[tuple[str, int], dict[str, Any]]],
) -> None:
    left = sum(CALENDAR.is_working_day(day) for day in days(DAY, YEAR_END))
    worked = sum(CALENDAR.is_working_day(day) for day in days(JUNE, DAY - ONE_DAY))
    checked = 0
    for flag in unit_flags(answer):
        if flag["kind"] != "lag" or TARGETS[flag["target"]].is_ratio:
            continue
        row = progress[DAY][flag["unit"], flag["target"]]
        _, june = months[flag["target"]].done(flag["unit"])
        gap, pace = row["goal"] - row["achieved"], half_up(june / worked, 1)
        needed, attained = half_up(gap / left, 1), (row["achieved"] + pace * left) / row["goal"]
        text = body(messages(running)[f"digest.{flag['unit']}.{DAY}"])
        so_far = f"{vietnamese(row['achieved'])}/{vietnamese(row['goal'])}"
        assert f"Còn thiếu {vietnamese(gap)} {TARGETS[flag['target']].noun_vi} ({so_far})." in text, text
        assert f"Mỗi ngày làm việc cần {vietnamese(needed)} đến 31/12/2023; tháng 6 được {vietnamese(pace)}." in text
        assert f"đạt {half_up(attained * 100):.0f} % chỉ tiêu (còn {left} ngày làm việc)" in text
        checked += 1
    assert checked


def test_the_overview_has_both_months_of_every_lag(
    running: Launch, answer: dict[str, Any], months: dict[int, TwoMonths]
) -> None:
    text = body(messages(running)[f"overview.{DAY}.vi"])
    for flag in unit_flags(answer):
        target = TARGETS[flag["target"]]
        if flag["kind"] == "lag" and not target.is_ratio:
            before, now = (vietnamese(number) for number in months[target.number].done(flag["unit"]))
            assert f"- Chỉ tiêu {target.number}: {target.short_vi}: {now}, kỳ trước {before}" in text


def test_a_letter_says_nothing_twice_and_nothing_of_the_past(running: Launch, answer: dict[str, Any]) -> None:
    for unit in {flag["unit"] for flag in unit_flags(answer)}:
        text = body(messages(running)[f"digest.{unit}.{DAY}"])
        titles = re.findall(r"\* Chỉ tiêu (\d)", text)
        assert len(titles) == len(set(titles)), text
        assert "ĐÃ HẾT CẢNH BÁO" not in text, "nobody was told of what was over before the first letter"
        assert set(re.findall(r"[Tt]ừ (\d\d/\d) đến", text)) == {"01/6"}


def body(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    return re.sub(r"\s+", " ", str(part.get_content())).replace("\u00a0", " ")
