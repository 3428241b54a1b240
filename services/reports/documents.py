"""The notice as a file: JSON with every reference, one HTML page that prints on A4, or DOCX.

A DOCX is made by docxtpl from a Word document with tags: `{{ name }}` is text, `{{r name }}` takes the place of a run,
`{%p for %}` to `{%p endfor %}` repeats the paragraphs between them. Every number in it stands in a hidden bookmark.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal
from xml.sax.saxutils import escape
from zipfile import BadZipFile

import jinja2
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from markupsafe import Markup

from services.reports.statements.annex import AnnexEntry
from services.reports.statements.notice import Notice, Paragraph, compose
from services.reports.statements.sentences import Fragment, PrintedNumber, Sentence
from shared.domain.catalogue import Catalogue
from shared.domain.errors import InvalidError
from shared.domain.formatting import Lang
from shared.domain.snapshot import Snapshot

Format = Literal["docx", "html", "json"]

LANGUAGE_TAGS: Final[dict[Lang, str]] = {"vi": "vi-VN", "en": "en-GB"}

MEDIA_TYPES: Final[dict[Format, str]] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}

TEMPLATES: Final = Path(__file__).parent / "templates"
TEMPLATE: Final = TEMPLATES / "notice.docx"
"""The layout of Decree 30/2020/ND-CP, Appendix I, for both languages; edited in a word processor."""

_BOOKMARK_LENGTH: Final = 40
"""Word accepts no longer name; a name that starts with an underscore is not listed."""

_environment: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def render_notice(
    snapshot: Snapshot,
    catalogue: Catalogue,
    lang: Lang,
    form: Format,
    created: dt.datetime,
    *,
    earlier: Snapshot | None = None,
    template: Path = TEMPLATE,
) -> bytes:
    """The notice of `snapshot` as a file.

    `earlier` is the snapshot of the notice it replaces; `created` goes into a DOCX, which is made from `template`.

    Raises:
        InvalidError: `template` is no DOCX, or a tag in it cannot be filled.
    """
    notice = compose(snapshot, catalogue, lang, earlier)
    if form == "docx":
        return render_docx(notice, created, template)
    return (render_html(notice) if form == "html" else render_json(notice)).encode()


def render_html(notice: Notice) -> str:
    """One page that needs nothing else; every number is a `<data>` element with its value and its references."""
    return _environment.get_template("notice.html.j2").render(notice=notice, head=notice.letterhead)


def render_json(notice: Notice) -> str:
    """The whole notice; a number's `refs` name values of `snapshot`, or of the one its `revision` names."""
    document = {
        "notice": f"{notice.snapshot.as_of}",
        "lang": notice.lang,
        "kind": notice.document_type,
        "subject": notice.subject,
        "intro": notice.intro,
        "remarks": notice.remarks,
        "changes": [_sentence(sentence) for sentence in notice.changes],
        "targets": [
            {
                "target": paragraph.target,
                "heading": paragraph.heading,
                "sentences": [_sentence(sentence) for sentence in paragraph.sentences],
            }
            for paragraph in notice.paragraphs
        ],
        "attention": [_sentence(sentence) for sentence in notice.attention.sentences],
        "directives": notice.directives,
        "annex": [
            {"unit": row.unit, "targets": [{"lines": entry.lines, **_annexed(entry)} for entry in row.entries]}
            for row in notice.annex.rows
        ],
        "request": notice.letterhead.request,
        "snapshot": notice.snapshot.model_dump(mode="json"),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _annexed(entry: AnnexEntry) -> dict[str, Any]:
    """The values an annex entry prints; the same are in the snapshot under `tTARGET.UNIT`."""
    fields = ("achieved", "attainment", "increase", "previous_increase", "growth")
    return {"target": entry.target} | {name: getattr(entry.row, name) for name in fields}


def _sentence(sentence: Sentence) -> dict[str, Any]:
    statement = sentence.statement
    return {
        "kind": statement.type,
        "text": sentence.text,
        "units": [mention.unit for mention in statement.mentions],
        "figures": [
            {"id": printed.id, "text": printed.text, **printed.number.model_dump()} for printed in sentence.numbers
        ],
    }


def render_docx(notice: Notice, created: dt.datetime, template: Path = TEMPLATE) -> bytes:
    """The document; `created` is its time of creation among its properties.

    Raises:
        InvalidError: `template` is no DOCX, or a tag in it cannot be filled.
    """
    document = DocxTemplate(template)
    context = {
        "notice": notice,
        "head": notice.letterhead,
        "changes": [_runs(sentence.fragments) for sentence in notice.changes],
        "paragraphs": [_paragraph(paragraph) for paragraph in (*notice.paragraphs, notice.attention)],
    }
    try:
        document.render(context, jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True), autoescape=True)
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError) as error:
        raise InvalidError(f"{template} is no DOCX document: save it as .docx in a word processor") from error
    except jinja2.TemplateError as error:
        raise InvalidError(f"{template}: {error.message}; the tags are those of {TEMPLATE.name}") from error
    properties = document.docx.core_properties
    properties.author, properties.title = notice.letterhead.office, notice.subject
    properties.language, properties.comments = LANGUAGE_TAGS[notice.lang], ""
    _set_language(document.docx, LANGUAGE_TAGS[notice.lang])
    properties.identifier = f"{notice.snapshot.month} R{notice.snapshot.revision} {notice.snapshot.status}"
    properties.created = properties.modified = created
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _set_language(document: Document, tag: str) -> None:
    """Make `tag` the language of every style, so that a word processor proofs the text as that."""
    for element in document.styles.element.iter(qn("w:lang")):
        for attribute in ("w:val", "w:eastAsia"):
            element.set(qn(attribute), tag)


def bookmark(printed: PrintedNumber) -> str:
    """The bookmark around a number: its id in the JSON notice and its reference, "_n003_t1_province_attainment".

    A number drawn from several values names its derivation instead of the field; the JSON lists them all.
    """
    ref = printed.number.refs[0]
    if printed.number.derivation != "cell":
        ref = f"{ref.partition('.')[0]}.{printed.number.derivation}"
    return f"_{printed.id}_{re.sub('[^0-9A-Za-z]', '_', ref)}"[:_BOOKMARK_LENGTH]


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
