"""Digests and overviews as messages for the outbox: view, templates, inlined styles, MIME."""

import datetime as dt
import textwrap
from dataclasses import dataclass
from email.headerregistry import Address
from functools import partial
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notifier.digests.digest import News, OfficeOverview, UnitDigest
from services.notifier.digests.view_models import DigestCards, Rows, counts_text, unit_name
from services.notifier.outbox.messages import Correspondents, Message, RenderedMail, address, compose
from shared.contracts.flags import count_flags
from shared.domain.catalogue import Catalogue, Unit
from shared.domain.formatting import Lang, format_date
from shared.runtime.messages import translate

TEMPLATES = Path(__file__).parent / "templates"

WIDTH = 72
"""Characters of a line of plain text."""


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """`base_url`: the board's; `domain`: the right side of Message-IDs; `office`: who gets the overview.

    `reply_to`: where answers go; `contact`: whom readers ask, one line.
    """

    base_url: str
    domain: str
    sender: str
    office: str
    reply_to: str | None = None
    contact: str | None = None


class DigestRenderer:
    """Renders digests and overviews as mails. Two from the same input are the same bytes.

    Raises:
        AddressError: the sender's, the office's, the answers' or a leader's address cannot be used; raised at the
            start, so that one unit's wrong address does not stop the digests of a day.
    """

    def __init__(self, catalogue: Catalogue, settings: DigestSettings) -> None:
        self._catalogue = catalogue
        self._settings = settings
        leaders = [unit.leader for unit in catalogue.units if unit.leader is not None]
        self._reply_to = address("", settings.reply_to) if settings.reply_to is not None else None
        for addr_spec in (settings.sender, settings.office, *leaders):
            address("", addr_spec)
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["wrap"] = _wrapped
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)

    def digest(self, digest: UnitDigest, rows: Rows, now: dt.datetime) -> Message | None:
        """The message to the unit's leader, dated `now`; None when the catalogue names no leader."""
        unit, lang = digest.unit, digest.unit.language
        if unit.leader is None:
            return None
        cards, news = DigestCards(self._catalogue, lang, rows), digest.news
        lags = [flag for flag in news.standing if flag.direction == "lag"]
        mail = self._rendered(
            "digest",
            lang,
            digest.day,
            unit=unit_name(unit, lang),
            counts=counts_text(count_flags(news.standing), len(news.resolved), lang),
            summary=cards.summary(lags),
            lags=[cards.flag(flag, news.since, with_goal=flag is not lags[0]) for flag in lags],
            surges=[cards.flag(flag, news.since) for flag in news.standing if flag.direction == "surge"],
            resolved=[cards.resolved(flag) for flag in news.resolved],
            notes=[cards.diluted(verdict, split) for verdict, split in digest.diluted],
            link=self.unit_link(unit, digest.day, lang),
        )
        to = address(unit_name(unit, lang), unit.leader)
        return self._message(f"digest:{unit.code}:{digest.day}", mail, to, now)

    def overview(self, overview: OfficeOverview, rows: Rows, lang: Lang, now: dt.datetime) -> Message:
        """The message to the office in `lang`, dated `now`."""
        cards = DigestCards(self._catalogue, lang, rows)
        everything = [overview.province, *(news for _, news in overview.units)]
        standing = [flag for news in everything for flag in news.standing]
        resolved = sum(len(news.resolved) for news in everything)
        mail = self._rendered(
            "overview",
            lang,
            overview.day,
            counts=counts_text(count_flags(standing), resolved, lang),
            province=[cards.flag(flag, overview.province.since) for flag in overview.province.standing],
            units=[self._overview_line(unit, news, cards, overview.day, lang) for unit, news in overview.units],
            quiet=[unit_name(unit, lang) for unit in overview.quiet],
            silent=[unit_name(unit, lang) for unit in overview.silent],
            link=self.board_link(overview.day, lang),
        )
        to = address("", self._settings.office)
        return self._message(f"overview:{overview.day}:{lang}", mail, to, now)

    def _overview_line(self, unit: Unit, news: News, cards: DigestCards, day: dt.date, lang: Lang) -> dict[str, object]:
        """A unit in the overview: how many flags, and its lags, each as one line."""
        numbers = count_flags(news.standing)
        return {
            "name": unit_name(unit, lang),
            "link": self.unit_link(unit, day, lang),
            "counts": counts_text(numbers, len(news.resolved), lang),
            "numbers": numbers,
            "lags": [cards.short(flag) for flag in news.standing if flag.direction == "lag"],
        }

    def unit_link(self, unit: Unit, as_of: dt.date, lang: Lang) -> str:
        """The unit's page on the board."""
        return f"{self._base_url}/units/{unit.code}?as_of={as_of}&lang={lang}"

    def board_link(self, as_of: dt.date, lang: Lang) -> str:
        """The board's first page."""
        return f"{self._base_url}/?as_of={as_of}&lang={lang}"

    @property
    def _base_url(self) -> str:
        return self._settings.base_url.rstrip("/")

    def _rendered(self, name: str, lang: Lang, day: dt.date, **values: object) -> RenderedMail:
        values |= {"lang": lang, "day": format_date(day, lang), "say": partial(_say, lang)}
        values |= {"contact_line": self._contact_line(lang)}
        subject, text, html = (
            self._templates.get_template(f"{name}.{part}").render(values) for part in ("subject.txt", "txt", "html")
        )
        return RenderedMail(subject.strip(), text, self._inliner.inline(html), lang)

    def _contact_line(self, lang: Lang) -> str:
        """Whom a reader asks, and whether an answer is read."""
        reply_to, contact = self._settings.reply_to, self._settings.contact
        answers = _say(lang, "answers", address=reply_to) if reply_to else _say(lang, "no_answers")
        return f"{_say(lang, 'contact', contact=contact)} {answers}" if contact else answers

    def _message(self, key: str, mail: RenderedMail, to: Address, now: dt.datetime) -> Message:
        message_id = f"<{key.replace(':', '.')}@{self._settings.domain}>"
        sender = address(_say("vi", "project"), self._settings.sender)
        between = Correspondents(sender, to, self._reply_to)
        return Message(key, "mail", compose(mail, message_id, between, now), to.addr_spec)


def _say(lang: Lang, word: str, **values: object) -> str:
    return translate(lang, f"digests.{word}", **values)


def _wrapped(text: str, indent: int = 0, hang: int | None = None) -> str:
    first, rest = " " * indent, " " * (indent if hang is None else hang)
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
