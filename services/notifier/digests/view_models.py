"""A digest as the lines a template prints: every number formatted, with its days and its base. Pure.

Names and sentences are taken as data: control characters are dropped here, markup is escaped by the template.
"""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.notifier.detection.sentences import dilution_sentences
from shared.contracts.flags import Evidence, Flag, Gate, RateSplit, Verdict
from shared.contracts.metrics import ProgressRow
from shared.domain.catalogue import Catalogue, Target, Unit
from shared.domain.formatting import Lang, format_date, format_number, format_percent
from shared.runtime.messages import translate

Rows = Mapping[tuple[str, int], ProgressRow]
"""Progress as of the digest's day by (unit, target)."""

SMALLEST_CHANCE = 0.001


@dataclass(frozen=True, slots=True)
class Detail:
    """One labelled number: `days` says of which days, empty where the label does."""

    label: str
    value: str
    days: str = ""


@dataclass(frozen=True, slots=True)
class DigestCard:
    """One flag or note: `style` is "lag", "surge", "resolved" or "note"; `badge` says it in words."""

    style: str
    badge: str
    title: str
    sentence: str
    details: tuple[Detail, ...] = ()
    footnote: str = ""


def one_line(text: str) -> str:
    """`text` without control and format characters (Unicode categories C*), white space made single spaces."""
    characters = (" " if unicodedata.category(c).startswith("C") else c for c in text)
    return " ".join("".join(characters).split())


def unit_name(unit: Unit, lang: Lang) -> str:
    return one_line(unit.name(lang))


class DigestCards:
    """Makes the cards of one mail: one language, one catalogue, the progress of one day."""

    def __init__(self, catalogue: Catalogue, lang: Lang, rows: Rows) -> None:
        self._catalogue = catalogue
        self._lang = lang
        self._rows = rows

    def raised(self, flag: Flag, as_of: dt.date) -> DigestCard:
        """A new flag with all its numbers."""
        target = self._catalogue.target_by_number[flag.target]
        details = [*self._gate(flag.verdict.gate, target), *self._evidence(flag, flag.verdict.evidence)]
        details += [*self._split(flag.verdict.split, target), *self._so_far(flag.unit, target, as_of)]
        if flag.verdict.projected_attainment is not None:
            attainment = format_percent(flag.verdict.projected_attainment, self._lang)
            details.append(self._detail("projected", self._say("projected_value", attainment=attainment)))
        return DigestCard(
            flag.direction, self._say(flag.direction), self._title(target), self._sentence(flag), tuple(details)
        )

    def standing(self, flag: Flag) -> DigestCard:
        """A flag of an earlier digest: its sentence, and the day it is from."""
        target = self._catalogue.target_by_number[flag.target]
        since = self._say("raised_on", day=self._day(flag.raised_on))
        return DigestCard(
            flag.direction, self._say(flag.direction), self._title(target), self._sentence(flag), (), since
        )

    def resolved(self, flag: Flag) -> DigestCard:
        """A flag that was cleared."""
        target = self._catalogue.target_by_number[flag.target]
        assert flag.cleared_on is not None  # noqa: S101 (what makes it resolved)
        days = {"raised": self._day(flag.raised_on), "cleared": self._day(flag.cleared_on)}
        return DigestCard("resolved", self._say("resolved"), self._title(target), self._say("cleared", **days))

    def diluted(self, verdict: Verdict, split: RateSplit, as_of: dt.date) -> DigestCard:
        """A rate that fell only because its denominator grew."""
        target = self._catalogue.target_by_number[verdict.target]
        sentences = dilution_sentences(split, verdict, self._catalogue.unit_by_code.get(verdict.unit))
        details = (*self._split(split, target), *self._so_far(verdict.unit, target, as_of))
        sentence = one_line(sentences.vi if self._lang == "vi" else sentences.en)
        return DigestCard("note", self._say("notes"), self._title(target), sentence, details)

    def _gate(self, gate: Gate | None, target: Target) -> Iterable[Detail]:
        if gate is None:
            return
        yield self._detail("this_period", self._amount(gate.observed, target), **self._span(gate.since, gate.until))
        previous = self._span(gate.previous_since, gate.previous_until)
        yield self._detail("pace", self._amount(gate.expected, target), **previous)
        yield self._detail("change", self._change(gate.ratio))
        if gate.province_factor != 1:
            factor = format_number(gate.province_factor, self._lang, 2)
            yield self._detail("province_factor", self._say("factor", factor=factor))

    def _split(self, split: RateSplit | None, target: Target) -> Iterable[Detail]:
        if split is None:
            return
        rates = (format_percent(rate, self._lang) for rate in (split.before, split.now))
        yield self._detail("rate", " → ".join(rates), **self._span(split.since, split.until))
        noun = self._noun(target)
        yield self._detail("by_numerator", self._points(split.by_numerator), noun=noun)
        yield self._detail("by_denominator", self._points(split.by_denominator), noun=noun)

    def _evidence(self, flag: Flag, evidence: Evidence | None) -> Iterable[Detail]:
        if evidence is None:
            return
        window = self._span(evidence.window_from, evidence.window_to)
        observed = self._part(evidence.observed, evidence.observed_of)
        if evidence.observed_of is None:
            expected = format_number(evidence.expected, self._lang)
            observed = self._say("expected", observed=observed, expected=expected)
        yield self._detail("window", observed, **window)
        base = self._part(evidence.base, evidence.base_of)
        if evidence.base_of is None:
            days = format_number(evidence.base_effective, self._lang, 1)
            base = self._say("base_days", base=base, days=days)
        yield self._detail("base", base, **self._span(evidence.base_from, evidence.base_to))
        chance = evidence.p_lag if flag.direction == "lag" else evidence.p_surge
        yield self._detail("chance", self._chance(chance))

    def _so_far(self, unit: str | None, target: Target, as_of: dt.date) -> Iterable[Detail]:
        row = self._rows.get((unit, target.number)) if unit is not None else None
        if row is None or row.achieved is None:
            return
        plain = "" if row.goal is not None and row.attainment is not None else "_plain"
        if target.is_ratio:
            text = self._say(
                f"so_far_ratio{plain}",
                numerator=format_number(row.numerator or 0, self._lang),
                denominator=format_number(row.denominator or 0, self._lang),
                rate=format_percent(row.achieved, self._lang),
                goal=format_percent(row.goal or 0, self._lang),
                noun=self._noun(target),
            )
        else:
            text = self._say(
                f"so_far_count{plain}",
                achieved=format_number(row.achieved, self._lang),
                goal=format_number(row.goal or 0, self._lang),
                attainment=format_percent(row.attainment or 0, self._lang),
                noun=self._noun(target),
            )
        yield self._detail("so_far", text, day=self._day(as_of))

    def _amount(self, value: float, target: Target) -> str:
        if target.parts == "flows":
            return format_percent(value, self._lang)
        return f"{format_number(value, self._lang)} {self._noun(target)}"

    def _change(self, ratio: float | None) -> str:
        if ratio is None:
            return self._say("new")
        word = "less" if ratio < 1 else "more" if ratio > 1 else "same"
        return self._say(word, change=format_percent(abs(ratio - 1), self._lang, 0))

    def _points(self, change: float) -> str:
        sign = "−" if change < 0 else "+"
        return self._say("points", change=sign + format_number(abs(change) * 100, self._lang, 1))

    def _part(self, part: int, whole: int | None) -> str:
        amount = format_number(part, self._lang)
        return amount if whole is None else f"{amount}/{format_number(whole, self._lang)}"

    def _chance(self, chance: float) -> str:
        if chance < SMALLEST_CHANCE:
            return self._say("under", chance=format_percent(SMALLEST_CHANCE, self._lang))
        return format_percent(chance, self._lang)

    def _span(self, since: dt.date, until: dt.date) -> dict[str, str]:
        days = format_number((until - since).days + 1, self._lang)
        first = self._day(since)
        if since.year == until.year:
            first = first.removesuffix(str(since.year)).rstrip(" /")
        return {"span": f"{first} – {self._day(until)}", "days": days}

    def _title(self, target: Target) -> str:
        name = one_line(target.name(self._lang))
        return f"{self._say('target', number=target.number)}: {name}"

    def _sentence(self, flag: Flag) -> str:
        return one_line(flag.sentence(self._lang))

    def _noun(self, target: Target) -> str:
        return target.noun_vi if self._lang == "vi" else target.noun_en

    def _day(self, day: dt.date) -> str:
        return format_date(day, self._lang)

    def _say(self, word: str, **values: object) -> str:
        return translate(self._lang, f"digests.{word}", **values)

    def _detail(self, label: str, value: str, **values: object) -> Detail:
        return Detail(self._say(label, **values), value, str(values.get("span", "")))
