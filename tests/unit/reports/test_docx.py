"""The notice as DOCX, read back: bookmarks, layout, and a template edited by the office."""

import re
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docxtpl import DocxTemplate

from services.reports.documents import TEMPLATE, render_docx
from shared.domain.errors import InvalidError
from tests.support.notices import CREATED, body, notice, read_back


def test_every_number_of_the_docx_is_in_a_bookmark_that_names_its_reference() -> None:
    composed = notice("vi")
    names = bookmarks(read_back(composed))
    sentences = [one for part in (*composed.paragraphs, composed.attention) for one in part.sentences]
    figures = [figure for sentence in sentences for figure in sentence.numbers]
    assert len(names) == len(figures)
    assert list(names.values()) == [figure.text for figure in figures]
    assert all(re.fullmatch(r"_n\d{3}_t\d_[a-z_]+", name) and len(name) <= 40 for name in names)
    assert names["_n001_t1_province_achieved"] == "49.795"


def bookmarks(document: Document) -> dict[str, str]:
    """Bookmark name -> the text inside, in reading order."""
    result: dict[str, str] = {}
    for start in document.element.iter(qn("w:bookmarkStart")):
        run, end = start.getnext(), start.getnext().getnext()
        assert (run.tag, end.tag) == (qn("w:r"), qn("w:bookmarkEnd"))
        assert start.get(qn("w:id")) == end.get(qn("w:id"))
        result[start.get(qn("w:name"))] = run.text
    return result


def test_the_layout_is_that_of_decree_30() -> None:
    document = read_back(notice("vi"))
    section, annex = document.sections
    assert round((annex.page_width or 0) / Mm(1)) == 297
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
    head, foot = ([cell.text for row in table.rows for cell in row.cells] for table in document.tables[:2])
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


TAGS = """notice.directives_heading notice.directives text notice.annex.heading notice.annex.note notice.annex.unit_head
notice.annex.columns column notice.annex.rows row.name row.entries entry.lines
notice.remarks remark changes line notice.intro paragraphs paragraph head.request head.office head.state
head.motto head.number head.authority notice.place_and_date notice.document_type notice.subject head.recipients_title
notice.recipients head.signatory"""


def test_the_template_is_a_word_document_with_every_placeholder() -> None:
    template = DocxTemplate(TEMPLATE)
    template.init_docx()
    xml = template.get_xml()
    tags = set(re.findall(r"\{[{%](?:tr|tc|r|p)? *(?:for \w+ in |if )?([a-z_.]+)", xml)) - {"endfor", "endif"}
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
    paragraphs = body(docx.Document(BytesIO(render_docx(notice("vi"), CREATED, template))))
    assert paragraphs[:3] == ["THÔNG BÁO", "KHẨN vi", notice("vi").subject.replace("\u00a0", " ")]
    assert [text for text in paragraphs if text != "KHẨN vi"] == body(read_back(notice("vi")))


@pytest.mark.parametrize(
    ("text", "message"),
    [("{{ notice.atlantis }}", "atlantis"), ("{{ notice.lang", "edited.docx"), ("{% for %}", "docx")],
)
def test_a_tag_that_cannot_be_filled_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=message):
        render_docx(notice("en"), CREATED, edited(tmp_path, text))


def test_a_template_that_is_no_docx_is_refused(tmp_path: Path) -> None:
    template = tmp_path / "template.docx"
    template.write_text("no zip")
    with pytest.raises(InvalidError, match=r"template\.docx is no DOCX document"):
        render_docx(notice("en"), CREATED, template)
