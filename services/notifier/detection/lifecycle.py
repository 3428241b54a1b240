"""The transition of a flag over consecutive runs: raised on the second, once a month, cleared after three calm
ones.

Pure: the state goes in and a new one comes out, so that it can be stored anywhere as JSON.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import NamedTuple

from pydantic import Field

from services.notifier.detection.calibration import Thresholds
from services.notifier.detection.comparison import moved_otherwise
from services.notifier.detection.series import Pair
from shared.contracts.flags import Direction, Flag, Verdict
from shared.domain.catalogue import PROVINCE
from shared.domain.frozen import FrozenModel
from shared.domain.months import Month


class Alert(NamedTuple):
    """What may be flagged; `unit` is "province" for a notice to all."""

    unit: str
    target: int
    direction: Direction

    @property
    def name(self) -> str:
        return f"{self.unit}:{self.target}:{self.direction}"


class DetectorState(FrozenModel):
    """What the detector remembers from run to run. Streaks are by alert name; flags stand until they are
    cleared.
    """

    last_run: dt.date | None = None
    qualified: dict[str, int] = Field(default_factory=dict)
    calm: dict[str, int] = Field(default_factory=dict)
    raised: dict[str, str] = Field(default_factory=dict)
    """Alert name -> the month (YYYY-MM) it was last raised in."""
    standing: tuple[Flag, ...] = ()


class Evaluation(NamedTuple):
    """What one run says. `verdicts` has every pair and, where the whole province moved, a row per target for it."""

    verdicts: list[Verdict]
    raised: list[Flag]
    cleared: list[Flag]
    state: DetectorState


class Transition(NamedTuple):
    """What one run changes: alerts to raise now, flags that are over (with `cleared_on`), and the state
    after.

    The state's `standing` has yet to take the raised ones in (`stand`): a flag is written only when it is
    raised.
    """

    raise_now: list[Alert]
    cleared: list[Flag]
    state: DetectorState


def advance(
    state: DetectorState,
    verdicts: Mapping[Pair, Verdict],
    stocks: Collection[int],
    day: dt.date,
    thresholds: Thresholds,
) -> Transition:
    """One run on the verdicts of `day`, by unit and target; a verdict with a `direction` qualifies for a flag.

    `stocks` are the targets that are ratios of stocks. A flag is over at once when its pair has reached the goal,
    cannot be compared, or compared with itself did not move so; and after three runs in a row in which a lag has come
    back up into the calm band, or a surge down into it.
    """
    month = str(Month.of(day))
    qualified = {Alert(v.unit, v.target, v.direction) for v in verdicts.values() if v.direction}
    streaks = {alert.name: state.qualified.get(alert.name, 0) + 1 for alert in qualified}
    raise_now = sorted(
        alert
        for alert in qualified
        if streaks[alert.name] >= thresholds.runs_to_raise and state.raised.get(alert.name) != month
    )
    calm: dict[str, int] = {}
    cleared, standing = [], []
    for flag in state.standing:
        alert = alert_of(flag)
        verdict = verdicts.get(pair_of(flag))
        runs = state.calm.get(alert.name, 0) + 1 if _calm(alert.direction, verdict, stocks, thresholds) else 0
        if runs >= thresholds.runs_to_clear or is_over(alert.direction, verdict, stocks):
            cleared.append(flag.model_copy(update={"cleared_on": day}))
            continue
        standing.append(flag)
        if runs:
            calm[alert.name] = runs
    raised = {name: since for name, since in state.raised.items() if since == month}
    raised |= {alert.name: month for alert in raise_now}
    after = DetectorState(
        last_run=day,
        qualified=dict(sorted(streaks.items())),
        calm=calm,
        raised=dict(sorted(raised.items())),
        standing=tuple(standing),
    )
    return Transition(raise_now, cleared, after)


def drop_ended(
    state: DetectorState, verdicts: Mapping[Pair, Verdict], stocks: Collection[int], day: dt.date
) -> tuple[list[Flag], DetectorState]:
    """The flags that are over at once on a day that is no run, and the state without them; streaks stay."""
    over = [flag for flag in state.standing if is_over(flag.direction, verdicts.get(pair_of(flag)), stocks)]
    left = tuple(flag for flag in state.standing if flag not in over)
    cleared = [flag.model_copy(update={"cleared_on": day}) for flag in over]
    return cleared, state.model_copy(update={"standing": left})


def is_over(direction: Direction, verdict: Verdict | None, stocks: Collection[int]) -> bool:
    """Whether a flag is over at once: its goal reached, nothing to compare, or its unit moved the other way.

    A target in `stocks` is judged by its ratio, any other by what its unit did in the days compared.
    """
    if verdict is None or verdict.gate is None or verdict.state == "saturated":
        return True
    if verdict.target in stocks and verdict.split:
        now, before = verdict.split.now, verdict.split.before
        return now >= before if direction == "lag" else now <= before
    gate = verdict.gate
    if not gate.own_expected or gate.previous is None:
        return False
    whole = gate.basis == "completed" and gate.previous_since.day == 1  # a history may begin within the month
    return moved_otherwise(direction, gate.observed, gate.own_expected, gate.previous if whole else None)


def drop_retired_units(state: DetectorState, units: Collection[str], day: dt.date) -> tuple[list[Flag], DetectorState]:
    """The flags that end on `day` because their unit is not among `units` any more, and the state without them."""
    gone = [flag.model_copy(update={"cleared_on": day}) for flag in state.standing if alert_of(flag).unit not in units]
    left = tuple(flag for flag in state.standing if alert_of(flag).unit in units)
    return gone, state.model_copy(update={"standing": left})


def _calm(direction: Direction, verdict: Verdict | None, stocks: Collection[int], thresholds: Thresholds) -> bool:
    if verdict is None or verdict.gate is None or verdict.gate.ratio is None:
        return False
    if verdict.target in stocks and verdict.split:
        return abs(verdict.split.now - verdict.split.before) < thresholds.dilution
    ratio = verdict.gate.ratio
    return ratio >= thresholds.clear_from if direction == "lag" else ratio <= thresholds.clear_to


def pair_of(flag: Flag) -> Pair:
    """What a flag is of: its unit, or the province, and its target."""
    return flag.unit or PROVINCE, flag.target


def add_standing(state: DetectorState, raised: list[Flag]) -> DetectorState:
    """The state with the new flags standing; a flag of an earlier month for the same alert gives way."""
    again = {alert_of(flag) for flag in raised}
    others = [flag for flag in state.standing if alert_of(flag) not in again]
    return state.model_copy(update={"standing": tuple(sorted([*others, *raised], key=lambda flag: flag.key))})


def alert_of(flag: Flag) -> Alert:
    """What a flag is about."""
    return Alert(*pair_of(flag), flag.direction)
