"""The check finds the slips of the published notice, questions what it should, and finds nothing wrong in ours."""

import datetime as dt
import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from services.reports.check.claims import Discrepancy, UnreadableClaimError, parse_count, parse_percent
from services.reports.check.facts import ProjectFacts
from services.reports.check.files import Checked, check_file, report
from services.reports.documents import render_docx, render_json
from services.reports.statements.notice import compose
from shared.domain.formatting import Lang
from tests.support.notice434 import ROOT, catalogue
from tests.support.notices import july, july_reissued

PUBLISHED = Path(__file__).parents[2] / "data" / "notice-434-published.txt"
FACTS = ProjectFacts.of(catalogue())
LANGS: list[Lang] = ["vi", "en"]


def checked(suffix: str, content: str | bytes, lang: Lang = "en", facts: ProjectFacts = FACTS) -> Checked:
    return check_file(suffix, content.encode() if isinstance(content, str) else content, facts, lang)


def findings(suffix: str, content: str | bytes, lang: Lang = "en") -> list[Discrepancy]:
    return checked(suffix, content, lang).findings


def described(suffix: str, content: str | bytes, lang: Lang = "en") -> list[str]:
    return [finding.describe(lang).replace("\u00a0", " ") for finding in findings(suffix, content, lang)]


def test_the_published_notice_has_one_slip_and_one_question() -> None:
    assert described(".txt", PUBLISHED.read_bytes()) == [
        "WRONG  line 3, target 2: printed 62.6 %, should be 61.6 % (40,676/66,000)",
        "DOUBTFUL  line 13, target 7: 7/20 units over 100 % with 11.8 % in total: true only if these units hold less "
        "than 11.8 % of the goal, please verify",
    ]
    assert described(".txt", PUBLISHED.read_bytes(), "vi")[0] == (
        "SAI  dòng 3, chỉ tiêu 2: in 62,6 %, đúng ra là 61,6 % (40.676/66.000)"
    )


def test_all_seven_totals_of_the_published_notice_are_read() -> None:
    result = checked(".txt", PUBLISHED.read_bytes())
    assert [claim.target for claim in result.claims if claim.percent is not None] == [1, 2, 3, 4, 5, 6, 7]
    assert [claim.units_over for claim in result.claims if claim.units_over is not None] == [2, 3, 7]


@pytest.mark.parametrize("lang", LANGS)
def test_our_own_notice_is_found_right_in_json_and_docx(lang: Lang) -> None:
    for composed in (
        compose(july(), catalogue(), lang),
        compose(july_reissued(), catalogue(), lang, earlier=july()),
    ):
        claims, _, wrong = checked(".json", render_json(composed), lang)
        assert (len(claims) > 100, wrong) == (True, [])
        claims, _, wrong = checked(".docx", render_docx(composed, dt.datetime(2023, 7, 7, tzinfo=dt.UTC)), lang)
        assert (sum(claim.percent is not None for claim in claims), wrong) == (7, [])


def our_json() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render_json(compose(july(), catalogue(), "en")))
    return document


def test_a_figure_changed_by_hand_in_our_json_is_found() -> None:
    document = our_json()
    figure = document["targets"][1]["sentences"][0]["figures"][2]
    figure["text"] = "62.6 %"
    assert described(".json", json.dumps(document)) == [
        f"WRONG  {figure['id']}, target 2: printed 62.6 %, by its snapshot cell t2.province.attainment it is 61.6 %",
        "WRONG  n018, n019, n020, target 2: printed 62.6 %, should be 61.6 % (40,676/66,000)".replace(
            "n018, n019, n020", ", ".join(one["id"] for one in document["targets"][1]["sentences"][0]["figures"])
        ),
    ]


def test_a_reference_to_no_value_is_found() -> None:
    document = our_json()
    document["targets"][0]["sentences"][0]["figures"][0]["refs"] = ["t1.atlantis.achieved"]
    assert [finding.code for finding in findings(".json", json.dumps(document))] == ["reference"]


def test_a_notice_that_lost_its_snapshot_rows_is_refused_clearly() -> None:
    document = our_json()
    del document["snapshot"]["rows"]
    with pytest.raises(UnreadableClaimError, match=r"snapshot\.rows: Field required"):
        findings(".json", json.dumps(document))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Chỉ tiêu 2 "...": 40.676/66.000 tài khoản, đạt 62,6%', ["percent"]),
        ('Chỉ tiêu 2 "...": 40.676/66.000 tài khoản, đạt 61,6%', []),
        ('Chỉ tiêu 2 "...": 40.676/66.000 tài khoản, đạt 62%', []),
        ('Target 3 "...": 90,471/29,440 accounts, a rate of 307.3 %', ["part_over_whole"]),
        ('Target 1 "...": 49,795/48,000 accounts, 103.7 %', []),
        ('Target 7 "...": 47,256/400.000 households, reaching 11.8%. 25 of 20 units over 100 %', ["units_over_total"]),
        ('Chỉ tiêu 7 "...": 47.256/400.000 hộ, đạt 11,8 %. 07/20 đơn vị vượt 100 % chỉ tiêu', ["units_doubtful"]),
        (
            'Chỉ tiêu 7 "...": 47.256/400.000 hộ, đạt 11,8 %. 07/20 đơn vị vượt 100 % chỉ tiêu (các đơn vị này chiếm '
            "0,3 % tổng chỉ tiêu)",
            [],
        ),
        (
            'Chỉ tiêu 7 "...": 47.256/400.000 hộ, đạt 11,8 %. 07/20 đơn vị vượt 100 % chỉ tiêu (các đơn vị này chiếm '
            "13 % tổng chỉ tiêu)",
            ["share_impossible"],
        ),
        ('Target 7 "...": 47,256/400,000 households, 11.8 %. 20/20 units exceeding 100 %', ["units_all"]),
        ('Target 7 "...": 470,256/400,000 households, 117.6 %. 0/20 units exceeding 100 %', ["units_none"]),
        ('Target 6 "...": 801/2,460 articles, 32.6 %. 13/20 units are up by over 75 %', []),
        ("Month 06/2023 of 01/7/2023, 7/20 units over 100 % before any target", []),
    ],
)
def test_text(text: str, expected: list[str]) -> None:
    assert [finding.code for finding in findings(".txt", text)] == expected


def test_figures_as_json_and_with_semicolons() -> None:
    figures = [{"target": 2, "achieved": 40676, "goal": 66000, "percent": 62.6}]
    assert [one.where for one in findings(".json", json.dumps(figures))] == ["figure 1"]
    assert [one.where for one in findings(".json", json.dumps({"figures": figures}))] == ["figure 1"]
    assert [one.code for one in findings(".csv", "target;achieved;goal;percent\n2;40.676;66.000;62,6\n")] == ["percent"]


@pytest.mark.parametrize(
    ("suffix", "content", "message"),
    [
        (".csv", "target,achieved\n2,many\n", "line 2, achieved: 'many' is not a whole number"),
        (".csv", "target,percent\n2,6o\n", "line 2, percent: '6o' is not a percentage"),
        (".csv", "target,result\n2,5\n", "line 1: unknown column 'result'; known are target, unit"),
        (".csv", "achieved\n5\n", "line 1: the column 'target' is missing"),
        (".csv", "", "line 1: the column 'target' is missing"),
        (".csv", "target,achieved\n2,3,4\n", "line 2: more values than columns"),
        (
            ".csv",
            'target,unit,achieved\n2,,40676\n7,"all,47256\n1,,49795\n',
            "after line 2: unexpected end of data; a quot",
        ),
        (
            ".csv",
            'target,unit,achieved\n2,,40676\n7,"all,47\n1,",49795\n',
            "line 4: a value of several lines; close its",
        ),
        (".csv", "target,unit,achieved\n2,phu-mi,4\n", "line 2, unit: 'phu-mi' is no unit of the catalogue; write its"),
        (
            ".csv",
            "target,achieved\n9,4\n",
            "line 2, target: there is no target 9; the catalogue has 1, 2, 3, 4, 5, 6, 7",
        ),
        (".csv", "target,achieved\n2,4\n2,5\n", "line 3: achieved of target 2 is 4 in line 2 and 5 here; keep one"),
        (".json", "{", "line 1: not JSON"),
        (".json", "5", "must be a list of objects"),
        (".json", "[5]", "must be a list of objects"),
        (".docx", "no zip", "not a DOCX document"),
        (".xls", "", "'.xls' files cannot be checked"),
    ],
)
def test_what_cannot_be_read_is_refused_by_place_and_remedy(suffix: str, content: str, message: str) -> None:
    with pytest.raises(UnreadableClaimError) as refused:
        findings(suffix, content)
    assert message in str(refused.value)


def test_text_in_another_encoding_is_refused() -> None:
    with pytest.raises(UnreadableClaimError, match="save the file as UTF-8"):
        findings(".csv", "target\nđ".encode("utf-16"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("49.795", 49795),
        ("49,795", 49795),
        (" 801 ", 801),
        ("40 676", 40676),
        ("40\u202f676", 40676),
        ("1.234.567", 1234567),
    ],
)
def test_counts(text: str, value: int) -> None:
    assert parse_count(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("62,6 %", "62.6"), ("104%", "104"), ("61.6", "61.6"), ("1.235 %", "1235"), ("1\u202f235 %", "1235")],
)
def test_percentages_keep_their_decimals(text: str, value: str) -> None:
    assert str(parse_percent(text)) == value


def test_the_example_of_the_documentation_is_what_the_check_says() -> None:
    blocks = (ROOT / "docs" / "notice.md").read_text(encoding="utf-8").split("\n\n")
    [table, report] = [dedent(block) for block in blocks if block.startswith(("    target;", "    WRONG"))]
    assert described(".csv", table) == report.replace("than\n", "than ").split("\n")


def test_the_report_says_what_was_checked_and_what_was_not() -> None:
    text = 'Target 2 "66,000": 40,676/66,000 accounts, reaching 61.6% (up 45.7%).'
    lines = [line.replace("\u00a0", " ") for line in report(checked(".txt", text), "en")]
    assert lines == ["CHECKED  line 1, target 2: 40,676/66,000, 61.6 %", "NOT CHECKED  line 1: 45.7%"]
