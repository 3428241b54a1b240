"""What a visitor asks for: the day, the language and the target in the address, and addresses that keep them. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import quote, urlencode

from shared.domain.catalogue import Catalogue, Target
from shared.domain.formatting import Lang

LANGS: tuple[Lang, ...] = get_args(Lang)
DEFAULT: Lang = "vi"
LAST_DAY = dt.date(9998, 12, 31)
"""A month after this day is still a date."""


class BadQueryError(ValueError):
    """A part of the address cannot be read; `word` is the sentence that says so, `given` what was there."""

    def __init__(self, word: str, given: str) -> None:
        super().__init__(f"{word}: {given!r}")
        self.word = word
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
        """`path` with this state, but for what is given here; the target is never kept."""
        day = as_of or self.as_of
        said = lang or (self.lang if self.lang_chosen else None)
        query = {"as_of": day and day.isoformat(), "lang": said, "target": target and str(target)}
        kept = urlencode({name: value for name, value in query.items() if value})
        return quote(path) + (f"?{kept}" if kept else "")

    def today_url(self, path: str) -> str:
        """`path` in the same language, as of today."""
        return PageQuery(lang=self.lang, lang_chosen=self.lang_chosen).url(path)


def language_of(query: Mapping[str, str], accept_language: str) -> Lang:
    """The language in the address, else the visitor's favourite of the two, else Vietnamese."""
    for lang in LANGS:
        if query.get("lang") == lang:
            return lang
    return _favourite(accept_language)


def read_asked(query: Mapping[str, str], accept_language: str, catalogue: Catalogue) -> PageQuery:
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
    found = catalogue.target_by_number.get(int(text)) if text.isascii() and text.isdigit() else None
    if found is None:
        raise BadQueryError("board.bad_target", text)
    return found


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
