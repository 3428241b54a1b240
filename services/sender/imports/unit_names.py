"""The unit that a name means, however a person writes it. Pure.

A name is compared by its own part and its level. "Huyện đoàn Phù Mỹ", "H. Phù Mỹ" and "BCH Đoàn huyện Phù Mỹ" are
"phu mi" at the level of districts, "Xã An Lão" is "an lao" at that of communes; "Phù Mỹ" alone is of any level.
Accents, i and y, "và", and the abbreviations of vocabulary.toml make no difference. After a comma the place may follow
in which it lies. A commune that the catalogue lists with a unit means that unit.
"""

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

from services.sender.imports.cells import plain
from services.sender.imports.vocabulary import Words
from shared.domain.catalogue import Catalogue

Level = Literal["district", "commune"]

_PARTS: Final = re.compile(r"[,;()]|\s[-–—]\s")
_LEFT_OUT: Final = frozenset(("va", "and", "cac", "of", "the", "cua"))
_ALIKE: Final = 0.87
"""How alike two own parts are, of 1, that one may be a slip of the other: one letter of eight."""


class _Name(NamedTuple):
    own: str
    level: Level | None


class UnitNames:
    """Finds a unit's code from its code, its names in both languages, or a commune of it."""

    def __init__(self, catalogue: Catalogue, words: Words) -> None:
        self._around = sorted(_around(words), key=lambda each: len(each[0]), reverse=True)
        self._long = {short: plain(long) for long, shorts in words.abbreviations.items() for short in shorts}
        self._unit_by_code = {unit.code: unit for unit in catalogue.units}
        self._units: dict[_Name, set[str]] = defaultdict(set)
        self._communes: dict[str, dict[str, str]] = defaultdict(dict)  # own part -> name as listed -> unit
        self._places = {plain(place) for head in catalogue.letterheads for place in (head.place_vi, head.place_en)}
        for unit in catalogue.units:
            for name in (unit.code, unit.name_vi, unit.name_en, *unit.also_called):
                self._units[self._parsed(name)].add(unit.code)
            for commune in unit.communes:
                self._communes[self._parsed(commune).own][_spelt(commune)] = unit.code

    def codes(self, typed: str, day: dt.date | None = None) -> set[str]:
        """The codes of the units that `typed` may name; those that exist on `day`, where one of them does."""
        codes = self._named(typed) or self._placed([part for part in _PARTS.split(typed) if plain(part)])
        valid = {code for code in codes if day is None or self._unit_by_code[code].valid_on(day)}
        return valid or codes

    def shown(self, codes: Iterable[str]) -> list[str]:
        """The Vietnamese names of units."""
        return sorted(self._unit_by_code[code].name_vi for code in codes)

    def nearest(self, typed: str) -> str | None:
        """The name of the one unit of which `typed` is likely a slip; None where none or several are as near."""
        own, level = self._parsed(typed)
        known = {name for name in self._units if level in (None, name.level) and abs(len(name.own) - len(own)) <= 2}
        alike = {name for name in known if SequenceMatcher(None, own, name.own).ratio() >= _ALIKE}
        codes = {code for name in alike for code in self._units[name]}
        return self.shown(codes)[0] if len(codes) == 1 else None

    def _named(self, typed: str) -> set[str]:
        own, level = self._parsed(typed)
        levels: tuple[Level | None, ...] = (level,) if level else (None, "district", "commune")
        found = {code for each in levels for code in self._units.get(_Name(own, each), ())}
        return found or (self._leading(own, _spelt(typed)) if level == "commune" else set())

    def _leading(self, own: str, spelt: str) -> set[str]:
        """The units that lead a commune: that of the very name, accents and all, where several are alike."""
        alike = self._communes.get(own, {})
        return {unit for commune, unit in alike.items() if commune in spelt} or set(alike.values())

    def _placed(self, parts: list[str]) -> set[str]:
        """The unit of a name followed by the places it lies in: all other parts are communes or the province."""
        if len(parts) < 2:
            return set()
        named = [self._named(part) for part in parts]
        lies_in = [not codes and self._is_place(part) for part, codes in zip(parts, named, strict=True)]
        if not all(codes or place for codes, place in zip(named, lies_in, strict=True)):
            return set()
        known = [codes for codes in named if codes]
        return set.intersection(*known) if known else set()

    def _is_place(self, part: str) -> bool:
        own, level = self._parsed(part)
        return level == "commune" or own in self._places

    def _parsed(self, name: str) -> _Name:
        """The own part of a name in the form it is compared in, and the level that the words around it say."""
        tokens = [token for word in plain(name).split() for token in self._long.get(word, word).split()]
        own = " ".join(token for token in tokens if token not in _LEFT_OUT)
        for province in self._places:
            own = own.removesuffix(f" tinh {province}")
        level: Level | None = None
        while found := self._outermost(own):
            own, says = found
            level = level or says
        return _Name(own.replace("y", "i"), level)

    def _outermost(self, name: str) -> tuple[str, Level | None] | None:
        """`name` without the longest words that stand around it, and the level they say; None: there are none."""
        for words, is_before, level in self._around:
            if is_before and name.startswith(f"{words} "):
                return name.removeprefix(f"{words} "), level
            if not is_before and name.endswith(f" {words}"):
                return name.removesuffix(f" {words}"), level
        return None


def _spelt(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _around(words: Words) -> Iterator[tuple[str, bool, Level | None]]:
    """Words that are not a name's own, whether they stand before it, and the level they say it is of."""
    levels: tuple[tuple[str, Level | None], ...] = (("", None), ("district_", "district"), ("commune_", "commune"))
    for prefix, level in levels:
        for place in ("before", "after"):
            yield from ((each, place == "before", level) for each in words.units[f"{prefix}{place}"])
