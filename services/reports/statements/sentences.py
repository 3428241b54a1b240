"""From statements to sentences: text in which every number is still tied to its snapshot references. Pure.

A statement's text is the message `notice.sentence.TYPE` where the units are named, `notice.sentence.TYPE_many` where
they are only counted; `notice.sentence.TYPE_unit` is one unit of the list. A placeholder is a number or a word.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from string import Formatter
from typing import Final

from services.reports.statements.notice_statements import FAR_FROM_GOAL
from services.reports.statements.statement import Mention, ReferencedNumber, Statement, StatementType
from services.reports.statements.target_statements import ABOVE_COMMON, LITTLE_GROWTH, STRONG_GROWTH
from shared.domain.catalogue import PROVINCE, Catalogue
from shared.domain.formatting import NO_BREAK_SPACE, Lang, Number, format_date, format_number, format_percent
from shared.domain.snapshot import Snapshot
from shared.runtime.messages import message_text

PERCENT_SPACE: Final[dict[Lang, str]] = {"vi": "", "en": NO_BREAK_SPACE}
_TWO_DIGITS: Final = 10
"""Vietnamese offices put a zero before a number of units below this."""
_OWN_UNIT_TEXT: Final[frozenset[StatementType]] = frozenset(
    {"grew", "little_change", "above_common", "attention_low", "attention_diluted", "attention_stalled"}
)
"""Statements that say more of a unit than its name."""


@dataclass(frozen=True)
class PrintedNumber:
    """A number as printed; `id` is its name within one document ("n017")."""

    id: str
    number: ReferencedNumber
    text: str


Fragment = str | PrintedNumber


@dataclass(frozen=True)
class Sentence:
    """One statement in one language, as pieces of text and numbers in reading order."""

    statement: Statement
    fragments: tuple[Fragment, ...]

    @property
    def text(self) -> str:
        return plain(self.fragments)

    @property
    def numbers(self) -> list[PrintedNumber]:
        return [piece for piece in self.fragments if isinstance(piece, PrintedNumber)]


def plain(fragments: Sequence[Fragment]) -> str:
    """The fragments as they are read."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in fragments)


@dataclass(frozen=True)
class Writer:
    """Writes the sentences of one document; its numbers are counted in the order of the text."""

    lang: Lang
    catalogue: Catalogue
    snapshot: Snapshot
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def sentence(self, statement: Statement) -> Sentence:
        """The statement as a sentence."""
        key = statement.type if statement.named else f"{statement.type}_many"
        counted = statement.numbers.get("count")
        text = self.text(key, None if counted is None else int(counted.value))
        return Sentence(statement, self._fill(text, self._values(statement)))

    def text(self, key: str, number: int | None = None) -> str:
        """The text `notice.sentence.KEY`, in the plural form for `number`; a percent sign stays with its number."""
        return message_text(self.lang, f"notice.sentence.{key}", number).replace(" %", f"{PERCENT_SPACE[self.lang]}%")

    def unit_name(self, code: str) -> str:
        """A unit's name, or the province's."""
        if code == PROVINCE:
            return self.text("province")
        return self.catalogue.unit_by_code[code].name(self.lang)

    def target_name(self, number: int) -> str:
        """A target's name without its number."""
        return self.catalogue.target_by_number[number].name(self.lang)

    def _values(self, statement: Statement) -> Mapping[str, object]:
        return {
            "old": self.text("nothing"),
            "new": self.text("nothing"),
            **self._texts(statement),
            **statement.numbers,
            "units": lambda: self._mentions(statement),
            "share_clause": lambda: self._share(statement),
        }

    def _texts(self, statement: Statement) -> dict[str, str]:
        texts = {
            "previous": format_date(self.snapshot.previous, self.lang),
            "strong": percent_text(STRONG_GROWTH, self.lang, 0),
            "little": percent_text(LITTLE_GROWTH, self.lang, 0),
            "far": percent_text(FAR_FROM_GOAL, self.lang, 0),
            "margin": format_number(ABOVE_COMMON * 100, self.lang),
        }
        if statement.field is not None:
            texts["field"] = self.text(statement.field)
            texts["unit"] = self.unit_name(statement.mentions[0].unit)
        if statement.target is not None:
            target = self.catalogue.target_by_number[statement.target]
            texts["target"] = str(target.number)
            texts["noun"] = target.noun(self.lang)
            texts["done"] = target.done_vi if self.lang == "vi" else target.done_en
            texts["qualified"] = target.qualified_vi if self.lang == "vi" else target.qualified_en
        return texts

    def _share(self, statement: Statement) -> tuple[Fragment, ...]:
        if "share" not in statement.numbers:
            return ()
        return self._fill(self.text("share_clause"), statement.numbers)

    def _mentions(self, statement: Statement) -> tuple[Fragment, ...]:
        pieces: list[Fragment] = []
        for mention in statement.mentions:
            pieces += ["; "] if pieces else []
            pieces += self._mention(statement.type, mention)
        return tuple(pieces)

    def _mention(self, type_: StatementType, mention: Mention) -> tuple[Fragment, ...]:
        unit = self.unit_name(mention.unit)
        if type_ not in _OWN_UNIT_TEXT:
            return (unit,)
        targets = ", ".join(map(str, mention.targets))
        text = self.text(f"{type_}_unit", len(mention.targets) or None)
        return self._fill(text, {"unit": unit, "targets": targets, "number": mention.number})

    def _fill(self, text: str, values: Mapping[str, object]) -> tuple[Fragment, ...]:
        pieces: list[Fragment] = []
        for literal, name, _, _ in Formatter().parse(text):
            if literal:
                pieces.append(literal)
            if name is not None:
                pieces += self._pieces(values[name])
        return tuple(pieces)

    def _pieces(self, value: object) -> Sequence[Fragment]:
        if isinstance(value, ReferencedNumber):
            return (PrintedNumber(f"n{next(self._ids):03}", value, number_text(value, self.lang)),)
        return value() if callable(value) else (str(value),)


def percent_text(value: Number, lang: Lang, digits: int = 1, *, signed: bool = False) -> str:
    """A percentage as the notice prints it: offices write 32,5% (vi), English text has 32.5 %."""
    return format_percent(value, lang, digits, signed=signed, space=PERCENT_SPACE[lang])


def number_text(number: ReferencedNumber, lang: Lang) -> str:
    """The number as the notice prints it, rounded half up."""
    if number.form == "percent":
        return percent_text(number.value, lang, number.digits)
    if number.form == "points":
        return format_number(abs(Fraction(str(number.value))) * 100, lang, number.digits)
    if number.form == "units" and lang == "vi" and number.value < _TWO_DIGITS:
        return f"{number.value:02}"
    return format_number(abs(number.value) if number.form == "change" else number.value, lang, number.digits)
