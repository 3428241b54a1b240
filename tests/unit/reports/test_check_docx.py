"""The check reads a DOCX as its reader sees it: with every tracked change accepted, tables and all."""

from io import BytesIO
from xml.sax.saxutils import escape

import docx
import pytest
from docx.oxml import parse_xml

from services.reports.check.facts import ProjectFacts
from services.reports.check.files import Checked, check_file
from tests.support.notice434 import catalogue

FACTS = ProjectFacts.of(catalogue())
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
HEADING = "Target 2 “Residents’ accounts”:"
START = "40,676/66,000 accounts have been created, reaching "


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(inner: str) -> str:
    return f"<w:p>{inner}</w:p>"


def inserted(text: str) -> str:
    return f'<w:ins w:id="1" w:author="a">{run(text)}</w:ins>'


def deleted(text: str) -> str:
    return f'<w:del w:id="2" w:author="a"><w:r><w:delText>{text}</w:delText></w:r></w:del>'


def table(*rows: tuple[str, ...]) -> str:
    cells = ["".join(f"<w:tc><w:tcPr/>{paragraph(run(cell))}</w:tc>" for cell in row) for row in rows]
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def checked(*blocks: str) -> Checked:
    document = docx.Document()
    body = document.element.body
    for block in parse_xml(f"<w:body {WORD}>{''.join(blocks)}</w:body>"):
        body.insert(len(body) - 1, block)
    content = BytesIO()
    document.save(content)
    return check_file(".docx", content.getvalue(), FACTS, "en")


@pytest.mark.parametrize(
    ("inner", "wrong"),
    [
        (run(START + "61.6% of the target"), False),
        (run(START) + deleted("62.6") + inserted("61.6") + run("% of the target"), False),
        (run(START) + deleted("61.6") + inserted("62.6") + run("% of the target"), True),
        (inserted(START + "62.6% of the target"), True),
        (run(START) + f"<w:sdt><w:sdtContent>{run('62.6')}</w:sdtContent></w:sdt>" + run("%"), True),
        (run(START) + f'<w:fldSimple w:instr="QUOTE">{run("62.6")}</w:fldSimple>' + run("%"), True),
        (run(START) + f'<w:smartTag w:uri="u" w:element="e">{run("62.6")}</w:smartTag>' + run("%"), True),
        (run(START + "62") + '<w:proofErr w:type="spellStart"/>' + run(".6%"), True),
        (f'<w:moveFrom w:id="3" w:author="a">{run(START + "62.6%")}</w:moveFrom>' + run(START + "61.6%"), False),
    ],
)
def test_runs(inner: str, wrong: bool) -> None:
    result = checked(paragraph(run(HEADING)), paragraph(inner))
    assert [finding.code for finding in result.findings] == (["percent"] if wrong else [])
    assert result.claims


def test_blocks_in_content_controls_and_joined_paragraphs_are_read() -> None:
    control = f"<w:sdt><w:sdtContent>{paragraph(run(START + '62.6%'))}</w:sdtContent></w:sdt>"
    assert [finding.code for finding in checked(paragraph(run(HEADING)), control).findings] == ["percent"]
    mark = '<w:pPr><w:rPr><w:del w:id="4" w:author="a"/></w:rPr></w:pPr>'
    joined = checked(paragraph(mark + run("Target 2: 40,676/")), paragraph(run("66,000 accounts, 62.6%")))
    assert [finding.code for finding in joined.findings] == ["percent"]


def test_a_sentence_in_a_table_is_read() -> None:
    result = checked(paragraph(run(HEADING)), table((START + "62.6% of the target.",)))
    assert [(finding.code, finding.target) for finding in result.findings] == [("percent", 2)]


def test_a_table_of_figures_is_read_by_its_headings() -> None:
    rows = [
        ("Chỉ tiêu", "Kết quả", "Kế hoạch", "Tỷ lệ"),
        ("1", "49.795", "48.000", "104 %"),
        ("2", "40.676", "66.000", "62,6 %"),
    ]
    result = checked(table(*rows))
    assert [(one.where, one.target, one.code) for one in result.findings] == [("table 1, row 3", 2, "percent")]
    assert result.findings[0].describe("vi").startswith("SAI  bảng 1, dòng 3, chỉ tiêu 2: in 62.6")


def test_a_table_of_units_belongs_to_the_target_above_it() -> None:
    rows = [
        ("Đơn vị", "Chỉ tiêu", "Kết quả tháng 6", "Kết quả tháng 7", "Tỷ lệ", "Tăng (%)"),
        ("Huyện đoàn Phù Mỹ", "4.236", "3.000", "4.300", "101,5%", "43,3%"),
        ("Thị đoàn An Nhơn", "4.236", "705", "2.128", "50,2%", "201,8%"),
        ("Huyện đoàn An Lão", "941", "644", "718", "99%", "11%"),
    ]
    result = checked(paragraph(run("Chỉ tiêu 1:")), table(*rows))
    assert [(claim.target, claim.unit) for claim in result.claims] == [(1, "phu-my"), (1, "an-nhon")]
    assert result.findings == []
    assert ("table 1, row 4", "99%") in result.unchecked
