"""The check of a notice: arithmetic on what it prints, nothing else. Pure.

A percentage must be its two numbers' quotient, half up to the decimals printed. A part cannot exceed its whole.
Units' figures add up to the province's. And k of n units over 100 % bound the total from below: each of them
achieved more than its goal, so together they hold less of the goal than the province achieved of it. The whole of a
ratio is what the targets count together that it is made of.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from services.reports.check.claims import Claim, Discrepancy
from services.reports.check.facts import ProjectFacts
from shared.domain.catalogue import PROVINCE
from shared.domain.formatting import Lang, format_number, format_percent, percent
from shared.runtime.messages import translate


def check(claims: Iterable[Claim], facts: ProjectFacts, lang: Lang) -> list[Discrepancy]:
    """Everything that does not add up, in the order of the claims; numbers in it are formatted for `lang`."""
    listed = list(claims)
    discrepancies = [discrepancy for claim in listed for discrepancy in _alone(claim, facts, lang)]
    for target in dict.fromkeys(claim.target for claim in listed if claim.target is not None):
        about = [claim for claim in listed if claim.target == target]
        units = [claim for claim in about if claim.unit != PROVINCE]
        totals = [claim for claim in about if claim.unit == PROVINCE]
        if len({unit.unit for unit in units}) in {*facts.unit_counts, *(total.units_total for total in totals)}:
            discrepancies += [discrepancy for total in totals for discrepancy in _sums(total, units, lang)]
        discrepancies += [discrepancy for claim in totals for discrepancy in _units_over(claim, totals, units, lang)]
    return [*discrepancies, *_wholes(listed, facts, lang)]


def _alone(claim: Claim, facts: ProjectFacts, lang: Lang) -> Iterator[Discrepancy]:
    place = claim.where, claim.target
    if claim.named is not None and not claim.named[0] <= (claim.units_claimed or 0) <= claim.named[1]:
        fewest, most = claim.named
        named = fewest if (claim.units_claimed or 0) < fewest else most
        yield Discrepancy("units_named", *place, str(claim.units_claimed), str(named))
    if claim.units_over is not None and claim.units_total not in {None, *facts.unit_counts}:
        known = "/".join(map(str, sorted(facts.unit_counts)))
        yield Discrepancy("units_other_total", *place, f"{claim.units_over}/{claim.units_total}", known)
    if claim.achieved is None or not claim.goal:
        return
    pair = f"{format_number(claim.achieved, lang)}/{format_number(claim.goal, lang)}"
    if claim.is_part and claim.achieved > claim.goal:
        yield Discrepancy("part_over_whole", *place, pair, format_number(claim.goal, lang))
    if claim.percent is not None and not claim.percent_holds:
        right = percent(claim.achieved, claim.goal, claim.decimals) or Decimal(0)
        printed = translate(lang, f"notice.check.percent_{claim.relation}", percent=_percent(claim.percent, lang))
        yield Discrepancy("percent", *place, printed, _percent(right, lang), pair)


def _wholes(claims: list[Claim], facts: ProjectFacts, lang: Lang) -> Iterator[Discrepancy]:
    """Check that a ratio's whole is what the targets count that it is made of, of the province and of each unit."""
    achieved: dict[tuple[int | None, str], int] = {}
    for claim in claims:
        if claim.achieved is not None and not claim.is_part:
            achieved.setdefault((claim.target, claim.unit), claim.achieved)
    seen = set()
    for claim in claims:
        parts = [achieved.get((part, claim.unit)) for part in facts.wholes.get(claim.target or 0, ())]
        if not parts or claim.goal is None or None in parts or (claim.target, claim.unit) in seen:
            continue
        seen.add((claim.target, claim.unit))
        added = sum(part for part in parts if part is not None)
        if added != claim.goal:
            names = " + ".join(map(str, facts.wholes[claim.target or 0]))
            yield Discrepancy("whole", *_both(claim, claim.goal, added, lang), names)


def _sums(total: Claim, units: list[Claim], lang: Lang) -> Iterator[Discrepancy]:
    achieved, goals = [unit.achieved for unit in units], [unit.goal for unit in units]
    if total.achieved is not None and None not in achieved:
        added = sum(value for value in achieved if value is not None)
        if added != total.achieved:
            yield Discrepancy("sum_achieved", *_both(total, total.achieved, added, lang))
    if total.goal is not None and None not in goals:
        added = sum(value for value in goals if value is not None)
        if added != total.goal:
            yield Discrepancy("sum_goal", *_both(total, total.goal, added, lang))


def _both(total: Claim, printed: int, added: int, lang: Lang) -> tuple[str, int | None, str, str]:
    return total.where, total.target, format_number(printed, lang), format_number(added, lang)


def _units_over(claim: Claim, totals: list[Claim], units: list[Claim], lang: Lang) -> Iterator[Discrepancy]:
    over, everyone = claim.units_over, claim.units_total
    if over is None or everyone is None:
        return
    printed = f"{over}/{everyone}"
    if over > everyone:
        yield Discrepancy("units_over_total", claim.where, claim.target, printed, str(everyone))
        return
    total = next((other for other in totals if _attainment(other) is not None), None)
    if len(units) == everyone and not any(unit.is_part for unit in units):
        yield from _by_unit(claim, printed, total, units, lang)
    elif total is not None:
        yield from _by_total(claim, printed, total, lang)


def _by_unit(claim: Claim, printed: str, total: Claim | None, units: list[Claim], lang: Lang) -> Iterator[Discrepancy]:
    """Check with the figures of every unit: by counting, or by the bound of the smallest goals."""
    attained = [_attainment(unit) for unit in units]
    if None not in attained:
        right = sum(value > 1 for value in attained if value is not None)
        if right != claim.units_over:
            yield Discrepancy("units_miscounted", claim.where, claim.target, printed, f"{right}/{len(units)}")
        return
    goals = sorted(unit.goal for unit in units if unit.goal is not None)
    if total is None or total.achieved is None or len(goals) < len(units):
        return
    least = sum(goals[: claim.units_over])
    if claim.units_over and least >= total.achieved:
        bound, result = format_number(least, lang), format_number(total.achieved, lang)
        yield Discrepancy("units_goals", claim.where, claim.target, printed, bound, result)


def _by_total(claim: Claim, printed: str, total: Claim, lang: Lang) -> Iterator[Discrepancy]:
    attained = _attainment(total)
    if attained is None:
        return
    place = claim.where, claim.target
    shown = format_percent(attained, lang)
    if claim.units_over == claim.units_total and attained <= 1:
        yield Discrepancy("units_all", *place, printed, detail=shown)
    elif claim.units_over == 0 and attained > 1:
        yield Discrepancy("units_none", *place, printed, detail=shown)
    elif claim.share is not None:
        if claim.share / 100 > attained:
            yield Discrepancy("share_impossible", *place, _percent(claim.share, lang), detail=shown)
    elif Fraction(claim.units_over or 0, claim.units_total or 1) > attained:
        yield Discrepancy("units_doubtful", *place, printed, detail=shown)


def _attainment(claim: Claim) -> Fraction | None:
    """Achieved over goal, exact where both are known; None for a part of a whole, which has no goal here."""
    if claim.is_part:
        return None
    if claim.achieved is not None and claim.goal:
        return Fraction(claim.achieved, claim.goal)
    return None if claim.percent is None else Fraction(claim.percent) / 100


def _percent(value: Decimal, lang: Lang) -> str:
    return format_percent(value / 100, lang, Claim("", percent=value).decimals)
