"""What a check knows of the project: its targets and units, from the catalogue. Pure."""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from shared.domain.catalogue import PROVINCE, Catalogue

_WHOLE_PROVINCE = ("province", "toàn tỉnh", "tổng", "tổng cộng", "tổng số", "cộng", "total", "the whole province")


@dataclass(frozen=True)
class ProjectFacts:
    """Targets and units as a notice names them.

    `wholes` are the ratio targets whose whole is what other targets count together (number -> those targets);
    `unit_counts` how many units there are, or were before a change; `unit_codes` finds a code by a plain name.
    """

    targets: frozenset[int]
    ratio_targets: frozenset[int]
    wholes: Mapping[int, tuple[int, ...]]
    unit_counts: frozenset[int]
    unit_codes: Mapping[str, str]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """The facts of a catalogue."""
        counted = {target.measures: target.number for target in catalogue.targets if target.measures}
        changes = {day for unit in catalogue.units for day in (unit.valid_from, unit.valid_until) if day}
        days: set[dt.date] = {catalogue.project.began, *changes}
        return cls(
            targets=frozenset(catalogue.target_by_number),
            ratio_targets=frozenset(target.number for target in catalogue.targets if target.is_ratio),
            wholes={
                target.number: tuple(counted[measure,] for measure in target.denominator)
                for target in catalogue.targets
                if target.is_ratio and all((measure,) in counted for measure in target.denominator)
            },
            unit_counts=frozenset(len(catalogue.units_on(day)) for day in days),
            unit_codes={
                _plain(name): unit.code
                for unit in catalogue.units
                for name in (unit.code, unit.name_vi, unit.name_en, *unit.also_called)
            },
        )

    @property
    def most_units(self) -> int:
        """The largest number of units there ever were."""
        return max(self.unit_counts)

    def unit_code(self, name: str) -> str | None:
        """The code of the unit, or of the province, that `name` is; None: there is no such unit."""
        plain = _plain(name)
        return PROVINCE if not plain or plain in _WHOLE_PROVINCE else self.unit_codes.get(plain)

    def units_named(self, text: str) -> int:
        """How many units `text` names in full."""
        plain = _plain(text)
        return len({code for name, code in self.unit_codes.items() if " " in name and name in plain})


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
