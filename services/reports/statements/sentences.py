"""From statements to sentences: text in which every number is still tied to its snapshot cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from string import Formatter

from services.reports.statements.attention import FAR_FROM_GOAL
from services.reports.statements.model import Mention, Number, Statement
from services.reports.statements.phrases import PHRASES
from services.reports.statements.rates import ABOVE_COMMON
from services.reports.statements.statements import LITTLE_GROWTH, STRONG_GROWTH
from shared.domain.catalogue import PROVINCE, Catalogue
from shared.domain.formatting import NO_BREAK_SPACE, Lang, format_date, format_number, format_percent
from shared.domain.snapshot import Snapshot

_TWO_DIGITS = 10


@dataclass(frozen=True)
class Figure:
    """A number as printed; `id` is its name within one document ("n017")."""

    id: str
    number: Number
    text: str


Fragment = str | Figure


@dataclass(frozen=True)
class Sentence:
    """One statement in one language, as pieces of text and figures in reading order."""

    statement: Statement
    fragments: tuple[Fragment, ...]

    @property
    def text(self) -> str:
        return plain(self.fragments)

    @property
    def figures(self) -> list[Figure]:
        return [piece for piece in self.fragments if isinstance(piece, Figure)]


def plain(fragments: Sequence[Fragment]) -> str:
    """The fragments as they are read."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in fragments)


@dataclass(frozen=True)
class Writer:
    """Writes the sentences of one document; figures are numbered in the order they are written."""

    lang: Lang
    catalogue: Catalogue
    snapshot: Snapshot
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def sentence(self, statement: Statement) -> Sentence:
        """The statement in words."""
        key = statement.kind if statement.named else f"{statement.kind}_many"
        return Sentence(statement, self._fill(self.phrase(key), self._values(statement)))

    def phrase(self, key: str) -> str:
        """The phrase called `key` in the writer's language; a percent sign stays with its number."""
        return PHRASES[self.lang][key].replace(" %", f"{NO_BREAK_SPACE}%")

    def unit_name(self, code: str) -> str:
        """A unit's name, or the province's."""
        if code == PROVINCE:
            return self.phrase("province")
        return self.catalogue.unit_by_code[code].name(self.lang)

    def target_name(self, number: int) -> str:
        """A target's name without its number."""
        return self.catalogue.target_by_number[number].name(self.lang)

    def _values(self, statement: Statement) -> Mapping[str, object]:
        return {
            "old": self.phrase("nothing"),
            "new": self.phrase("nothing"),
            **self._words(statement),
            **statement.numbers,
            "units": lambda: self._mentions(statement),
            "share_clause": lambda: self._share(statement),
        }

    def _words(self, statement: Statement) -> dict[str, str]:
        counted = statement.numbers.get("count")
        words = {
            "previous": format_date(self.snapshot.previous, self.lang),
            "strong": format_percent(STRONG_GROWTH, self.lang, 0),
            "little": format_percent(LITTLE_GROWTH, self.lang, 0),
            "far": format_percent(FAR_FROM_GOAL, self.lang, 0),
            "margin": format_number(ABOVE_COMMON * 100, self.lang),
            "unit_word": "unit" if counted and counted.value == 1 else "units",
        }
        if statement.field is not None:
            words["field"] = self.phrase(statement.field)
            words["unit"] = self.unit_name(statement.mentions[0].unit)
        if statement.target is not None:
            target = self.catalogue.target_by_number[statement.target]
            words["target"] = str(target.number)
            words["noun"] = target.noun_vi if self.lang == "vi" else target.noun_en
        return words

    def _share(self, statement: Statement) -> tuple[Fragment, ...]:
        if "share" not in statement.numbers:
            return ()
        return self._fill(self.phrase("share_clause"), statement.numbers)

    def _mentions(self, statement: Statement) -> tuple[Fragment, ...]:
        key = f"{statement.kind}_unit"
        phrase = self.phrase(key) if key in PHRASES[self.lang] else "{unit}"
        pieces: list[Fragment] = []
        for mention in statement.mentions:
            pieces += ["; "] if pieces else []
            pieces += self._fill(phrase, self._mention(mention))
        return tuple(pieces)

    def _mention(self, mention: Mention) -> dict[str, object]:
        return {
            "unit": self.unit_name(mention.unit),
            "target_word": "target" if len(mention.targets) == 1 else "targets",
            "targets": ", ".join(map(str, mention.targets)),
            "number": mention.number,
        }

    def _fill(self, phrase: str, values: Mapping[str, object]) -> tuple[Fragment, ...]:
        pieces: list[Fragment] = []
        for literal, name, _, _ in Formatter().parse(phrase):
            if literal:
                pieces.append(literal)
            if name is not None:
                pieces += self._pieces(values[name])
        return tuple(pieces)

    def _pieces(self, value: object) -> Sequence[Fragment]:
        if isinstance(value, Number):
            return (Figure(f"n{next(self._ids):03}", value, printed(value, self.lang)),)
        return value() if callable(value) else (str(value),)


def printed(number: Number, lang: Lang) -> str:
    """The number as the notice prints it, rounded half up."""
    if number.form == "percent":
        return format_percent(number.value, lang, number.digits)
    if number.form == "points":
        return format_number(abs(Fraction(str(number.value))) * 100, lang, number.digits)
    if number.form == "units" and lang == "vi" and number.value < _TWO_DIGITS:
        return f"{number.value:02}"
    return format_number(abs(number.value) if number.form == "change" else number.value, lang, number.digits)
