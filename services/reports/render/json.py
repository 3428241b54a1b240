"""The notice as JSON: sentences, their figures with references, and the snapshot they refer to."""

import json
from typing import Any

from services.reports.statements.compose import Notice
from services.reports.statements.sentences import Sentence


def render_json(notice: Notice) -> str:
    """The whole notice; a figure's `refs` are cells of `snapshot`, or of the one its `revision` names."""
    document = {
        "notice": f"{notice.snapshot.as_of}",
        "lang": notice.lang,
        "kind": notice.kind,
        "subject": notice.subject,
        "intro": notice.intro,
        "remarks": notice.remarks,
        "changes": [_sentence(one) for one in notice.changes],
        "targets": [
            {
                "target": paragraph.target,
                "heading": paragraph.heading,
                "sentences": [_sentence(one) for one in paragraph.sentences],
            }
            for paragraph in notice.paragraphs
        ],
        "attention": [_sentence(one) for one in notice.attention.sentences],
        "request": notice.letterhead.request,
        "snapshot": notice.snapshot.model_dump(mode="json"),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _sentence(sentence: Sentence) -> dict[str, Any]:
    statement = sentence.statement
    return {
        "kind": statement.kind,
        "text": sentence.text,
        "units": [mention.unit for mention in statement.mentions],
        "figures": [
            {"id": figure.id, "text": figure.text, **figure.number.model_dump()} for figure in sentence.figures
        ],
    }
