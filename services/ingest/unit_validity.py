"""Unit validity: whether the unit an event names exists on the event's own day. Pure.

A late event of a day on which the unit still existed is in order: it is counted there and rolls up. One of a day after
that is almost surely sent by a system whose list of units is old.
"""

from services.ingest.rejections import NotAdmittedError
from shared.contracts.ingest import Code
from shared.domain.catalogue import Catalogue, Unit
from shared.domain.clock import day_number, day_of
from shared.domain.unit_hierarchy import heir


class UnitValidity:
    """Checks units that begin or end while the project runs."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._bounded = {unit.code: unit for unit in catalogue.units if unit.valid_from or unit.valid_until}

    def __bool__(self) -> bool:
        return bool(self._bounded)

    def check(self, code: str, instant: int) -> None:
        """Let a unit pass that exists on the local day of `instant` (nanoseconds since the epoch).

        Raises:
            NotAdmittedError: it does not; the reason names the unit that took over.
        """
        unit = self._bounded.get(code)
        if unit is not None and not unit.valid_on(day_of(day_number(instant))):
            raise self._not_valid(unit, instant)

    def _not_valid(self, unit: Unit, instant: int) -> NotAdmittedError:
        day = day_of(day_number(instant))
        if not unit.gone_by(day):
            wording = (
                f"data.unit {{}} exists from {unit.valid_from} on, and time is on {day}: name the unit of that day"
            )
            return NotAdmittedError(Code.UNIT_NOT_VALID, wording, unit.code)
        successor = heir(self._catalogue, unit.code, day)
        remedy = f"send it for {successor!r}, which took over" if successor else "no unit took over: ask the office"
        wording = f"data.unit {{}} exists until {unit.valid_until}, not on {day}, the day of time: {remedy}"
        return NotAdmittedError(Code.UNIT_NOT_VALID, wording, unit.code)
