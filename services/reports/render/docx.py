"""The notice as DOCX: the template filled by docxtpl, every figure in a hidden bookmark that names its cell."""

import datetime as dt
import re
from collections.abc import Iterable
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape

from docxtpl import DocxTemplate
from markupsafe import Markup

from services.reports.render.docx_template import template
from services.reports.statements.compose import Notice, Paragraph
from services.reports.statements.sentences import Figure, Fragment

_BOOKMARK_LENGTH: Final = 40
"""Word accepts no longer name; one that starts with an underscore is not listed."""


def render_docx(notice: Notice, written: dt.datetime) -> bytes:
    """The document; `written` is when, for its properties."""
    document = DocxTemplate(template())
    context = {
        "notice": notice,
        "head": notice.letterhead,
        "changes": [_runs(sentence.fragments) for sentence in notice.changes],
        "paragraphs": [_paragraph(one) for one in (*notice.paragraphs, notice.attention)],
    }
    document.render(context, autoescape=True)
    properties = document.docx.core_properties
    properties.author, properties.title = notice.letterhead.office, notice.subject
    properties.language, properties.comments = notice.lang, ""
    properties.identifier = f"{notice.snapshot.month} R{notice.snapshot.revision} {notice.snapshot.status}"
    properties.created = properties.modified = written
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def bookmark(figure: Figure) -> str:
    """The bookmark around a figure: its id in the JSON notice and its cell, "_n003_t1_province_attainment".

    A number drawn from several cells names its derivation instead of the field; the JSON lists them all.
    """
    ref = figure.number.refs[0]
    if figure.number.derivation != "cell":
        ref = f"{ref.partition('.')[0]}.{figure.number.derivation}"
    return f"_{figure.id}_{re.sub('[^0-9A-Za-z]', '_', ref)}"[:_BOOKMARK_LENGTH]


def _paragraph(paragraph: Paragraph) -> Markup:
    heading = f"<w:r><w:rPr><w:b/></w:rPr>{_text(paragraph.heading)}</w:r>"
    return Markup(heading) + _runs(paragraph.fragments)  # noqa: S704 - the text in it is escaped


def _runs(fragments: Iterable[Fragment]) -> Markup:
    return Markup("".join(_run(piece) for piece in fragments))  # noqa: S704 - the text in it is escaped


def _run(piece: Fragment) -> str:
    if isinstance(piece, str):
        return f"<w:r>{_text(piece)}</w:r>"
    number = int(piece.id[1:])
    return (
        f'<w:bookmarkStart w:id="{number}" w:name="{bookmark(piece)}"/>'
        f'<w:r>{_text(piece.text)}</w:r><w:bookmarkEnd w:id="{number}"/>'
    )


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(text)}</w:t>'
