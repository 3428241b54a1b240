"""The whole notice in one language, ready for any format: header, paragraphs of sentences, closing. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.reports.statements.annex import Annex, annex_of
from services.reports.statements.notice_statements import attention_statements, changed_statements
from services.reports.statements.sentences import Fragment, Sentence, Writer
from services.reports.statements.statement import Statement
from services.reports.statements.target_statements import target_numbers, target_statements
from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import Catalogue, Source
from shared.domain.errors import ConflictError, InvalidError
from shared.domain.formatting import Lang, format_date
from shared.domain.notice_texts import Directive, Letterhead, Remark, in_force, letterhead_on
from shared.domain.snapshot import Snapshot
from shared.runtime.messages import translate


@dataclass(frozen=True)
class Paragraph:
    """A heading that runs into its sentences; `target` is None for the closing paragraph."""

    heading: str
    sentences: tuple[Sentence, ...]
    target: int | None = None

    @property
    def fragments(self) -> tuple[Fragment, ...]:
        """The sentences one after another, a space between."""
        pieces: list[Fragment] = []
        for sentence in self.sentences:
            pieces += [" "] if pieces else []
            pieces += sentence.fragments
        return tuple(pieces)

    @property
    def text(self) -> str:
        return self.heading + " ".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True)
class PrintedLetterhead:
    """The letterhead in one language. `request` is empty where there is nothing to ask for."""

    authority: tuple[str, ...]
    office: str
    state: str
    motto: str
    number: str
    request: str
    signatory: str
    recipients_title: str


@dataclass(frozen=True)
class Notice:
    """A notice before it takes a format.

    `remarks` are the lines on its status, what it replaces and what is missing; `directives` what the office adds.
    """

    lang: Lang
    snapshot: Snapshot
    letterhead: PrintedLetterhead
    document_type: str
    subject: str
    place_and_date: str
    intro: str
    remarks: tuple[str, ...]
    changes: tuple[Sentence, ...]
    paragraphs: tuple[Paragraph, ...]
    attention: Paragraph
    directives: tuple[str, ...]
    directives_heading: str
    annex: Annex
    recipients: tuple[str, ...]


def compose(snapshot: Snapshot, catalogue: Catalogue, lang: Lang, earlier: Snapshot | None = None) -> Notice:
    """The notice of `snapshot`; `earlier` is the snapshot of the notice it replaces, if it replaces one.

    Raises:
        InvalidError: it is of a day before the project's first month was over.
        ConflictError: nothing was received in its month.
        ConfigError: the catalogue has no letterhead for its day.
    """
    refuse_empty(snapshot, catalogue, lang)
    writer = Writer(lang, catalogue, snapshot)
    letterhead = letterhead_on(catalogue.letterheads, snapshot.as_of)
    values = _values(snapshot, catalogue, lang, letterhead)
    changes = changed_statements(earlier, snapshot) if earlier is not None else []
    attention = attention_statements(snapshot)
    to_mend = any(statement.type != "attention_none" for statement in attention)
    return Notice(
        lang=lang,
        snapshot=snapshot,
        letterhead=_printed(letterhead, lang, with_request=to_mend),
        document_type=translate(lang, "notice.letterhead.document_type"),
        subject=translate(lang, "notice.letterhead.subject", **values),
        place_and_date=translate(lang, "notice.letterhead.place_and_date", **values),
        intro=translate(lang, "notice.letterhead.intro", **values),
        remarks=tuple(_remarks(snapshot, catalogue, lang, values, compared=earlier is not None, changed=bool(changes))),
        changes=_sentences(writer, changes),
        paragraphs=tuple(_target_paragraph(writer, number) for number in target_numbers(snapshot)),
        attention=Paragraph(translate(lang, "notice.letterhead.attention"), _sentences(writer, attention)),
        directives=_directives(catalogue, snapshot, lang),
        directives_heading=translate(lang, "notice.letterhead.directives"),
        annex=annex_of(snapshot, catalogue, lang),
        recipients=tuple(line.format(**values) for line in letterhead.lines("recipients", lang)),
    )


def refuse_empty(snapshot: Snapshot, catalogue: Catalogue, lang: Lang) -> None:
    """Refuse what no notice can be written from; raises as `compose`."""
    began = catalogue.project.began
    if snapshot.previous < began:
        raise InvalidError(
            f"the project began on {began}: the first notice is as of the day its first month is over, "
            f"not {snapshot.as_of}"
        )
    if not any(_moved(row) for row in snapshot.rows):
        sources = ", ".join(source.name(lang) for source in _reporting(catalogue))
        raise ConflictError(
            f"nothing was received from {sources} between {snapshot.previous} and {snapshot.as_of}: "
            "a notice of it would blame units for figures that never came"
        )


def _printed(letterhead: Letterhead, lang: Lang, *, with_request: bool) -> PrintedLetterhead:
    return PrintedLetterhead(
        authority=letterhead.lines("authority", lang),
        office=letterhead.text("office", lang),
        state=translate(lang, "notice.letterhead.state"),
        motto=translate(lang, "notice.letterhead.motto"),
        number=letterhead.text("number", lang),
        request=letterhead.text("request", lang) if with_request else "",
        signatory=letterhead.text("signatory", lang),
        recipients_title=translate(lang, "notice.letterhead.recipients_title"),
    )


def _directives(catalogue: Catalogue, snapshot: Snapshot, lang: Lang) -> tuple[str, ...]:
    """The remarks of the month, then the directives in force."""
    remarks = [remark for remark in catalogue.remarks if remark.month == snapshot.month]
    entries: list[Remark | Directive] = [*remarks, *in_force(catalogue.directives, snapshot.as_of)]
    return tuple(entry.vi if lang == "vi" else entry.en for entry in entries)


def _values(snapshot: Snapshot, catalogue: Catalogue, lang: Lang, letterhead: Letterhead) -> dict[str, str]:
    """What the placeholders of the fixed text stand for."""
    return {
        "year": str(snapshot.as_of.year),
        "month": f"{snapshot.month[5:]}/{snapshot.month[:4]}",
        "revision": str(snapshot.revision),
        "as_of": format_date(snapshot.as_of, lang),
        "previous": format_date(snapshot.previous, lang),
        "project": catalogue.project.name(lang),
        "sources": ", ".join(source.name(lang) for source in _reporting(catalogue)),
        "issuer": letterhead.text("issuer", lang),
        "place": letterhead.text("place", lang),
        "symbol": _symbol(letterhead.text("number", lang)),
    }


def _symbol(number: str) -> str:
    """What follows the number of a document issued under this letterhead: "/TB-VPUBND"."""
    return "".join(number.partition("/")[1:]).rstrip()


def _reporting(catalogue: Catalogue) -> list[Source]:
    """The sources whose figures targets count."""
    roles = {target.role for target in catalogue.targets}
    return [source for source in catalogue.sources if source.role in roles]


def _moved(row: ProgressRow) -> bool:
    return bool(row.increase) or (row.numerator is not None and bool(row.growth))


def _remarks(
    snapshot: Snapshot, catalogue: Catalogue, lang: Lang, values: dict[str, str], *, compared: bool, changed: bool
) -> Iterator[str]:
    if snapshot.status == "provisional":
        yield translate(lang, "notice.letterhead.provisional", **values)
    if snapshot.revision:
        yield translate(lang, "notice.letterhead.reissue", **values)
    if compared:
        key = "notice.letterhead.reissue_changes" if changed else "notice.letterhead.reissue_no_changes"
        yield translate(lang, key)
    moved = {row.unit for row in snapshot.rows if _moved(row)}
    silent = [unit.name(lang) for unit in catalogue.units_on(snapshot.as_of) if unit.code not in moved]
    if silent:
        yield translate(lang, "notice.letterhead.nothing_received", units="; ".join(silent), **values)


def _target_paragraph(writer: Writer, number: int) -> Paragraph:
    heading = writer.text("target").format(target=number, name=writer.target_name(number))
    return Paragraph(heading, _sentences(writer, target_statements(writer.snapshot, number)), number)


def _sentences(writer: Writer, statements: Iterable[Statement]) -> tuple[Sentence, ...]:
    return tuple(writer.sentence(statement) for statement in statements)
