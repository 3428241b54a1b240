"""The notice as a file: JSON with every reference, one HTML page that prints on A4, or DOCX."""

import datetime as dt
import json
from pathlib import Path
from typing import Any, Final, Literal

import jinja2

from services.reports.render.docx import TEMPLATE, render_docx
from services.reports.statements.notice import Notice, compose
from services.reports.statements.sentences import Sentence
from shared.domain.catalogue import Catalogue
from shared.domain.formatting import Lang
from shared.domain.snapshot import Snapshot

Format = Literal["docx", "html", "json"]

MEDIA_TYPES: Final[dict[Format, str]] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}

_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent.parent / "templates"),
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
    return _TEMPLATES.get_template("notice.html.j2").render(notice=notice, head=notice.letterhead)


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
        "request": notice.letterhead.request,
        "snapshot": notice.snapshot.model_dump(mode="json"),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


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
