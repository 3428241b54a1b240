"""The template of the DOCX notice, drawn in code: the layout of Decree 30/2020/ND-CP, Appendix I.

A4; margins top and bottom 20 mm, left 30 mm, right 20 mm; Times New Roman; the issuing body and the national
motto side by side, a rule under each; page numbers centred in the header from page 2. The `{{ }}` and `{% %}`
are docxtpl's: `{{r x }}` takes the place of a run, `{%p %}` of a paragraph.
"""

from io import BytesIO
from typing import Final

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.parfmt import ParagraphFormat

FONT: Final = "Times New Roman"
_LEFT: Final = Mm(62)
_RIGHT: Final = Mm(98)
_BODY: Final = Pt(14)
_NO_MARGINS: Final = (
    f'<w:tblCellMar {nsdecls("w")}><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
)
_TOP_BORDER: Final = f'<w:pBdr {nsdecls("w")}><w:top w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>'


def template() -> BytesIO:
    """The template as a file, for docxtpl to fill."""
    document = Document()
    _page(document)
    _normal_style(document)
    _page_number(document)
    _head(document)
    _title(document)
    _body(document)
    _foot(document)
    file = BytesIO()
    document.save(file)
    file.seek(0)
    return file


def _page(document: DocumentType) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20)
    section.header_distance = section.footer_distance = Mm(10)


def _normal_style(document: DocumentType) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, _BODY
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    spacing = style.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)


def _page_number(document: DocumentType) -> None:
    section = document.sections[0]
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph._p.append(parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>2</w:t></w:r></w:fldSimple>'))


def _head(document: DocumentType) -> None:
    table = _columns(document, rows=2)
    left, right = table.rows[0].cells
    _line(left.paragraphs[0], "{{ head.authority[0] }}", size=13)
    _line(left.add_paragraph(), "{{ head.authority[1] }}", size=13)
    _line(left.add_paragraph(), "{{ head.office }}", size=13, bold=True)
    _rule(left, Mm(20), _LEFT)
    _line(right.paragraphs[0], "{{ head.state }}", size=12.5, bold=True)
    _line(right.add_paragraph(), "{{ head.motto }}", size=14, bold=True)
    _rule(right, Mm(64), _RIGHT)
    number, place = table.rows[1].cells
    _line(number.paragraphs[0], "{{ head.number }}", size=13)
    _line(place.paragraphs[0], "{{ notice.place_and_date }}", size=14, italic=True)


def _title(document: DocumentType) -> None:
    kind = _line(document.add_paragraph(), "{{ notice.kind }}", size=14, bold=True)
    kind.paragraph_format.space_before = Pt(18)
    _line(document.add_paragraph(), "{{ notice.subject }}", size=14, bold=True)
    _rule(document, Mm(50), Mm(160))


def _body(document: DocumentType) -> None:
    document.add_paragraph("{%p for remark in notice.remarks %}")
    _justified(document, "{{ remark }}", italic=True)
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p for line in changes %}")
    _justified(document, "{{r line }}")
    document.add_paragraph("{%p endfor %}")
    _justified(document, "{{ notice.intro }}")
    document.add_paragraph("{%p for paragraph in paragraphs %}")
    _justified(document, "{{r paragraph }}")
    document.add_paragraph("{%p endfor %}")
    _justified(document, "{{ head.request }}").keep_with_next = True


def _foot(document: DocumentType) -> None:
    document.add_paragraph().paragraph_format.keep_with_next = True
    table = _columns(document, rows=1)
    recipients, signatory = table.rows[0].cells
    title = _line(recipients.paragraphs[0], "{{ head.recipients_title }}", size=12, bold=True, italic=True)
    title.alignment = WD_ALIGN_PARAGRAPH.LEFT
    for tag in ("{%p for line in notice.recipients %}", "{{ line }}", "{%p endfor %}"):
        _line(recipients.add_paragraph(), tag, size=11).alignment = WD_ALIGN_PARAGRAPH.LEFT
    _line(signatory.paragraphs[0], "{{ head.signatory }}", size=14, bold=True)


def _columns(document: DocumentType, rows: int) -> Table:
    table: Table = document.add_table(rows, 2)
    table.autofit = False
    table._tbl.tblPr.insert_element_before(parse_xml(_NO_MARGINS), "w:tblLook")
    for column, width in zip(table.columns, (_LEFT, _RIGHT), strict=True):
        column.width = width
    for row in table.rows:
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        for cell, width in zip(row.cells, (_LEFT, _RIGHT), strict=True):
            cell.width = width
    return table


def _line(paragraph: Paragraph, text: str, *, size: float, bold: bool = False, italic: bool = False) -> Paragraph:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _justified(document: DocumentType, text: str, *, italic: bool = False) -> ParagraphFormat:
    paragraph = document.add_paragraph()
    paragraph.add_run(text).italic = italic
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    layout: ParagraphFormat = paragraph.paragraph_format
    layout.first_line_indent, layout.space_before = Mm(10), Pt(6)
    return layout


def _rule(place: DocumentType | _Cell, length: int, width: int) -> None:
    """A line of `length` in the middle of a column `width` wide: the top border of an empty paragraph."""
    paragraph = place.add_paragraph()
    paragraph._p.get_or_add_pPr().append(parse_xml(_TOP_BORDER))
    paragraph.paragraph_format.line_spacing = Pt(8)
    paragraph.paragraph_format.space_before = Pt(2)
    side = (width - length) // 2
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = side
