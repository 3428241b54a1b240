"""Notices for tests: their snapshots, and what is read back from their documents."""

import datetime as dt
from functools import cache
from io import BytesIO

import docx
from docx.document import Document

from services.reports.documents import render_docx
from services.reports.statements.notice import Notice, compose
from shared.domain.formatting import Lang
from shared.domain.snapshot import Snapshot, snapshot_from_measures
from tests.support.notice434 import JULY, JUNE, MAY, catalogue, measures_on


@cache
def july() -> Snapshot:
    """As Notice 434 had it."""
    columns = measures_on(JULY), measures_on(JUNE), measures_on(MAY)
    return snapshot_from_measures(catalogue(), JULY, columns, status="final", positions={"accounts:0": "1-0"})


@cache
def july_reissued() -> Snapshot:
    """Two more articles of An Lao, one transaction fewer in Quy Nhon."""
    late = dict(measures_on(JULY))
    late["articles", "an-lao"] += 2
    late["transacted_accounts", "quy-nhon"] -= 1
    columns = late, measures_on(JUNE), measures_on(MAY)
    return snapshot_from_measures(catalogue(), JULY, columns, status="final", revision=1)


CREATED = dt.datetime(2023, 7, 7, tzinfo=dt.UTC)

LANGS: list[Lang] = ["vi", "en"]


def notice(lang: Lang) -> Notice:
    return compose(july(), catalogue(), lang)


def read_back(composed: Notice) -> Document:
    return docx.Document(BytesIO(render_docx(composed, CREATED)))


def body(document: Document) -> list[str]:
    return [paragraph.text.replace("\u00a0", " ") for paragraph in document.paragraphs]
