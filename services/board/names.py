"""The catalogue's names in one language. Pure."""

import unicodedata
from collections.abc import Iterable

from shared.domain.catalogue import PROVINCE, Catalogue, Target, Unit
from shared.domain.formatting import Lang


def noun_of(target: Target, lang: Lang) -> str:
    """What a target counts: "tài khoản"."""
    return target.noun_vi if lang == "vi" else target.noun_en


def short_of(target: Target, lang: Lang) -> str:
    """A name that fits a table, the full one where the catalogue has none shorter."""
    return (target.short_vi if lang == "vi" else target.short_en) or target.name(lang)


def place_name(catalogue: Catalogue, code: str, lang: Lang) -> str:
    """The name of a unit or of the province."""
    if code == PROVINCE:
        return catalogue.project.province_vi if lang == "vi" else catalogue.project.province_en
    return catalogue.unit_by_code[code].name(lang)


def units_called(units: Iterable[Unit], text: str) -> list[Unit]:
    """The units that `text` may mean, accents and case aside.

    Those with all of it in their name (in either language) or code; if there are none, those with a word that
    begins with each of its words.
    """
    words = _plain(text).split()
    if not words:
        return []
    known = [(unit, _plain(f"{unit.name_vi} / {unit.name_en} / {unit.code}").split()) for unit in units]
    phrase = f" {' '.join(words)} "
    whole = [unit for unit, name in known if phrase in f" {' '.join(name)} "]
    return whole or [unit for unit, name in known if all(any(part.startswith(word) for part in name) for word in words)]


def _plain(text: str) -> str:
    """Lower case without diacritics; đ, which has no decomposition, as d."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace("đ", "d")
