"""What the office puts into a notice beside the figures: letterhead, directives and remarks, by date. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TypeVar

from pydantic import Field

from shared.domain.errors import ConfigError
from shared.domain.formatting import Lang
from shared.domain.frozen import Dated, FrozenModel


class Letterhead(Dated):
    """Who issues the notice and the text around it, in the order of Decree 30/2020/ND-CP, Appendix I.

    `request` is left out where there is nothing to ask for. `{project}` in `recipients` is the project's name.
    """

    authority_vi: tuple[str, str]
    authority_en: tuple[str, str]
    office_vi: str
    office_en: str
    issuer_vi: str
    issuer_en: str
    number_vi: str
    number_en: str
    place_vi: str
    place_en: str
    request_vi: str
    request_en: str
    signatory_vi: str
    signatory_en: str
    recipients_vi: tuple[str, ...] = Field(min_length=1)
    recipients_en: tuple[str, ...] = Field(min_length=1)

    def text(self, field: str, lang: Lang) -> str:
        """A field of one line in one language."""
        value: str = getattr(self, f"{field}_{lang}")
        return value

    def lines(self, field: str, lang: Lang) -> tuple[str, ...]:
        """A field of several lines in one language."""
        value: tuple[str, ...] = getattr(self, f"{field}_{lang}")
        return value


class Directive(Dated):
    """A sentence of every notice within its dates: what the office asks of everybody, or states of its sources."""

    vi: str
    en: str


class Remark(FrozenModel):
    """A sentence of the notice of one month, of a unit or of all."""

    month: str = Field(pattern=r"^\d{4}-\d{2}$")
    unit: str | None = None
    vi: str
    en: str


D = TypeVar("D", bound=Dated)


def letterhead_on(letterheads: Iterable[Letterhead], day: dt.date) -> Letterhead:
    """The letterhead in force on `day`.

    Raises:
        ConfigError: there is none.
    """
    for letterhead in in_force(letterheads, day):
        return letterhead
    raise ConfigError(f"notice.toml of the catalogue: no [[letterheads]] entry is in force on {day}; add one")


def in_force(entries: Iterable[D], day: dt.date) -> list[D]:
    """Those in force on `day`."""
    return [entry for entry in entries if entry.valid_on(day)]


def problems(
    letterheads: Iterable[Letterhead], remarks: Iterable[Remark], units: Mapping[str, object]
) -> Iterator[str]:
    """What contradicts: two letterheads in force at once, a remark of a unit that is none."""
    ordered = sorted(letterheads, key=lambda each: each.valid_from or dt.date.min)
    for earlier, later in pairwise(ordered):
        if later.valid_from is None or earlier.valid_on(later.valid_from):
            since = later.valid_from or dt.date.min
            yield f"letterheads: two are in force on {since}; set `valid_until` of the earlier"
    for remark in remarks:
        if remark.unit is not None and remark.unit not in units:
            yield f"remarks: {remark.unit!r} of {remark.month} is no unit; take a code of units.toml"
