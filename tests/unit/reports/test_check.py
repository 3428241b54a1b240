"""The check finds the slips of the published notice, questions what it should, and finds nothing wrong in ours."""

import datetime as dt
import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from services.reports.check.claims import Discrepancy, UnreadableClaimError, parse_count, parse_percent
from services.reports.check.files import check_file
from services.reports.documents import render_docx, render_json
from services.reports.statements.notice import compose
from shared.domain.formatting import Lang
from tests.support.notice434 import ROOT, catalogue
from tests.support.notices import july, july_reissued

PUBLISHED = Path(__file__).parents[2] / "data" / "notice-434-published.txt"
RATIOS = {3, 4}
LANGS: list[Lang] = ["vi", "en"]


def findings(suffix: str, content: str | bytes, lang: Lang = "en") -> list[Discrepancy]:
    raw = content.encode() if isinstance(content, str) else content
    return check_file(suffix, raw, RATIOS, lang)[1]


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
    claims, _ = check_file(".txt", PUBLISHED.read_bytes(), RATIOS, "en")
    assert claims == 8


@pytest.mark.parametrize("lang", LANGS)
def test_our_own_notice_is_found_right_in_json_and_docx(lang: Lang) -> None:
    for composed in (
        compose(july(), catalogue(), lang),
        compose(july_reissued(), catalogue(), lang, earlier=july()),
    ):
        claims, result = check_file(".json", render_json(composed).encode(), RATIOS, lang)
        assert (claims > 100, result) == (True, [])
        document = render_docx(composed, dt.datetime(2023, 7, 7, tzinfo=dt.UTC))
        claims, result = check_file(".docx", document, RATIOS, lang)
        assert (claims, result) == (8, [])


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


CSV = """target,unit,achieved,goal,percent,units_total,units_over_100
7,,100,1000,10.0,3,2
7,a,60,50,120,,
7,b,30,20,150,,
7,c,10,930,1.1,,
"""


def test_units_figures_that_explain_the_total_leave_nothing_to_doubt() -> None:
    assert findings(".csv", CSV) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("7,,100,", "7,,101,", ["percent", "sum_achieved"]),
        ("1000,10.0", "1001,10.0", ["sum_goal"]),
        (",3,2\n", ",3,1\n", ["units_miscounted"]),
        ("10.0,3", "10.1,3", ["percent"]),
    ],
)
def test_tables(before: str, after: str, expected: list[str]) -> None:
    assert before in CSV
    assert [finding.code for finding in findings(".csv", CSV.replace(before, after))] == expected


def test_goals_alone_can_show_that_so_many_units_cannot_be_over() -> None:
    table = "target,unit,achieved,goal,units_total,units_over_100\n7,,50,150,3,2\n7,a,,20,,\n7,b,,30,,\n7,c,,100,,\n"
    assert [finding.code for finding in findings(".csv", table)] == ["units_goals"]
    assert findings(".csv", table.replace("7,,50,", "7,,51,")) == []


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
    ("text", "value"), [("49.795", 49795), ("49,795", 49795), (" 801 ", 801), ("1.234.567", 1234567)]
)
def test_counts(text: str, value: int) -> None:
    assert parse_count(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("62,6 %", "62.6"), ("104%", "104"), ("61.6", "61.6"), ("1.235 %", "1235")]
)
def test_percentages_keep_their_decimals(text: str, value: str) -> None:
    assert str(parse_percent(text)) == value


def test_the_example_of_the_documentation_is_what_the_check_says() -> None:
    blocks = (ROOT / "docs" / "notice.md").read_text(encoding="utf-8").split("\n\n")
    [table, report] = [dedent(block) for block in blocks if block.startswith(("    target;", "    WRONG"))]
    assert described(".csv", table) == report.replace("than\n", "than ").split("\n")
