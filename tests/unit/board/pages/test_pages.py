"""The pages hold what the figures and flags say: every unit and target, shares, arrows, notes, in both languages."""

import datetime as dt
from dataclasses import replace

from services.board.board_data import missing
from services.board.pages.cards import ReconciledLine, unit_page_of
from services.board.pages.flag_lines import grouped, silent_units
from services.board.pages.frame import Frame
from services.board.pages.overview import overview_of, stale_since, today_text
from services.board.rendering import Assets, PageRenderer, answer
from shared.contracts.flags import FlagCounts, FlagsResponse
from shared.domain.catalogue import PROVINCE
from tests.support.board_figures import EN, FLAGS_RESPONSE, LAG, VI, progress, unit_data
from tests.support.html_page import Page
from tests.support.notice434 import JULY, catalogue

PAGES = PageRenderer(Assets())
TODAY = dt.date(2026, 11, 22)
RECONCILED = ReconciledLine(2, "Tài khoản người dân", ("10", "8", "8", "2", "0", "0,80"), suspect=True)


def test_the_overview_has_every_unit_and_target() -> None:
    overview = overview_of(catalogue(), progress(), FLAGS_RESPONSE, {}, VI)
    assert [tile.number for tile in overview.tiles] == [1, 2, 3, 4, 5, 6, 7]
    assert len(overview.units) == 20
    assert {len(unit.targets) for unit in overview.units} == {7}
    flagged = [(unit.code, target.number) for unit in overview.units for target in unit.targets if target.flag]
    assert flagged == [("phu-my", 2)]
    assert overview.counts == FlagCounts(lags=1, surges=0, notices=1)
    assert [line.unit for line in overview.urgent] == ["phu-my"]


def test_flags_fall_into_groups_and_strangers_are_left_out() -> None:
    strangers = [LAG.model_copy(update={"unit": "atlantis"}), LAG.model_copy(update={"target": 99})]
    groups = grouped([*FLAGS_RESPONSE.flags, *strangers], catalogue(), EN)
    assert {name: [line.unit for line in lines] for name, lines in groups.items()} == {
        "province": [PROVINCE],
        "standing": ["phu-my"],
        "resolved": ["an-nhon"],
    }
    assert groups["resolved"][0].when == "Raised on 21 June 2023, over since 30 June 2023"
    assert [unit.code for unit in silent_units(FLAGS_RESPONSE.verdicts, catalogue())] == ["military"]


def test_why_there_are_no_flags() -> None:
    assert missing(None) == "board.flags_away"
    assert missing(FlagsResponse(as_of=JULY, evaluated_on=None, flags=[], verdicts=[])) == "board.not_evaluated"
    assert missing(FLAGS_RESPONSE) == ""


def test_a_units_page_has_its_curves_flags_and_share() -> None:
    page = unit_page_of("phu-my", unit_data("phu-my"), VI)
    assert [card.number for card in page.cards] == [1, 2, 3, 4, 5, 6, 7]
    assert [line.target for line in page.flags] == [2]
    assert [note.target for note in page.notes] == [3]
    card = page.cards[1]
    assert card.chart.startswith("<svg")
    assert [line.css_class for line in card.legend] == ["cumulative", "pace", "goal"]
    assert (len(card.days), card.days[-1][0]) == (61, "30/6/2023")
    assert card.share.endswith("của 40.676 tài khoản")


def test_one_targets_page_shows_that_target_alone() -> None:
    target = catalogue().target_by_number[3]
    page = unit_page_of("phu-my", unit_data("phu-my"), replace(VI, target=target))
    assert ([card.number for card in page.cards], page.flags, len(page.notes)) == ([3], [], 1)
    assert page.cards[0].columns == ["Ngày", "Trong ngày", "Lũy kế", "Tỷ lệ"]


def test_the_province_has_no_share_of_itself() -> None:
    assert {card.share for card in unit_page_of(PROVINCE, unit_data(PROVINCE), EN).cards} == {""}


def test_a_month_without_figures_is_said() -> None:
    assert stale_since(progress(), dt.date(2023, 6, 30)) is None
    assert stale_since(progress(dt.date(2023, 9, 1)), dt.date(2023, 6, 30)) == JULY
    assert stale_since(progress(), None) is None


def test_today_so_far() -> None:
    targets = catalogue().target_by_number
    assert today_text(targets[1], {"count": 3}, "vi") == "Hôm nay đến lúc này: +3 tài khoản"
    assert today_text(targets[4], {"numerator": 0, "denominator": 2}, "en") == "Today so far: 0 / +2 dossiers"
    assert today_text(targets[1], {"count": -1}, "en") == "Today so far: \u22121 accounts"
    assert today_text(targets[1], None, "en") == ""


def test_what_others_write_is_escaped() -> None:
    nasty = LAG.model_copy(update={"sentence_vi": '<img src=x onerror="alert(1)">'})
    flags_response = FLAGS_RESPONSE.model_copy(update={"flags": [nasty]})
    frame = Frame(catalogue(), VI, "/", TODAY)
    overview = overview_of(catalogue(), progress(), flags_response, {}, VI)
    html = PAGES.html(
        "overview", frame, overview=overview, missing="", evaluated="", empty=False, stale=None, last=None, months=[]
    )
    page = Page(html)
    assert "img" not in page.tags
    assert nasty.sentence_vi in page.text


def test_every_page_is_under_the_policy_in_its_language() -> None:
    for query in (VI, EN):
        frame = Frame(catalogue(), query, "/units/phu-my", TODAY)
        unit = unit_page_of("phu-my", unit_data("phu-my"), query)
        html = PAGES.html("unit", frame, unit=unit, missing="", reconciled=[RECONCILED], month="06/2023", contested=2)
        answered = answer(html, query.lang)
        assert answered.headers["Content-Language"] == query.lang
        assert "default-src 'none'" in answered.headers["Content-Security-Policy"]
        page = Page(bytes(answered.body).decode())
        assert ("lang", query.lang) in page.attributes
        assert frame.translate("board.reconciliation", month="06/2023") in page.text
        assert frame.translate("board.spoken_review") in page.text
        assert "style" not in {name for name, _ in page.attributes}
