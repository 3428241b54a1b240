"""A digest as the lines a template prints: every number formatted, with its days. Pure.

Names and sentences are taken as data: control characters are dropped here, markup is escaped by the template.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.notifier.detection.sentences import comparison_text, dilution_text
from shared.contracts.flags import Flag, FlagCounts, Forecast, Gate, RateSplit, Verdict
from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import Catalogue, Target, Unit
from shared.domain.formatting import (
    Lang,
    format_date,
    format_month,
    format_number,
    format_percent,
    format_short,
    one_line,
)
from shared.runtime.messages import translate

Rows = Mapping[tuple[str, int], ProgressRow]
"""Progress as of the digest's day by (unit, target)."""


@dataclass(frozen=True, slots=True)
class DigestCard:
    """One flag or note: `style` is "lag", "surge", "resolved" or "note"; `since` says since when it stands."""

    style: str
    title: str
    sentence: str
    lines: tuple[str, ...] = ()
    since: str = ""


def unit_name(unit: Unit, lang: Lang) -> str:
    return one_line(unit.name(lang))


def counts_text(counts: FlagCounts, resolved: int, lang: Lang) -> str:
    """How many flags there are, and how many are over: "2 falling behind, 1 pulling ahead"."""
    numbers = {
        "notice_count": counts.notices,
        "lag_count": counts.lags,
        "surge_count": counts.surges,
        "resolved_count": resolved,
    }
    return ", ".join(translate(lang, f"digests.{word}", n=n) for word, n in numbers.items() if n)


class DigestCards:
    """Makes the cards of one mail: one language, one catalogue, the progress of one day."""

    def __init__(self, catalogue: Catalogue, lang: Lang, rows: Rows) -> None:
        self._catalogue = catalogue
        self._lang = lang
        self._rows = rows

    def summary(self, lags: Sequence[Flag]) -> list[str]:
        """The target that needs help most, what is missing and the pace it takes; `lags` are ranked."""
        if not lags:
            return [self._say("no_lag")]
        return [self._say("most_urgent", target=self._title(self._target(lags[0]))), *self._goal(lags[0])]

    def flag(self, flag: Flag, since: dt.date, *, with_goal: bool = False) -> DigestCard:
        """A flag that stands, and that it is news where it was raised from `since` on; `with_goal`: what is missing."""
        lines = self._goal(flag) if with_goal else []
        word = "raised_new" if flag.raised_on >= since else "raised_on"
        raised = self._say(word, day=self._day(flag.raised_on))
        return DigestCard(
            flag.direction,
            self._title(self._target(flag)),
            self._comparison(flag),
            tuple(lines),
            raised,
        )

    def short(self, flag: Flag) -> str:
        """A flag as one line of a table: the target, and what the days compared had."""
        gate, target = flag.verdict.gate, self._target(flag)
        if gate is None:
            return self._title(target)
        if target.parts == "stocks" and flag.verdict.split:
            now, before = flag.verdict.split.now, flag.verdict.split.before
        else:
            now, before = gate.observed, gate.before
        observed, previous = (self._amount(value, target) for value in (now, before))
        return self._say("short", title=self._title(target), observed=observed, previous=previous)

    def resolved(self, flag: Flag) -> DigestCard:
        """A flag that was cleared, and which way it was."""
        word = "reached" if flag.verdict.state == "saturated" else f"over_{flag.direction}"
        raised, cleared = self._day(flag.raised_on), self._day(flag.cleared_on or flag.raised_on)
        text = self._say(word, raised=raised, cleared=cleared)
        return DigestCard("resolved", self._title(self._target(flag)), text)

    def diluted(self, verdict: Verdict, split: RateSplit) -> DigestCard:
        """A rate that fell, and that is no lag."""
        target = self._catalogue.target_by_number[verdict.target]
        text = one_line(dilution_text(self._lang, split, verdict, target))
        return DigestCard("note", self._title(target), _capitalised(text))

    def _comparison(self, flag: Flag) -> str:
        """What the days compared had; the stored sentence of a flag without a comparison."""
        if flag.verdict.gate is None:
            return one_line(flag.sentence(self._lang))
        return _capitalised(one_line(comparison_text(self._lang, flag.verdict, flag.verdict.gate, self._target(flag))))

    def _goal(self, flag: Flag) -> list[str]:
        """What is missing from the goal and the pace it takes; of a ratio, both rates."""
        target = self._target(flag)
        forecast, gate = flag.verdict.forecast, flag.verdict.gate
        if forecast is not None and gate is not None:
            return self._gap(forecast, gate, target)
        row = self._rows.get((flag.unit, target.number)) if flag.unit else None
        if row is None or row.achieved is None or not target.is_ratio:
            return []
        parts = f"{format_number(row.numerator or 0, self._lang)}/{format_number(row.denominator or 0, self._lang)}"
        word = "rate_so_far" if row.goal is None else "rate_of_goal"
        goal = format_percent(row.goal or 0, self._lang)
        return [self._say(word, rate=format_percent(row.achieved, self._lang), parts=parts, goal=goal)]

    def _gap(self, forecast: Forecast, gate: Gate, target: Target) -> list[str]:
        so_far = {
            "gap": format_number(forecast.gap, self._lang),
            "noun": target.noun(self._lang),
            "achieved": format_number(forecast.achieved, self._lang),
            "goal": format_number(forecast.goal, self._lang),
        }
        pace = {
            "needed": format_short(forecast.needed, self._lang),
            "until": self._day(forecast.until),
            "pace": format_short(forecast.pace, self._lang),
            "days": self._compared(gate),
            "left": format_number(forecast.working_days, self._lang),
            "attainment": format_percent(forecast.attainment, self._lang, 0),
        }
        return [self._say("gap", **so_far), self._say("needed", **pace), self._say("forecast", **pace)]

    def _compared(self, gate: Gate) -> str:
        """The days a pace is of: a month, or a number of days."""
        if gate.basis == "window":
            return self._say("days", n=(gate.until - gate.since).days + 1)
        return self._say("month", month=format_month(gate.since, self._lang))

    def _amount(self, value: float, target: Target) -> str:
        if target.is_ratio:
            return format_percent(value, self._lang)
        return format_number(value, self._lang)

    def _target(self, flag: Flag) -> Target:
        return self._catalogue.target_by_number[flag.target]

    def _title(self, target: Target) -> str:
        return f"{self._say('target', number=target.number)}: {one_line(target.short(self._lang))}"

    def _day(self, day: dt.date) -> str:
        return format_date(day, self._lang)

    def _say(self, word: str, **values: object) -> str:
        return translate(self._lang, f"digests.{word}", **values)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
