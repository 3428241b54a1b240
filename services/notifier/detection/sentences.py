"""Sentences: why a flag was raised or a rate fell, with the numbers of the comparison, in both languages. Pure."""

import datetime as dt
from typing import NamedTuple

from shared.contracts.flags import Direction, Gate, RateSplit, Verdict
from shared.domain.catalogue import PROVINCE, Target, Unit
from shared.domain.formatting import LANGUAGES, Lang, format_number, format_percent
from shared.runtime.messages import translate


class Sentences(NamedTuple):
    """The same sentence twice."""

    vi: str
    en: str


def flag_sentences(direction: Direction, verdict: Verdict, target: Target, unit: Unit | None) -> Sentences:
    """Why a flag was raised. `unit` may be None for a unit the catalogue does not name; its code then stands in.

    Raises:
        ValueError: the verdict has no comparison.
    """
    gate = verdict.gate
    if gate is None:
        raise ValueError(f"{verdict.unit}, target {verdict.target}: a flag needs the comparison that let it through")
    return Sentences(*(_flag_sentence(lang, direction, verdict, gate, target, unit) for lang in LANGUAGES))


def dilution_sentences(split: RateSplit, verdict: Verdict, unit: Unit | None) -> Sentences:
    """That a rate fell although its numerator held its pace."""

    def sentence(lang: Lang) -> str:
        return translate(
            lang,
            "flags.diluted",
            unit=_unit_name(lang, verdict, unit),
            target=verdict.target,
            before=format_percent(split.before, lang),
            now=format_percent(split.now, lang),
        )

    return Sentences(*map(sentence, LANGUAGES))


def _flag_sentence(
    lang: Lang, direction: Direction, verdict: Verdict, gate: Gate, target: Target, unit: Unit | None
) -> str:
    common = {
        "unit": _unit_name(lang, verdict, unit),
        "target": verdict.target,
        "since": _day(lang, gate.since),
        "until": _day(lang, gate.until),
        "change": _change(lang, direction, gate),
    }
    if target.is_ratio and target.parts == "flows":
        sentence = translate(
            lang,
            "flags.rate",
            observed=format_percent(gate.observed, lang),
            base=_previous(lang, gate, "flags.base_month", "flags.base_days"),
            expected=format_percent(gate.expected, lang),
            **common,
        )
    else:
        sentence = translate(
            lang,
            "flags.count",
            observed=format_number(gate.observed, lang),
            noun=target.noun(lang),
            pace=_pace(lang, gate),
            expected=format_number(gate.expected, lang),
            **common,
        )
    return _with_goal(lang, direction, sentence, verdict)


def _unit_name(lang: Lang, verdict: Verdict, unit: Unit | None) -> str:
    if verdict.unit == PROVINCE:
        return translate(lang, "flags.province")
    if unit is None:
        return verdict.unit
    return unit.name(lang)


def _pace(lang: Lang, gate: Gate) -> str:
    """By which pace something is expected."""
    pace = _previous(lang, gate, "flags.pace_month", "flags.pace_days")
    return pace if gate.province_factor == 1.0 else translate(lang, "flags.pace_beside_province", pace=pace)


def _previous(lang: Lang, gate: Gate, of_month: str, of_days: str) -> str:
    """The days compared with: a month, or a number of days."""
    if gate.basis == "month":
        month = str(gate.previous_since.month) if lang == "vi" else f"{gate.previous_since:%B}"
        return translate(lang, of_month, month=month)
    days = (gate.previous_until - gate.previous_since).days + 1
    return translate(lang, of_days, days=days)


def _change(lang: Lang, direction: Direction, gate: Gate) -> str:
    if gate.ratio is None:
        return translate(lang, "flags.new")
    change = format_percent(abs(gate.ratio - 1), lang, 0)
    return translate(lang, "flags.down" if direction == "lag" else "flags.up", change=change)


def _with_goal(lang: Lang, direction: Direction, sentence: str, verdict: Verdict) -> str:
    """With the goal, for a unit that improves but will still miss it."""
    projected = verdict.projected_attainment
    if direction == "lag" or projected is None or projected >= 1:
        return sentence
    return translate(lang, "flags.misses_goal", sentence=sentence, share=format_percent(projected, lang))


def _day(lang: Lang, day: dt.date) -> str:
    return f"{day.day:02d}/{day.month}" if lang == "vi" else f"{day.day} {day:%B}"
