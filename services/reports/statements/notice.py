"""The whole notice in one language, ready for any format: header, paragraphs of sentences, closing. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from services.reports.statements.notice_statements import attention_statements, changed_statements
from services.reports.statements.sentences import Fragment, Sentence, Writer
from services.reports.statements.statement import Statement
from services.reports.statements.target_statements import target_numbers, target_statements
from shared.domain.catalogue import Catalogue
from shared.domain.formatting import Lang, format_date
from shared.domain.snapshot import Snapshot
from shared.runtime.messages import translate

REISSUED = " (R)"


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
class Letterhead:
    """Who issues the notice and the fixed text around it, in the order of Decree 30/2020/ND-CP, Appendix I."""

    authority: tuple[str, ...]
    office: str
    state: str
    motto: str
    number: str
    request: str
    signatory: str
    recipients_title: str


def letterhead(lang: Lang) -> Letterhead:
    """The letterhead in one language."""
    text = partial(translate, lang)
    return Letterhead(
        authority=tuple(text("notice.letterhead.authority").split("\n")),
        office=text("notice.letterhead.office"),
        state=text("notice.letterhead.state"),
        motto=text("notice.letterhead.motto"),
        number=text("notice.letterhead.number"),
        request=text("notice.letterhead.request"),
        signatory=text("notice.letterhead.signatory"),
        recipients_title=text("notice.letterhead.recipients_title"),
    )


@dataclass(frozen=True)
class Notice:
    """A notice before it takes a format. `remarks` are the lines on its status and what it replaces."""

    lang: Lang
    snapshot: Snapshot
    letterhead: Letterhead
    document_type: str
    subject: str
    place_and_date: str
    intro: str
    remarks: tuple[str, ...]
    changes: tuple[Sentence, ...]
    paragraphs: tuple[Paragraph, ...]
    attention: Paragraph
    recipients: tuple[str, ...]


def compose(snapshot: Snapshot, catalogue: Catalogue, lang: Lang, earlier: Snapshot | None = None) -> Notice:
    """The notice of `snapshot`; `earlier` is the snapshot of the notice it replaces, if it replaces one."""
    writer = Writer(lang, catalogue, snapshot)
    values = _values(snapshot, catalogue, lang)
    changes = changed_statements(earlier, snapshot) if earlier is not None else []
    return Notice(
        lang=lang,
        snapshot=snapshot,
        letterhead=letterhead(lang),
        document_type=translate(lang, "notice.letterhead.document_type") + (REISSUED if snapshot.revision else ""),
        subject=translate(lang, "notice.letterhead.subject", **values),
        place_and_date=translate(lang, "notice.letterhead.place_and_date", **values),
        intro=translate(lang, "notice.letterhead.intro", **values),
        remarks=tuple(_remarks(snapshot, lang, values, compared=earlier is not None, changed=bool(changes))),
        changes=_sentences(writer, changes),
        paragraphs=tuple(_target_paragraph(writer, number) for number in target_numbers(snapshot)),
        attention=Paragraph(
            translate(lang, "notice.letterhead.attention"), _sentences(writer, attention_statements(snapshot))
        ),
        recipients=tuple(translate(lang, "notice.letterhead.recipients", **values).split("\n")),
    )


def _values(snapshot: Snapshot, catalogue: Catalogue, lang: Lang) -> dict[str, str]:
    """What the placeholders of the fixed text stand for."""
    roles = {target.role for target in catalogue.targets}
    sources = [source for source in catalogue.sources if source.role in roles]
    return {
        "year": str(snapshot.as_of.year),
        "month": f"{snapshot.month[5:]}/{snapshot.month[:4]}",
        "revision": str(snapshot.revision),
        "as_of": format_date(snapshot.as_of, lang),
        "previous": format_date(snapshot.previous, lang),
        "project": catalogue.project.name(lang),
        "sources": ", ".join(source.name(lang) for source in sources),
    }


def _remarks(snapshot: Snapshot, lang: Lang, values: dict[str, str], *, compared: bool, changed: bool) -> Iterator[str]:
    if snapshot.status == "provisional":
        yield translate(lang, "notice.letterhead.provisional", **values)
    if snapshot.revision:
        yield translate(lang, "notice.letterhead.reissue", **values)
    if compared:
        key = "notice.letterhead.reissue_changes" if changed else "notice.letterhead.reissue_no_changes"
        yield translate(lang, key)


def _target_paragraph(writer: Writer, number: int) -> Paragraph:
    heading = writer.text("target").format(target=number, name=writer.target_name(number))
    return Paragraph(heading, _sentences(writer, target_statements(writer.snapshot, number)), number)


def _sentences(writer: Writer, statements: Iterable[Statement]) -> tuple[Sentence, ...]:
    return tuple(writer.sentence(statement) for statement in statements)
