"""docs/catalogue.md: what it tells the reader to write makes a catalogue, and does what it says."""

import datetime as dt
import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

from shared.domain.catalogue import Catalogue, load_catalogue
from shared.domain.figures import progress_rows
from shared.domain.unit_hierarchy import makeup_on
from shared.runtime.settings import ROOT
from tests.support.notice434 import catalogue

PAGE = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
TARGET_8, NEW_GOALS, VANISHED, ADDED, GOAL, GROUP = (
    textwrap.dedent(block) for block in re.findall(r"^ *```toml\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
)
DAY = dt.date(2025, 7, 1)


def units_of(*blocks: str) -> list[dict[str, Any]]:
    return [unit for block in blocks for unit in tomllib.loads(block)["units"]]


def with_units(entries: list[dict[str, Any]]) -> Catalogue:
    """The shipped catalogue with these units in place of those of the same code, and the page's goal for target 1."""
    fields = {name: getattr(catalogue(), name) for name in Catalogue.model_fields}
    shipped = {unit.code: unit.model_dump() for unit in catalogue().units}
    first, *others = catalogue().targets
    written = tomllib.loads(GOAL)["targets"]["goals"]["2022-01-01"]
    goals = {since: table | written for since, table in first.goals.items()}
    units = list((shipped | {entry["code"]: entry for entry in entries}).values())
    return Catalogue.model_validate(
        fields | {"units": units, "targets": [first.model_copy(update={"goals": goals}), *others]}
    )


def test_target_8_is_a_file_more(tmp_path: Path) -> None:
    for file in (ROOT / "deploy" / "catalogue").glob("*.toml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "target-8.toml").write_text(TARGET_8, encoding="utf-8")
    loaded = load_catalogue(tmp_path)
    assert loaded.target_by_number[8].goal("an-nhon", dt.date(2023, 7, 1)) == 40
    assert loaded.with_targets(catalogue().targets).targets == catalogue().targets


def test_old_units_only_get_an_end_and_a_parent() -> None:
    shipped = {unit.code: unit.model_dump(exclude_defaults=True, exclude={"communes"}) for unit in catalogue().units}
    end = {"valid_until": DAY, "parent": "an-hoa"}
    assert units_of(VANISHED) == [shipped["an-lao"] | end, shipped["hoai-an"] | end]


def test_the_merge_of_the_page() -> None:
    merged = with_units(units_of(VANISHED, ADDED))
    assert makeup_on(merged, DAY)["an-hoa"] == ("an-lao", "hoai-an", "an-hoa")
    now = {("member_accounts", "an-lao"): 700, ("member_accounts", "hoai-an"): 900}
    [row] = [row for row in progress_rows(merged, DAY, now, now, {}) if (row.unit, row.target) == ("an-hoa", 1)]
    assert (row.achieved, row.goal, row.growth) == (1600, 3294, 0)
    assert "an-hoa" not in makeup_on(merged, dt.date(2025, 6, 30))


def test_the_group_of_the_page() -> None:
    member = catalogue().units[0].model_dump() | {"parent": "cluster-1"}
    grouped = with_units([*units_of(VANISHED, ADDED, GROUP), member])
    assert makeup_on(grouped, DAY)["cluster-1"] == ("quy-nhon", "cluster-1")


def test_new_goals_are_a_table_of_a_later_day() -> None:
    assert tomllib.loads(NEW_GOALS) == {"targets": {"goals": {"2023-07-01": {"quy-nhon": 7000}}}}
