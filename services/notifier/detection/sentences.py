"""Sentences: what the days compared had and what the previous ones had, in both languages. Pure.

What happened stands first; what a pace or the province makes of it is named as that. A percentage follows from the
printed numbers beside it.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from shared.contracts.flags import Flag, Gate, RateSplit, Verdict
from shared.domain.catalogue import PROVINCE, Target, Unit
from shared.domain.formatting import LANGUAGES, Lang, format_month, format_number, format_percent, format_short, half_up
from shared.runtime.messages import translate

WHOLE_FROM = 100
"""Expected counts below it are printed with one decimal."""

TIMES_FROM = 2
"""From so many times what was expected on, a change is told in times instead of per cent."""


class Sentences(NamedTuple):
    """The same sentence twice."""

    vi: str
    en: str


def with_sentences(flag: Flag, verdict: Verdict, target: Target, unit: Unit | None) -> Flag:
    """The flag as `verdict` has it, with its sentences.

    Raises:
        ValueError: the verdict has no comparison.
    """
    vi, en = comparison_sentences(verdict, target, unit)
    return flag.model_copy(update={"verdict": verdict, "sentence_vi": vi, "sentence_en": en})


def comparison_sentences(verdict: Verdict, target: Target, unit: Unit | None) -> Sentences:
    """What the days compared had beside the previous ones; a `unit` that the catalogue lacks is called by its code.

    Raises:
        ValueError: the verdict has no comparison.
    """
    gate = verdict.gate
    if gate is None:
        raise ValueError(f"{verdict.unit}, target {verdict.target}: a flag needs the comparison that let it through")
    return Sentences(
        *(_of_unit(lang, verdict, unit, comparison_text(lang, verdict, gate, target)) for lang in LANGUAGES)
    )


def comparison_text(lang: Lang, verdict: Verdict, gate: Gate, target: Target) -> str:
    """The same without whose and which target it is."""
    texts = _days(lang, gate.since, gate.until) | {"before_days": _previous_days(lang, gate)}
    split = verdict.split
    if target.parts == "stocks" and split is not None:
        word = "flags.stocks_down" if split.now < split.before else "flags.stocks_up"
        return translate(
            lang, word, **texts, **_split(lang, split, target), previous=format_number(gate.previous or 0, lang)
        )
    if target.parts == "flows":
        return translate(lang, "flags.rate", **texts, **_rates(lang, gate))
    return translate(lang, "flags.count", **texts, **_counts(lang, gate), noun=target.noun(lang))


def dilution_text(lang: Lang, split: RateSplit, verdict: Verdict, target: Target) -> str:
    """That a rate fell, and what its parts did, where that is no lag."""
    ratio = verdict.gate.own_ratio if verdict.gate else None
    word = "flags.diluted_faster" if ratio is not None and ratio > 1 else "flags.diluted"
    return translate(lang, word, **_days(lang, split.since, split.until), **_split(lang, split, target))


def expected_number(value: float) -> Decimal:
    """An expected count as it is printed: whole from WHOLE_FROM on, else with one decimal."""
    return half_up(value, 0 if value >= WHOLE_FROM else 1)


def change_text(lang: Lang, observed: float, expected: Decimal) -> str:
    """How far `observed` is from the printed `expected`: "down 60 %", "8.3 times"."""
    if not expected:
        return translate(lang, "flags.new")
    ratio = half_up(observed) / expected
    if ratio >= TIMES_FROM:
        return translate(lang, "flags.times", times=format_number(ratio, lang, 1))
    if ratio == 1:
        return translate(lang, "flags.same")
    word = "flags.down" if ratio < 1 else "flags.up"
    return translate(lang, word, change=format_percent(abs(ratio - 1), lang, 0))


def _of_unit(lang: Lang, verdict: Verdict, unit: Unit | None, text: str) -> str:
    name = unit.name(lang) if unit else verdict.unit
    if verdict.unit == PROVINCE:
        name = translate(lang, "flags.province")
    return translate(lang, "flags.of_unit", unit=name, target=verdict.target, text=text)


def _days(lang: Lang, since: dt.date, until: dt.date) -> dict[str, str]:
    return {"since": _day(lang, since), "until": _day(lang, until)}


def _counts(lang: Lang, gate: Gate) -> dict[str, str]:
    """What was done, what the previous days had, and what that comes to at the same pace and beside the province."""
    own = expected_number(gate.expected if gate.own_expected is None else gate.own_expected)
    change = change_text(lang, gate.observed, own)
    if half_up(gate.before) == own:
        pace = translate(lang, "flags.change", change=change)
    else:
        pace = translate(lang, "flags.same_pace", own=format_short(own, lang), change=change)
    if gate.arrived < 1:
        pace += translate(lang, "flags.arrived", share=format_percent(gate.arrived, lang, 0))
    return {
        "observed": format_number(gate.observed, lang),
        "previous": format_number(gate.before, lang),
        "pace": pace,
        "province": _beside_province(
            lang, gate, lambda factor: format_short(expected_number(float(own * factor)), lang)
        ),
    }


def _rates(lang: Lang, gate: Gate) -> dict[str, str]:
    """The rates of both spans, each with its parts, and what the province makes of the previous one."""
    percent = half_up(gate.before * 100, 1)
    return {
        "observed": format_percent(gate.observed, lang) + _fraction(lang, gate.observed, gate.observed_of),
        "previous": format_percent(gate.before, lang) + _fraction(lang, gate.before, gate.previous_of),
        "province": _beside_province(lang, gate, lambda factor: format_percent(percent * factor / 100, lang)),
    }


def _beside_province(lang: Lang, gate: Gate, expected: Callable[[Decimal], str]) -> str:
    """What the units' common change makes of the pace, from the printed factor; empty where there is none."""
    if gate.province_factor == 1:
        return ""
    factor = half_up(gate.province_factor, 2)
    return translate(lang, "flags.beside_province", factor=format_number(factor, lang, 2), expected=expected(factor))


def _split(lang: Lang, split: RateSplit, target: Target) -> dict[str, str]:
    """Both rates and what came to the parts between them."""
    short = target.short(lang)
    return {
        "before": format_percent(split.before, lang),
        "now": format_percent(split.now, lang),
        "short": short[:1].lower() + short[1:],
        "noun": target.noun(lang),
        "added": format_number(split.added or 0, lang),
        "added_of": format_number(split.added_of or 0, lang),
    }


def _fraction(lang: Lang, rate: float, whole: int | None) -> str:
    return "" if whole is None else f" ({format_number(rate * whole, lang)}/{format_number(whole, lang)})"


def _previous_days(lang: Lang, gate: Gate) -> str:
    """The days compared with: a month, or a number of days."""
    if gate.basis != "window":
        return translate(lang, "flags.month", month=format_month(gate.previous_since, lang))
    return translate(lang, "flags.days", days=(gate.previous_until - gate.previous_since).days + 1)


def _day(lang: Lang, day: dt.date) -> str:
    return f"{day.day:02d}/{day.month}" if lang == "vi" else f"{day.day} {day:%B}"
