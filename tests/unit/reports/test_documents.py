"""The notice in every format, in both languages, first issue and reissue."""

import datetime as dt
import json
import re
from typing import get_args

import pytest
from docx.oxml.ns import qn

from services.reports.check.own_notice import traced
from services.reports.documents import render_html, render_json
from services.reports.statements.notice import compose
from services.reports.statements.sentences import number_text
from services.reports.statements.statement import ChangedField, ReferencedNumber, StatementType
from shared.domain.catalogue import Catalogue
from shared.domain.errors import ConfigError, ConflictError, InvalidError
from shared.domain.figures import Measures
from shared.domain.formatting import Lang
from shared.domain.snapshot import Snapshot, snapshot_from_measures
from shared.runtime.messages import LOCALE, message_text
from tests.support.notice434 import JULY, catalogue
from tests.support.notices import LANGS, body, july, july_reissued, notice, read_back

SENTENCE = "notice.sentence."


@pytest.mark.parametrize("lang", LANGS)
def test_every_number_of_the_json_is_what_its_references_say(lang: Lang) -> None:
    document = json.loads(render_json(notice(lang)))
    snapshot = Snapshot.model_validate(document["snapshot"])
    assert snapshot == july()
    sentences = [one for target in document["targets"] for one in target["sentences"]] + document["attention"]
    figures = [figure for sentence in sentences for figure in sentence["figures"]]
    assert [figure["id"] for figure in figures] == [f"n{n:03}" for n in range(1, len(figures) + 1)]
    for figure in figures:
        number = ReferencedNumber.model_validate({name: figure[name] for name in ReferencedNumber.model_fields})
        value = traced(number, snapshot)
        assert value == number.value
        assert number_text(number.model_copy(update={"value": value}), lang) == figure["text"]


def test_a_reissue_is_marked_and_says_what_changed() -> None:
    composed = compose(july_reissued(), catalogue(), "vi", earlier=july())
    paragraphs = body(read_back(composed))
    assert paragraphs[0] == "THÔNG BÁO"
    assert re.match(r"Thông báo này \(ban hành lại lần 1\) thay thế Thông báo số +/TB-VPUBND ngày", composed.remarks[0])
    changes = [text for text in paragraphs if "→" in text]
    assert changes == [
        "Chỉ tiêu 3, Thành đoàn Quy Nhơn, số đạt yêu cầu: 2.680 → 2.679.",
        "Chỉ tiêu 6, Huyện đoàn An Lão, kết quả: 33 → 35.",
        "Chỉ tiêu 3, toàn tỉnh, số đạt yêu cầu: 29.440 → 29.439.",
        "Chỉ tiêu 6, toàn tỉnh, kết quả: 801 → 803.",
    ]
    for sentence in composed.changes:
        old, new = (figure.number for figure in sentence.numbers)
        assert (old.revision, new.revision) == (0, None)
        assert traced(old, july()) == old.value
        assert traced(new, july_reissued()) == new.value


def test_a_reissue_without_changes_says_that() -> None:
    same = july().model_copy(update={"revision": 1})
    composed = compose(same, catalogue(), "en", earlier=july())
    assert composed.remarks[0].startswith("This notice (reissue 1) replaces Notice No. ")
    assert composed.remarks[-1] == "No figure has changed since the earlier notice."


def test_a_reissue_names_what_it_replaces_by_the_symbol_of_its_letterhead() -> None:
    heads = tuple(head.model_copy(update={"number_vi": "Số:      /TB-UBND"}) for head in catalogue().letterheads)
    other = catalogue().model_copy(update={"letterheads": heads})
    assert " /TB-UBND ngày " in compose(july_reissued(), other, "vi", earlier=july()).remarks[0]


def test_a_goal_that_vanishes_is_a_change_to_nothing() -> None:
    rows = tuple(
        row.model_copy(update={"goal": None}) if (row.unit, row.target) == ("an-lao", 6) else row for row in july().rows
    )
    composed = compose(july().model_copy(update={"rows": rows}), catalogue(), "en", earlier=july())
    assert [sentence.text for sentence in composed.changes] == ["Target 6, An Lao District Union, goal: 84 → none."]


def test_provisional_figures_are_called_so_in_every_format() -> None:
    open_month = july().model_copy(update={"status": "provisional"})
    composed = compose(open_month, catalogue(), "en")
    remark = "Provisional figures: month 06/2023 has not been closed."
    assert remark in body(read_back(composed))
    assert remark in render_html(composed)
    assert json.loads(render_json(composed))["remarks"] == [remark]
    assert compose(july(), catalogue(), "en").remarks == ()


def test_markup_in_a_name_stays_text() -> None:
    names = {"name_en": "A & B <script>alert(1)</script> {{ 7 * 7 }}"}
    units = [unit.model_copy(update=names) if unit.code == "an-nhon" else unit for unit in catalogue().units]
    odd: Catalogue = catalogue().model_copy(update={"units": tuple(units)})
    odd.__dict__.pop("unit_by_code", None)
    composed = compose(july(), odd, "en")
    assert "<script>" not in render_html(composed)
    assert any(names["name_en"] in text for text in body(read_back(composed)))


@pytest.mark.parametrize("lang", LANGS)
def test_every_statement_has_its_text_and_no_text_is_without_a_statement(lang: Lang) -> None:
    types = set(get_args(StatementType))
    parts = {"target", "share_clause", "nothing", "province", *get_args(ChangedField)}
    keys = {key.removeprefix(SENTENCE) for key in messages() if key.startswith(SENTENCE)}
    assert types | parts <= keys
    assert {key.removesuffix("_many").removesuffix("_unit") for key in keys - parts} == types
    for type_ in types:
        text = message_text(lang, f"{SENTENCE}{type_}")
        assert (f"{type_}_many" in keys) == ("{count}" in text or type_ == "grew")


def messages() -> list[str]:
    return re.findall(r'^msgid "(.+)"$', (LOCALE / "en" / "LC_MESSAGES" / "notice.po").read_text("utf-8"), re.MULTILINE)


def test_the_html_stands_alone() -> None:
    page = render_html(notice("vi"))
    assert page.lstrip().startswith("<!doctype html>")
    assert not re.search(r"(src|href)=|url\(|@import", page)
    assert "size: A4" in page


def test_a_fall_is_said_by_the_verb_and_not_by_a_sign_too() -> None:
    def accounts(opened: int, transacted: int) -> Measures:
        return {("member_accounts", "an-nhon"): opened, ("transacted_accounts", "an-nhon"): transacted}

    columns = accounts(1000, 300), accounts(1000, 1500), accounts(0, 0)
    composed = compose(snapshot_from_measures(catalogue(), JULY, columns), catalogue(), "en")
    [cause] = [one.text for one in composed.paragraphs[2].sentences if one.statement.type == "rate_fewer"]
    assert cause.endswith("because the accounts with a transaction became fewer by 1,200.")


def test_the_annex_has_every_unit_and_target_with_this_month_and_the_last() -> None:
    annex = compose(july(), catalogue(), "vi").annex
    assert [row.unit for row in annex.rows] == ["province", *(unit.code for unit in catalogue().units)]
    rows = {(row.unit, row.target): row for row in july().rows}
    for row in annex.rows:
        assert [entry.target for entry in row.entries] == [1, 2, 3, 4, 5, 6, 7]
        for entry in row.entries:
            assert entry.row == rows[row.unit, entry.target]
    lines = {(row.unit, entry.target): entry.lines for row in annex.rows for entry in row.entries}
    assert lines["vinh-thanh", 7] == ("958 (10,5%)", "+67 (+178)", "+7,5%")
    assert lines["phu-my", 3] == ("40,0% (99,9%)", "−10,0 (0,0)", "−20,0%")


@pytest.mark.parametrize("lang", LANGS)
def test_the_annex_is_in_every_format(lang: Lang) -> None:
    composed = compose(july(), catalogue(), lang)
    names = [unit.name(lang) for unit in catalogue().units]
    document = read_back(composed)
    table = document.tables[-1]
    assert [row.cells[0].text for row in table.rows][2:] == names
    width, height = document.sections[-1].page_width, document.sections[-1].page_height
    assert (width or 0) > (height or 0)
    assert table.rows[2].cells[7].text.split("\n") == list(composed.annex.rows[1].entries[6].lines)
    html = render_html(composed)
    assert all(f'<th scope="row">{name}</th>' in html for name in names)
    annex = json.loads(render_json(composed))["annex"]
    assert annex[1]["targets"][6]["increase"] == composed.annex.rows[1].entries[6].row.increase


def test_the_directives_of_july_2023_are_those_of_the_seed() -> None:
    composed = compose(july(), catalogue(), "vi")
    said = " ".join(composed.directives)
    for words in (
        "Quyết định số 5299/QĐ-UBND ngày 30/12/2021",
        "VNPT iGate",
        "định danh điện tử mức độ 2",
        "Công văn số 284/VPUBND-KSTT ngày 17/5/2023",
        "https://congan.binhdinh.gov.vn",
        "Huyện đoàn Vĩnh Thạnh, Đoàn Trường Đại học Quy Nhơn chưa có nhiều thay đổi mặc dù đã tổ chức",
    ):
        assert words in said
    assert set(composed.directives) <= set(body(read_back(composed)))
    assert all(text in render_html(composed) for text in composed.directives)
    later = july().model_copy(update={"month": "2023-07", "as_of": dt.date(2023, 8, 1)})
    assert "iGate" not in " ".join(compose(later, catalogue(), "vi").directives)


@pytest.mark.parametrize(("lang", "tag"), [("vi", "vi-VN"), ("en", "en-GB")])
def test_a_word_processor_proofs_the_text_as_its_language(lang: Lang, tag: str) -> None:
    document = read_back(compose(july(), catalogue(), lang))
    languages = {each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))}
    assert languages == {tag}


def test_no_notice_is_written_of_days_before_the_project_or_without_figures() -> None:
    early = july().model_copy(update={"as_of": dt.date(2022, 1, 1), "previous": dt.date(2021, 12, 1)})
    with pytest.raises(InvalidError, match="the project began on 2022-01-01"):
        compose(early, catalogue(), "vi")
    still = tuple(row.model_copy(update={"increase": 0, "growth": 0.0}) for row in july().rows)
    with pytest.raises(ConflictError, match="nothing was received from Hệ thống báo cáo Đề án 5299"):
        compose(july().model_copy(update={"rows": still}), catalogue(), "vi")


def test_a_unit_of_which_nothing_came_is_named_as_that() -> None:
    rows = tuple(
        row.model_copy(update={"increase": 0, "growth": 0.0}) if row.unit == "an-lao" else row for row in july().rows
    )
    composed = compose(july().model_copy(update={"rows": rows}), catalogue(), "vi")
    assert composed.remarks == ("Trong tháng 06/2023 chưa nhận được số liệu của: Huyện đoàn An Lão.",)


def test_the_letterhead_is_that_of_the_day() -> None:
    late = july().model_copy(update={"as_of": dt.date(2025, 8, 1), "previous": dt.date(2025, 7, 1)})
    head = compose(late, catalogue(), "vi").letterhead
    assert head.authority == ("ỦY BAN NHÂN DÂN", "TỈNH GIA LAI")
    bare = catalogue().model_copy(update={"letterheads": ()})
    with pytest.raises(ConfigError, match=r"no \[\[letterheads\]\] entry is in force on 2023-07-01"):
        compose(july(), bare, "vi")
