"""The catalogue's names in one language. Pure."""

import unicodedata
from collections.abc import Iterable

from shared.domain.catalogue import Unit


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
