"""State first, verdict second: what is said of one unit and target."""

from typing import NamedTuple

from shared.contracts.flags import Direction, State


class Judged(NamedTuple):
    """What is known of one unit and target on one day; `kind` where both evidence and gate hold."""

    silent: bool
    unchanged: bool
    saturated: bool
    testable: bool
    diluted: bool
    kind: Direction | None


def decide_state(judged: Judged, *, flow: bool) -> State:
    """The state, the strongest reason not to flag first.

    A unit that sent nothing for any target is silent: that is a question about its reports, not seven lags. A
    ratio of flows whose numerator kept its pace was diluted, so its fall is no lag; a ratio of stocks is
    tested by its numerator and needs no such exception.
    """
    if judged.silent:
        return "silent"
    if judged.saturated:
        return "saturated"
    if judged.kind == "surge":
        return "surges"
    if judged.kind == "lag" and not (flow and judged.diluted):
        return "lags"
    if judged.unchanged:
        return "no_change"
    return "steady" if judged.testable else "too_few"
