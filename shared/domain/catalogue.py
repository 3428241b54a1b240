"""The catalogue: units, event kinds, measures and targets, read from the TOML files of one folder.

Everything that may change without a release is here: Target 8 is a few lines of TOML. The models reject a
catalogue that contradicts itself, so that no service starts on one.
"""

import datetime as dt
import tomllib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.domain.catalogue_validation import EVERY_UNIT, RESERVED, contradictions
from shared.domain.errors import ConfigError
from shared.domain.formatting import Lang
from shared.domain.frozen import Dated, FrozenModel
from shared.domain.notice_texts import Directive, Letterhead, Remark

PROVINCE = RESERVED

Role = Literal["reporting", "record"]
Stream = Literal["accounts", "dossiers", "outreach"]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Attribute = Literal["unit", "*"] | list[str | bool]


class CatalogueError(ConfigError):
    """The catalogue cannot be used; the message names the file or entry and the remedy."""


class Named(FrozenModel):
    """Something with a name in both languages."""

    name_vi: str
    name_en: str

    def name(self, lang: Lang) -> str:
        return self.name_vi if lang == "vi" else self.name_en


class Project(Named):
    type_prefix: str
    began: dt.date
    province_vi: str
    province_en: str


class Source(Named):
    source: str
    role: Role


class Unit(Named, Dated):
    """What is measured, or a group of such units.

    `parent` is the group the unit belongs to, or the unit that takes over from it on `valid_until`. A group adds its
    members up; it sends nothing itself. `also_called` are other names in use, `communes` the communes and wards it
    leads, which a list may name instead of it. `shared/domain/unit_hierarchy.py` says which counts make up whose
    figures.
    """

    code: Code
    also_called: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    sub_units: int = Field(ge=0)
    leader: str | None = None
    language: Literal["vi", "en"] = "vi"
    parent: Code | None = None
    group: bool = False


class EventType(FrozenModel):
    """One event type of a kind: its name without the prefix, and what its `data` must carry."""

    type: str
    data: dict[Name, Attribute] = Field(default_factory=dict)


class Kind(FrozenModel):
    """A sort of entity and the events that begin it, mark a step of it, and end it."""

    stream: Stream
    begin: EventType
    step: EventType | None = None
    end: EventType | None = None


class Measure(FrozenModel):
    kind: str
    where: dict[Name, str | bool] = Field(default_factory=dict)
    step: bool = False


class Target(Named):
    """A count target adds `measures`; a ratio target divides `numerator` by `denominator` (sums too).

    The short names are for tables, where the full ones do not fit. `done_*` is what was done to the things a notice
    counts ("published"), `qualified_*` which of a ratio's things its numerator counts ("with a transaction").
    """

    number: int = Field(ge=1)
    short_vi: str = ""
    short_en: str = ""
    noun_vi: str
    noun_en: str
    done_vi: str = "đã thực hiện"
    done_en: str = "done"
    qualified_vi: str = "đạt yêu cầu"
    qualified_en: str = "that count"
    measures: tuple[Name, ...] = ()
    numerator: tuple[Name, ...] = ()
    denominator: tuple[Name, ...] = ()
    parts: Literal["stocks", "flows"] | None = None
    role: Role = "reporting"
    goals: dict[dt.date, dict[str, float]]

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        count = bool(self.measures)
        ratio = bool(self.numerator and self.denominator and self.parts)
        if count == ratio or (count and (self.numerator or self.denominator or self.parts)):
            raise ValueError(f"target {self.number}: give either `measures`, or `numerator`, `denominator` and `parts`")
        return self

    @property
    def is_ratio(self) -> bool:
        return bool(self.numerator)

    def short(self, lang: Lang) -> str:
        """A name that fits a table, the full one where there is none shorter."""
        return (self.short_vi if lang == "vi" else self.short_en) or self.name(lang)

    def noun(self, lang: Lang) -> str:
        """What the target counts, as a sentence names it: "accounts"."""
        return self.noun_vi if lang == "vi" else self.noun_en

    def goals_on(self, day: dt.date) -> dict[str, float]:
        """The goals in force on `day`: those of the latest date not after it; none before the first."""
        dates = [since for since in self.goals if since <= day]
        return self.goals[max(dates)] if dates else {}

    def goal(self, unit: str, day: dt.date) -> float | None:
        """The goal of one unit on `day`, None where it has none."""
        goals = self.goals_on(day)
        return goals.get(unit, goals.get(EVERY_UNIT))


class Catalogue(FrozenModel):
    project: Project
    sources: tuple[Source, ...]
    units: tuple[Unit, ...]
    kinds: dict[Name, Kind]
    measures: dict[Name, Measure]
    targets: tuple[Target, ...]
    letterheads: tuple[Letterhead, ...] = ()
    directives: tuple[Directive, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for problem in contradictions(self):
            raise ValueError(problem)
        return self

    def place_name(self, code: str, lang: Lang) -> str:
        """The name of a unit or of the province."""
        if code == PROVINCE:
            return self.project.province_vi if lang == "vi" else self.project.province_en
        return self.unit_by_code[code].name(lang)

    @cached_property
    def unit_by_code(self) -> dict[str, Unit]:
        return {unit.code: unit for unit in self.units}

    @cached_property
    def source_by_name(self) -> dict[str, Source]:
        return {source.source: source for source in self.sources}

    @cached_property
    def target_by_number(self) -> dict[int, Target]:
        return {target.number: target for target in self.targets}

    def with_targets(self, targets: Iterable[Target]) -> "Catalogue":
        """The same catalogue with other targets; what is cached is worked out anew."""
        fields = {name: getattr(self, name) for name in Catalogue.model_fields}
        return Catalogue(**(fields | {"targets": tuple(targets)}))

    def units_on(self, day: dt.date) -> list[Unit]:
        """The units that exist on `day`, without groups, in the catalogue's order."""
        return [unit for unit in self.units if unit.valid_on(day) and not unit.group]

    def groups_on(self, day: dt.date) -> list[Unit]:
        """The groups that exist on `day`, in the catalogue's order."""
        return [unit for unit in self.units if unit.valid_on(day) and unit.group]


def load_catalogue(folder: Path) -> Catalogue:
    """Read and merge every `*.toml` of `folder`.

    Raises:
        CatalogueError: the folder is empty, a file is not TOML, or the entries contradict each other.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise CatalogueError(f"no *.toml in {folder}: point PULSE_CATALOGUE at the catalogue's folder")
    merged: dict[str, Any] = {}
    for file in files:
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{file.name} is not readable TOML: {error}") from error
        for name, table in tables.items():
            merged[name] = _joined(file.name, name, merged.get(name), table)
    try:
        return Catalogue.model_validate(merged)
    except ValueError as error:
        raise CatalogueError(f"the catalogue in {folder} cannot be used: {error}") from error


def _joined(file: str, name: str, before: Any, table: Any) -> Any:
    if before is None:
        return table
    if isinstance(before, list) and isinstance(table, list):
        return before + table
    if isinstance(before, dict) and isinstance(table, dict) and not before.keys() & table.keys():
        return before | table
    raise CatalogueError(f"{file}: [{name}] is already defined in another file of the catalogue")
