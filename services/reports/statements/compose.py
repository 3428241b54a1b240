"""The whole notice in one language, ready for any format: header, paragraphs of sentences, closing."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.reports.render.letterhead import LETTERHEADS, Letterhead
from services.reports.statements.attention import attention_statements
from services.reports.statements.changes import changed_statements
from services.reports.statements.model import Statement
from services.reports.statements.sentences import Fragment, Sentence, Writer
from services.reports.statements.statements import target_numbers, target_statements
from shared.domain.catalogue import Catalogue
from shared.domain.formatting import Lang, format_date
from shared.domain.snapshot import Snapshot

REISSUE_MARK = " (R)"


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
class Notice:
    """A notice before it takes a format. `remarks` are the lines on its status and what it replaces."""

    lang: Lang
    snapshot: Snapshot
    letterhead: Letterhead
    kind: str
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
    head = LETTERHEADS[lang]
    words = _words(snapshot, catalogue, lang)
    changes = changed_statements(earlier, snapshot) if earlier is not None else []
    return Notice(
        lang=lang,
        snapshot=snapshot,
        letterhead=head,
        kind=head.kind + (REISSUE_MARK if snapshot.revision else ""),
        subject=head.subject.format(**words),
        place_and_date=head.place_and_date.format(**words),
        intro=head.intro.format(**words),
        remarks=tuple(_remarks(snapshot, head, words, compared=earlier is not None, changed=bool(changes))),
        changes=_sentences(writer, changes),
        paragraphs=tuple(_target_paragraph(writer, number) for number in target_numbers(snapshot)),
        attention=Paragraph(head.attention, _sentences(writer, attention_statements(snapshot))),
        recipients=tuple(line.format(**words) for line in head.recipients),
    )


def _words(snapshot: Snapshot, catalogue: Catalogue, lang: Lang) -> dict[str, str]:
    roles = {target.role for target in catalogue.targets}
    named = [source for source in catalogue.sources if source.role in roles]
    return {
        "year": str(snapshot.as_of.year),
        "month": f"{snapshot.month[5:]}/{snapshot.month[:4]}",
        "revision": str(snapshot.revision),
        "as_of": format_date(snapshot.as_of, lang),
        "previous": format_date(snapshot.previous, lang),
        "project": catalogue.project.name(lang),
        "sources": ", ".join(one.name(lang) for one in named),
    }


def _remarks(
    snapshot: Snapshot, head: Letterhead, words: dict[str, str], *, compared: bool, changed: bool
) -> Iterable[str]:
    if snapshot.status == "provisional":
        yield head.provisional.format(**words)
    if snapshot.revision:
        yield head.reissue.format(**words)
    if compared:
        yield head.reissue_changes if changed else head.reissue_no_changes


def _target_paragraph(writer: Writer, number: int) -> Paragraph:
    heading = writer.phrase("target").format(target=number, name=writer.target_name(number))
    return Paragraph(heading, _sentences(writer, target_statements(writer.snapshot, number)), number)


def _sentences(writer: Writer, statements: Iterable[Statement]) -> tuple[Sentence, ...]:
    return tuple(writer.sentence(statement) for statement in statements)
