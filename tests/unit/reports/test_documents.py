"""The notice as it leaves: DOCX read back, HTML and JSON, in both languages, first issue and reissue."""

import datetime as dt
import html
import json
import re
from io import BytesIO
from pathlib import Path
from typing import get_args

import docx
import pytest
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docxtpl import DocxTemplate

from services.reports.check.own_notice import traced
from services.reports.documents import TEMPLATE, render_docx, render_html, render_json
from services.reports.statements.notice import Notice, compose
from services.reports.statements.sentences import number_text
from services.reports.statements.statement import ChangedField, Number, StatementType
from shared.domain.catalogue import Catalogue
from shared.domain.errors import InvalidError
from shared.domain.figures import Measures
from shared.domain.formatting import Lang
from shared.domain.snapshot import Snapshot, snapshot_from_measures
from shared.runtime.messages import LOCALE, message_text
from tests.support.notice434 import JULY, catalogue
from tests.support.notices import july, july_reissued

WRITTEN = dt.datetime(2023, 7, 7, tzinfo=dt.UTC)

FACTS: dict[Lang, dict[int, list[str]]] = {
    "vi": {
        1: [
            "49.795/48.000 tài khoản, đạt 104 %",
            "02 đơn vị vượt 100 % chỉ tiêu: Thị đoàn Hoài Nhơn; Huyện đoàn Phù Mỹ.",
            "03 đơn vị không có thay đổi so với ngày 01/6/2023: Đoàn Thanh niên Bộ Chỉ huy quân sự tỉnh; Đoàn Thanh "
            "niên Bộ đội Biên phòng tỉnh; Đoàn Trường Cao đẳng Cơ điện - Xây dựng và Nông Lâm Trung Bộ.",
            "Đoàn Khối Doanh nghiệp tỉnh (tăng 278 %)",
            "Đoàn Trường Cao đẳng Kỹ thuật Công nghệ Quy Nhơn (tăng 85 %)",
            "Đoàn Trường Đại học Quy Nhơn (tăng 75 %)",
            "Huyện đoàn Tây Sơn (tăng 120 %)",
            "Thị đoàn An Nhơn (tăng 202 %)",
        ],
        2: [
            "40.676/66.000 tài khoản, đạt 61,6 %",
            "03 đơn vị vượt 100 % chỉ tiêu: Huyện đoàn Hoài Ân; Huyện đoàn Vân Canh; Đoàn Thanh niên Công an tỉnh.",
            "Đoàn Trường Cao đẳng Kỹ thuật Công nghệ Quy Nhơn (tăng 133 %)",
            "Huyện đoàn Tây Sơn (tăng 171 %)",
            "Thị đoàn An Nhơn (tăng 347 %)",
        ],
        3: [
            "29.440/90.471 tài khoản, đạt tỷ lệ 32,5 % (chỉ tiêu 40 %)",
            "So với ngày 01/6/2023, tỷ lệ giảm từ 37,9 % xuống 32,5 % do phát sinh nhiều tài khoản mới",
        ],
        4: [
            "10.594/32.580 hồ sơ, đạt tỷ lệ 32,5 % (chỉ tiêu 80 %)",
            "Thị đoàn An Nhơn (đạt 61 %); Huyện đoàn Phù Mỹ (đạt 49 %); Huyện đoàn Tuy Phước (đạt 42 %); Huyện đoàn "
            "Hoài Ân (đạt 37 %).",
        ],
        5: [
            "24.938/51.000 hồ sơ, đạt 48,9 %",
            "01 đơn vị đạt 100 % chỉ tiêu: Huyện đoàn Vân Canh.",
            "Huyện đoàn Vân Canh (tăng 168 %)",
            "Thị đoàn An Nhơn (tăng 172 %)",
            "02 đơn vị chưa có nhiều thay đổi so với ngày 01/6/2023: Huyện đoàn Vĩnh Thạnh (tăng 1 %); Đoàn Trường "
            "Đại học Quy Nhơn (tăng 2 %).",
        ],
        6: [
            "801/2.460 tin, bài, đạt 32,6 %",
            "01 đơn vị đạt 100 % chỉ tiêu: Đoàn Thanh niên Công an tỉnh.",
            "13/20 đơn vị có kết quả tăng trên 75 %",
        ],
        7: [
            "47.256/400.000 hộ, đạt 11,8 %",
            "07/20 đơn vị vượt 100 % chỉ tiêu",
            "02/20 đơn vị có mức tăng thấp hơn mức tăng của tháng trước: Huyện đoàn An Lão; Huyện đoàn Vĩnh Thạnh.",
        ],
    },
    "en": {
        1: [
            "49,795/48,000 accounts so far, 104 % of the goal",
            "2 units over 100 % of the goal: Hoai Nhon Town Union; Phu My District Union.",
            "3 units without any change since 1 June 2023: Provincial Military Command Youth Union; Provincial Border "
            "Guard Youth Union; Central College of Engineering, Construction and Agriculture and Forestry Union.",
            "Provincial Business Union (up 278 %)",
            "Quy Nhon College of Engineering and Technology Union (up 85 %)",
            "Quy Nhon University Union (up 75 %)",
            "Tay Son District Union (up 120 %)",
            "An Nhon Town Union (up 202 %)",
        ],
        2: [
            "40,676/66,000 accounts so far, 61.6 % of the goal",
            "3 units over 100 % of the goal: Hoai An District Union; Van Canh District Union; Provincial Public "
            "Security Youth Union.",
            "Quy Nhon College of Engineering and Technology Union (up 133 %)",
            "Tay Son District Union (up 171 %)",
            "An Nhon Town Union (up 347 %)",
        ],
        3: [
            "29,440/90,471 accounts so far, a rate of 32.5 % (goal 40 %)",
            "Since 1 June 2023 the rate fell from 37.9 % to 32.5 % because 25,673 new accounts diluted it",
        ],
        4: [
            "10,594/32,580 dossiers so far, a rate of 32.5 % (goal 80 %)",
            "An Nhon Town Union (61 %); Phu My District Union (49 %); Tuy Phuoc District Union (42 %); Hoai An "
            "District Union (37 %).",
        ],
        5: [
            "24,938/51,000 dossiers so far, 48.9 % of the goal",
            "1 unit at 100 % of the goal: Van Canh District Union.",
            "Van Canh District Union (up 168 %)",
            "An Nhon Town Union (up 172 %)",
            "2 units with little change since 1 June 2023: Vinh Thanh District Union (up 1 %); Quy Nhon University "
            "Union (up 2 %).",
        ],
        6: [
            "801/2,460 articles so far, 32.6 % of the goal",
            "1 unit at 100 % of the goal: Provincial Public Security Youth Union.",
            "13 of 20 units are up by more than 75 %",
        ],
        7: [
            "47,256/400,000 households so far, 11.8 % of the goal",
            "7 of 20 units are over 100 % of their goal",
            "2 of 20 units with a lower increase than in the month before: An Lao District Union; Vinh Thanh District "
            "Union.",
        ],
    },
}

LANGS: list[Lang] = ["vi", "en"]
SENTENCE = "notice.sentence."


def notice(lang: Lang) -> Notice:
    return compose(july(), catalogue(), lang)


def read_back(written: Notice) -> Document:
    return docx.Document(BytesIO(render_docx(written, WRITTEN)))


def body(document: Document) -> list[str]:
    return [paragraph.text.replace("\u00a0", " ") for paragraph in document.paragraphs]


@pytest.mark.parametrize("lang", LANGS)
def test_the_docx_states_every_fact_of_notice_434(lang: Lang) -> None:
    paragraphs = body(read_back(notice(lang)))
    heading = {"vi": "Chỉ tiêu", "en": "Target"}[lang]
    for target, facts in FACTS[lang].items():
        [paragraph] = [text for text in paragraphs if text.startswith(f"{heading} {target} “")]
        for fact in facts:
            assert fact in paragraph
    assert not any(re.search(r"62[.,]6", text) for text in paragraphs)


@pytest.mark.parametrize("lang", LANGS)
def test_the_formats_say_the_same(lang: Lang) -> None:
    written = notice(lang)
    document = json.loads(render_json(written))
    in_docx = [paragraph.text for paragraph in read_back(written).paragraphs]
    page = html.unescape(re.sub(r"<[^>]+>", "", render_html(written)))
    for paragraph, as_json in zip(written.paragraphs, document["targets"], strict=True):
        assert paragraph.text in in_docx
        assert paragraph.text in page
        assert as_json["heading"] + " ".join(one["text"] for one in as_json["sentences"]) == paragraph.text


@pytest.mark.parametrize("lang", LANGS)
def test_every_figure_of_the_json_is_what_its_cells_say(lang: Lang) -> None:
    document = json.loads(render_json(notice(lang)))
    snapshot = Snapshot.model_validate(document["snapshot"])
    assert snapshot == july()
    sentences = [one for target in document["targets"] for one in target["sentences"]] + document["attention"]
    figures = [figure for sentence in sentences for figure in sentence["figures"]]
    assert [figure["id"] for figure in figures] == [f"n{n:03}" for n in range(1, len(figures) + 1)]
    for figure in figures:
        number = Number.model_validate({name: figure[name] for name in Number.model_fields})
        value = traced(number, snapshot)
        assert value == number.value
        assert number_text(number.model_copy(update={"value": value}), lang) == figure["text"]


def test_every_number_printed_in_a_target_is_a_figure_or_a_threshold() -> None:
    for paragraph in notice("vi").paragraphs:
        for sentence in paragraph.sentences:
            words = "".join(piece for piece in sentence.fragments if isinstance(piece, str)).replace("\u00a0", " ")
            rest = re.sub(r"ngày \d\d/\d\d?/\d{4}|vượt 100 %|đạt 100 %|trên 75 %|từ 4 điểm", "", words)
            assert not re.search(r"\d", rest), rest


def test_every_number_of_the_docx_is_in_a_bookmark_that_names_its_cell() -> None:
    written = notice("vi")
    marks = bookmarks(read_back(written))
    sentences = [one for part in (*written.paragraphs, written.attention) for one in part.sentences]
    figures = [figure for sentence in sentences for figure in sentence.numbers]
    assert len(marks) == len(figures)
    assert list(marks.values()) == [figure.text for figure in figures]
    assert all(re.fullmatch(r"_n\d{3}_t\d_[a-z_]+", name) and len(name) <= 40 for name in marks)
    assert marks["_n001_t1_province_achieved"] == "49.795"


def bookmarks(document: Document) -> dict[str, str]:
    """Bookmark name -> the text inside, in reading order."""
    found: dict[str, str] = {}
    for start in document.element.iter(qn("w:bookmarkStart")):
        run, end = start.getnext(), start.getnext().getnext()
        assert (run.tag, end.tag) == (qn("w:r"), qn("w:bookmarkEnd"))
        assert start.get(qn("w:id")) == end.get(qn("w:id"))
        found[start.get(qn("w:name"))] = run.text
    return found


def test_the_layout_is_that_of_decree_30() -> None:
    document = read_back(notice("vi"))
    [section] = document.sections
    lengths = [section.page_width, section.page_height, section.top_margin, section.bottom_margin]
    lengths += [section.left_margin, section.right_margin]
    assert [round((length or 0) / Mm(1)) for length in lengths] == [210, 297, 20, 20, 30, 20]
    normal = document.styles["Normal"]
    assert (normal.font.name, normal.font.size) == ("Times New Roman", Pt(14))
    assert section.different_first_page_header_footer
    assert section.first_page_header.paragraphs[0].text == ""
    header = section.header.paragraphs[0]
    assert header.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert [field.get(qn("w:instr")) for field in header._p.iter(qn("w:fldSimple"))] == ["PAGE"]
    head, foot = ([cell.text for row in table.rows for cell in row.cells] for table in document.tables)
    assert head[0].split("\n")[:3] == ["ỦY BAN NHÂN DÂN", "TỈNH BÌNH ĐỊNH", "VĂN PHÒNG"]
    assert head[1].split("\n")[:2] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    assert re.fullmatch(r"Số: +/TB-VPUBND", head[2])
    assert re.fullmatch(r"Bình Định, ngày +tháng +năm 2023", head[3])
    assert foot[0].startswith("Nơi nhận:\n")
    assert foot[1] == "CHÁNH VĂN PHÒNG"
    body_text = [one for one in document.paragraphs if one.text.startswith("Chỉ tiêu")]
    assert all(one.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY for one in body_text)
    assert all(round((one.paragraph_format.first_line_indent or 0) / Mm(1)) == 10 for one in body_text)


def test_no_tag_of_the_template_is_left() -> None:
    document = read_back(notice("en"))
    text = "".join(document.element.itertext())
    assert not re.search(r"[{}]|%[}p]", text)


def test_a_reissue_is_marked_and_says_what_changed() -> None:
    written = compose(july_reissued(), catalogue(), "vi", earlier=july())
    paragraphs = body(read_back(written))
    assert paragraphs[0] == "THÔNG BÁO (R)"
    changes = [text for text in paragraphs if "→" in text]
    assert changes == [
        "Chỉ tiêu 3, Thành đoàn Quy Nhơn, số đạt yêu cầu: 2.680 → 2.679.",
        "Chỉ tiêu 6, Huyện đoàn An Lão, kết quả: 33 → 35.",
        "Chỉ tiêu 3, toàn tỉnh, số đạt yêu cầu: 29.440 → 29.439.",
        "Chỉ tiêu 6, toàn tỉnh, kết quả: 801 → 803.",
    ]
    for sentence in written.changes:
        old, new = (figure.number for figure in sentence.numbers)
        assert (old.revision, new.revision) == (0, None)
        assert traced(old, july()) == old.value
        assert traced(new, july_reissued()) == new.value


def test_a_reissue_without_changes_says_that() -> None:
    same = july().model_copy(update={"revision": 1})
    written = compose(same, catalogue(), "en", earlier=july())
    assert written.document_type == "NOTICE (R)"
    assert written.remarks[-1] == "No figure has changed since the earlier notice."


def test_a_goal_that_vanishes_is_a_change_to_nothing() -> None:
    rows = tuple(
        row.model_copy(update={"goal": None}) if (row.unit, row.target) == ("an-lao", 6) else row for row in july().rows
    )
    written = compose(july().model_copy(update={"rows": rows}), catalogue(), "en", earlier=july())
    assert [sentence.text for sentence in written.changes] == ["Target 6, An Lao District Union, goal: 84 → none."]


def test_provisional_figures_are_called_so_in_every_format() -> None:
    open_month = july().model_copy(update={"status": "provisional"})
    written = compose(open_month, catalogue(), "en")
    remark = "Provisional figures: month 06/2023 has not been closed."
    assert remark in body(read_back(written))
    assert remark in render_html(written)
    assert json.loads(render_json(written))["remarks"] == [remark]
    assert compose(july(), catalogue(), "en").remarks == ()


def test_markup_in_a_name_stays_text() -> None:
    names = {"name_en": "A & B <script>alert(1)</script> {{ 7 * 7 }}"}
    units = [unit.model_copy(update=names) if unit.code == "an-nhon" else unit for unit in catalogue().units]
    odd: Catalogue = catalogue().model_copy(update={"units": tuple(units)})
    odd.__dict__.pop("unit_by_code", None)
    written = compose(july(), odd, "en")
    assert "<script>" not in render_html(written)
    assert any(names["name_en"] in text for text in body(read_back(written)))


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
    written = compose(snapshot_from_measures(catalogue(), JULY, columns), catalogue(), "en")
    [cause] = [one.text for one in written.paragraphs[2].sentences if one.statement.type == "rate_fewer"]
    assert cause.endswith("because the accounts that count became fewer by 1,200.")


TAGS = """notice.remarks remark changes line notice.intro paragraphs paragraph head.request head.office head.state
head.motto head.number head.authority notice.place_and_date notice.document_type notice.subject head.recipients_title
notice.recipients head.signatory"""


def test_the_template_is_a_word_document_with_every_placeholder() -> None:
    template = DocxTemplate(TEMPLATE)
    template.init_docx()
    xml = template.get_xml()
    tags = set(re.findall(r"\{[{%][rp]? *(?:for \w+ in )?([a-z_.]+)", xml)) - {"endfor"}
    assert tags == set(TAGS.split())


def edited(folder: Path, text: str) -> Path:
    """The template as an office may change it: a paragraph of its own before the subject."""
    document = docx.Document(str(TEMPLATE))
    document.paragraphs[1].insert_paragraph_before(text)
    path = folder / "edited.docx"
    document.save(str(path))
    return path


def test_an_edited_template_still_renders(tmp_path: Path) -> None:
    template = edited(tmp_path, "KHẨN {{ notice.lang }}")
    paragraphs = body(docx.Document(BytesIO(render_docx(notice("vi"), WRITTEN, template))))
    assert paragraphs[:3] == ["THÔNG BÁO", "KHẨN vi", notice("vi").subject.replace("\u00a0", " ")]
    assert [text for text in paragraphs if text != "KHẨN vi"] == body(read_back(notice("vi")))


@pytest.mark.parametrize(
    ("text", "message"),
    [("{{ notice.atlantis }}", "atlantis"), ("{{ notice.lang", "edited.docx"), ("{% for %}", "docx")],
)
def test_a_tag_that_cannot_be_filled_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=message):
        render_docx(notice("en"), WRITTEN, edited(tmp_path, text))


def test_a_template_that_is_no_docx_is_refused(tmp_path: Path) -> None:
    template = tmp_path / "template.docx"
    template.write_text("no zip")
    with pytest.raises(InvalidError, match=r"template\.docx is no DOCX document"):
        render_docx(notice("en"), WRITTEN, template)
