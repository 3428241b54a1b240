"""What every page has around its content: the day, the language, the ways to other pages. Pure."""

import datetime as dt
from dataclasses import dataclass, replace

from services.board.page_query import LANGS, PageQuery
from shared.domain.catalogue import Catalogue
from shared.domain.clock import ONE_DAY
from shared.domain.formatting import Lang, format_date
from shared.domain.months import Month, month_before
from shared.runtime.messages import translate

LANGUAGE_NAMES: dict[Lang, str] = {"vi": "Tiếng Việt", "en": "English"}


@dataclass(frozen=True)
class Frame:
    """The page at `path` as asked for on `today`; `version` is what the figures stand at, None where not live."""

    catalogue: Catalogue
    query: PageQuery
    path: str
    today: dt.date
    version: str | None = None

    @property
    def lang(self) -> Lang:
        return self.query.lang

    @property
    def live(self) -> bool:
        """Whether a change today can change the page."""
        return self.version is not None

    @property
    def target_number(self) -> int | None:
        """The target the page is about, None for all."""
        return self.query.target.number if self.query.target else None

    @property
    def day(self) -> dt.date:
        return self.query.as_of or self.today

    @property
    def previous(self) -> dt.date:
        return month_before(self.day)

    @property
    def is_today(self) -> bool:
        return self.day == self.today

    def translate(self, key: str, **values: object) -> str:
        return translate(self.lang, key, **values)

    def date(self, day: dt.date) -> str:
        return format_date(day, self.lang)

    def url(self, path: str) -> str:
        return self.query.url(path)

    @property
    def languages(self) -> list[tuple[Lang, str, str]]:
        """Code, name and address of this page in each language."""
        return [(lang, LANGUAGE_NAMES[lang], self._here(self.query, lang)) for lang in LANGS]

    @property
    def month_back(self) -> tuple[dt.date, str] | None:
        """The start of a month before this day, and this page then."""
        day = Month.of(self.day - ONE_DAY).first_day
        return (day, self._at(day)) if day >= self.catalogue.project.began else None

    @property
    def month_on(self) -> tuple[dt.date, str] | None:
        """The start of the next month, and this page then; None where that is yet to come."""
        day = Month.of(self.day).next.first_day
        return (day, self._at(day)) if day <= self.today else None

    @property
    def today_url(self) -> str:
        return self._here(replace(self.query, as_of=None), None)

    @property
    def unit_names(self) -> list[str]:
        return [unit.name(self.lang) for unit in self.catalogue.units_on(self.day)]

    def _at(self, day: dt.date) -> str:
        return self._here(replace(self.query, as_of=day), None)

    def _here(self, query: PageQuery, lang: Lang | None) -> str:
        return query.url(self.path, lang=lang, target=self.target_number)
