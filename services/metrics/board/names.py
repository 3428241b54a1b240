"""The catalogue's names in one language. Pure."""

import unicodedata
from collections.abc import Iterable

from shared.catalogue import PROVINCE, Catalogue, Target, Unit
from shared.numbers import Lang


def noun_of(target: Target, lang: Lang) -> str:
    """What a target counts: "tài khoản"."""
    return target.noun_vi if lang == "vi" else target.noun_en


def name_of(target: Target, lang: Lang) -> str:
    """The target as the decision names it."""
    return target.name_vi if lang == "vi" else target.name_en


def short_of(target: Target, lang: Lang) -> str:
    """A name that fits a table, the full one where the catalogue has none shorter."""
    return (target.short_vi if lang == "vi" else target.short_en) or name_of(target, lang)


def unit_name(unit: Unit, lang: Lang) -> str:
    return unit.name_vi if lang == "vi" else unit.name_en


def place_name(catalogue: Catalogue, code: str, lang: Lang) -> str:
    """The name of a unit or of the province."""
    if code == PROVINCE:
        return catalogue.project.province_vi if lang == "vi" else catalogue.project.province_en
    return unit_name(catalogue.unit_by_code[code], lang)


def units_called(units: Iterable[Unit], text: str) -> list[Unit]:
    """The units whose code or name (in either language) has every word of `text`, accents and case aside."""
    words = _plain(text).split()
    return [
        unit
        for unit in units
        if words and all(word in _plain(f"{unit.code} {unit.name_vi} {unit.name_en}") for word in words)
    ]


def _plain(text: str) -> str:
    """Lower case without diacritics; đ, which has no decomposition, as d."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace("đ", "d")
