"""Page query: the day, language and target in an address, the units a search means, and addresses with both. Pure."""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import quote, urlencode

from shared.domain.catalogue import Catalogue, Target, Unit
from shared.domain.formatting import Lang

LANGS: tuple[Lang, ...] = get_args(Lang)
DEFAULT: Lang = "vi"
LAST_DAY = dt.date(9998, 12, 31)
"""A month after this day is still a date."""


class BadQueryError(ValueError):
    """A part of the address cannot be read; `key` is the message that says so, `given` what was there."""

    def __init__(self, key: str, given: str) -> None:
        super().__init__(f"{key}: {given!r}")
        self.key = key
        self.given = given


@dataclass(frozen=True)
class PageQuery:
    """The state in the address; `as_of` None is today, `target` None is all of them."""

    lang: Lang = DEFAULT
    lang_chosen: bool = False
    as_of: dt.date | None = None
    target: Target | None = None

    def url(
        self, path: str, *, as_of: dt.date | None = None, lang: Lang | None = None, target: int | None = None
    ) -> str:
        """`path` with this state, but for what is given here; the target is never carried over."""
        day = as_of or self.as_of
        language = lang or (self.lang if self.lang_chosen else None)
        query = {"as_of": day and day.isoformat(), "lang": language, "target": target and str(target)}
        encoded = urlencode({name: value for name, value in query.items() if value})
        return quote(path) + (f"?{encoded}" if encoded else "")

    def today_url(self, path: str) -> str:
        """`path` in the same language, as of today."""
        return PageQuery(lang=self.lang, lang_chosen=self.lang_chosen).url(path)


def language_of(query: Mapping[str, str], accept_language: str) -> Lang:
    """The language in the address, else the visitor's favourite of the two, else Vietnamese."""
    for lang in LANGS:
        if query.get("lang") == lang:
            return lang
    return _favourite(accept_language)


def parse_query(query: Mapping[str, str], accept_language: str, catalogue: Catalogue) -> PageQuery:
    """The state in the address; a language that is not known counts as none.

    Raises:
        BadQueryError: a day that is not a date since the project began, or a target the catalogue does not know.
    """
    return PageQuery(
        lang=language_of(query, accept_language),
        lang_chosen=query.get("lang") in LANGS,
        as_of=_day(query.get("as_of", ""), catalogue.project.began),
        target=_target(query.get("target", ""), catalogue),
    )


def _day(text: str, began: dt.date) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise BadQueryError("board.bad_day", text) from None
    if not began <= day <= LAST_DAY:
        raise BadQueryError("board.bad_day", text)
    return day


def _target(text: str, catalogue: Catalogue) -> Target | None:
    if not text:
        return None
    target = catalogue.target_by_number.get(int(text)) if text.isascii() and text.isdigit() else None
    if target is None:
        raise BadQueryError("board.bad_target", text)
    return target


def _favourite(accept_language: str) -> Lang:
    """RFC 9110 section 12.5.4, for two languages: the highest weight wins, the first of equals."""
    parts = [part.strip().partition(";") for part in accept_language.split(",")]
    weighed = [
        (_weight(parameter), lang)
        for tag, _, parameter in parts
        for lang in LANGS
        if tag.strip().lower().partition("-")[0] == lang
    ]
    best: tuple[float, Lang] = max(weighed, key=lambda pair: pair[0], default=(0.0, DEFAULT))
    return best[1] if best[0] > 0 else DEFAULT


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def units_matching(units: Iterable[Unit], text: str) -> list[Unit]:
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
