"""The one plain sentence that says why, with the numbers of the gate that applied, in both languages."""

import datetime as dt
from typing import NamedTuple

from shared.contracts.flags import Direction, Gate, RateSplit, Verdict
from shared.domain.catalogue import PROVINCE, Target, Unit
from shared.domain.formatting import LANGUAGES, format_number, format_percent

BEYOND_VI = "vượt mức dao động thường thấy"
BEYOND_EN = "beyond the usual variation"


class Sentences(NamedTuple):
    """The same sentence twice."""

    vi: str
    en: str


def flag_sentences(kind: Direction, verdict: Verdict, target: Target, unit: Unit | None) -> Sentences:
    """Why a flag was raised. `unit` may be None for a unit the catalogue does not name; its code then stands
    in.

    Raises:
        ValueError: the verdict has no gate, so nothing was compared.
    """
    if verdict.gate is None:
        raise ValueError(f"{verdict.unit}, target {verdict.target}: a flag needs the comparison that let it through")
    if target.is_ratio and target.parts == "flows":
        return _rate(kind, verdict, verdict.gate, unit)
    return _count(kind, verdict, verdict.gate, target, unit)


def dilution_sentences(split: RateSplit, verdict: Verdict, unit: Unit | None) -> Sentences:
    """That a rate fell although its numerator kept its pace."""
    vi, en = _names(verdict, unit)
    before, now = _percent(split.before), _percent(split.now)
    return Sentences(
        f"{vi}, chỉ tiêu {verdict.target}: tỷ lệ giảm từ {before.vi} xuống {now.vi} "
        "do mẫu số tăng nhanh; số lượng thực hiện vẫn giữ nhịp, không phải chậm tiến độ.",
        f"{en}, target {verdict.target}: the rate fell from {before.en} to {now.en} "
        "because its base grew; what was done kept its pace, so this is no lag.",
    )


def _count(kind: Direction, verdict: Verdict, gate: Gate, target: Target, unit: Unit | None) -> Sentences:
    name, pace, change = _names(verdict, unit), _pace(gate), _change(kind, gate)
    observed, expected = _number(gate.observed), _number(gate.expected)
    vi = (
        f"{name.vi}, chỉ tiêu {verdict.target}: từ {_day_vi(gate.since)} đến {_day_vi(gate.until)} "
        f"đạt {observed.vi} {target.noun_vi}; {pace.vi} lẽ ra khoảng {expected.vi} "
        f"({change.vi}), {BEYOND_VI}."
    )
    en = (
        f"{name.en}, target {verdict.target}: {observed.en} {target.noun_en} "
        f"from {_day_en(gate.since)} to {_day_en(gate.until)}; {pace.en} about {expected.en} "
        f"would be expected ({change.en}), {BEYOND_EN}."
    )
    return _with_goal(kind, Sentences(vi, en), verdict)


def _rate(kind: Direction, verdict: Verdict, gate: Gate, unit: Unit | None) -> Sentences:
    name, base, change = _names(verdict, unit), _base(gate), _change(kind, gate)
    now, before = _percent(gate.observed), _percent(gate.expected)
    vi = (
        f"{name.vi}, chỉ tiêu {verdict.target}: từ {_day_vi(gate.since)} đến {_day_vi(gate.until)} "
        f"đạt tỷ lệ {now.vi}; {base.vi} là {before.vi} ({change.vi}), {BEYOND_VI}."
    )
    en = (
        f"{name.en}, target {verdict.target}: a rate of {now.en} "
        f"from {_day_en(gate.since)} to {_day_en(gate.until)}; {base.en} it was {before.en} "
        f"({change.en}), {BEYOND_EN}."
    )
    return _with_goal(kind, Sentences(vi, en), verdict)


def _names(verdict: Verdict, unit: Unit | None) -> Sentences:
    if verdict.unit == PROVINCE:
        return Sentences("Toàn tỉnh", "The whole province")
    return Sentences(unit.name_vi, unit.name_en) if unit else Sentences(verdict.unit, verdict.unit)


def _pace(gate: Gate) -> Sentences:
    """By which pace something is expected."""
    if gate.basis == "month":
        month = gate.previous_since
        pace = Sentences(f"theo nhịp ngày làm việc của tháng {month.month}", f"at the working-day pace of {month:%B}")
    else:
        days = (gate.previous_until - gate.previous_since).days + 1
        pace = Sentences(
            f"theo nhịp ngày làm việc của {days} ngày trước đó",
            f"at the working-day pace of the {days} days before",
        )
    if gate.province_factor == 1.0:
        return pace
    return Sentences(
        f"{pace.vi}, sau khi trừ biến động chung toàn tỉnh,", f"{pace.en}, the province's own change taken off,"
    )


def _base(gate: Gate) -> Sentences:
    if gate.basis == "month":
        return Sentences(f"tháng {gate.previous_since.month}", f"in {gate.previous_since:%B}")
    days = (gate.previous_until - gate.previous_since).days + 1
    return Sentences(f"{days} ngày trước đó", f"in the {days} days before")


def _change(kind: Direction, gate: Gate) -> Sentences:
    if gate.ratio is None:
        return Sentences("mới phát sinh", "new")
    vi, en = _percent(abs(gate.ratio - 1), digits=0)
    return Sentences(f"giảm {vi}", f"down {en}") if kind == "lag" else Sentences(f"tăng {vi}", f"up {en}")


def _with_goal(kind: Direction, said: Sentences, verdict: Verdict) -> Sentences:
    """A unit that improves but will still miss its goal is told both."""
    projected = verdict.projected_attainment
    if kind == "lag" or projected is None or projected >= 1:
        return said
    share = _percent(projected)
    return Sentences(
        f"{said.vi} Tuy vậy, với nhịp hiện nay dự kiến chỉ đạt {share.vi} mục tiêu.",
        f"{said.en} Even so, at the present pace {share.en} of the goal is expected.",
    )


def _number(value: float) -> Sentences:
    return Sentences(*(format_number(value, lang) for lang in LANGUAGES))


def _percent(value: float, digits: int = 1) -> Sentences:
    return Sentences(*(format_percent(value, lang, digits) for lang in LANGUAGES))


def _day_vi(day: dt.date) -> str:
    return f"{day.day:02d}/{day.month}"


def _day_en(day: dt.date) -> str:
    return f"{day.day} {day:%B}"
