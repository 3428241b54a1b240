"""A catalogue that contradicts itself is refused, in words that name the entry and the remedy."""

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from shared.domain.catalogue import Catalogue
from tests.support.merged_catalogue import merged
from tests.support.notice434 import catalogue

JULY, AUGUST = dt.date(2025, 7, 1), dt.date(2025, 8, 1)


def built(units: list[dict[str, Any]], goals: dict[dt.date, dict[str, float]] | None = None) -> Catalogue:
    """The shipped catalogue with other units, and `goals` for its first target alone."""
    fields = {name: getattr(catalogue(), name) for name in Catalogue.model_fields}
    target = catalogue().targets[0].model_copy(update={"goals": goals or {}})
    named = [{"name_vi": "", "name_en": "", "sub_units": 1} | unit for unit in units]
    return Catalogue.model_validate(fields | {"units": named, "targets": [target]})


Entry = dict[str, Any]
A, B, C = Entry(code="a"), Entry(code="b"), Entry(code="c")
GROUP = Entry(code="g", group=True)

UNITS: list[tuple[list[dict[str, Any]], str]] = [
    ([A, A], "unit 'a' is listed twice"),
    ([{"code": "province"}], "reserved for the whole province"),
    ([A | {"parent": "x"}], "unit 'a': parent 'x' is not a unit"),
    ([A | {"parent": "a"}], "unit 'a' is its own parent, through a: take one `parent` away"),
    (
        [A | {"parent": "b"}, B | {"parent": "c"}, C | {"parent": "a"}],
        "unit 'a' is its own parent, through b and c: take one `parent` away",
    ),
    ([A | {"parent": "b"}, B | {"parent": "c"}, C | {"parent": "b"}], "unit 'b' is its own parent, through c"),
    (
        [A | {"valid_from": AUGUST, "valid_until": JULY}],
        "unit 'a': valid_until 2025-07-01 is not after valid_from 2025-08-01, so it is valid on no day",
    ),
    ([A | {"valid_from": JULY, "valid_until": JULY}], "valid on no day"),
    ([A | {"parent": "b"}, B], "its parent 'b' is no group, so it takes over one day: give 'a' a valid_until"),
    ([GROUP | {"parent": "b"}, B], "the parent of a group must be a group, and 'b' is none"),
    (
        [A | {"valid_until": JULY, "parent": "b"}, B | {"valid_from": AUGUST}],
        "unit 'a': its parent 'b' is not valid on 2025-07-01, the day it should take over",
    ),
    (
        [A | {"valid_until": AUGUST, "parent": "b"}, B | {"valid_until": JULY}],
        "unit 'a': its parent 'b' is not valid on 2025-08-01",
    ),
]


@pytest.mark.parametrize(("units", "said"), UNITS)
def test_units_that_cannot_be(units: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        built(units)
    assert said in str(caught.value)


GOALS: list[tuple[list[dict[str, Any]], dict[dt.date, dict[str, float]], str]] = [
    ([A], {JULY: {"b": 1}}, "target 1, goals of 2025-07-01: 'b' is not a unit"),
    ([A], {dt.date(2021, 12, 31): {"a": 1}}, "the project began on 2022-01-01; date them that day or later"),
    ([GROUP], {JULY: {"g": 1}}, "'g' is a group; its goal is its members' together"),
    ([A | {"valid_until": JULY}], {JULY: {"a": 1}}, "'a' is valid until 2025-07-01 only: give its goal to the unit"),
    (
        [A | {"valid_from": AUGUST}],
        {JULY: {"a": 1}, AUGUST: {}},
        "goals of 2025-07-01: 'a' is valid from 2025-08-01 only: move its goal to goals of that day",
    ),
]


@pytest.mark.parametrize(("units", "goals", "said"), GOALS)
def test_goals_of_nobody(units: list[dict[str, Any]], goals: dict[dt.date, dict[str, float]], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        built(units, goals)
    assert said in str(caught.value)


def test_what_is_in_order() -> None:
    """Two merges on one day, a member of a group that vanishes into it, goals of units that come while they hold."""
    chain = [A | {"valid_until": JULY, "parent": "b"}, B | {"valid_until": JULY, "parent": "c"}, C]
    assert built(chain).units_on(JULY)[0].code == "c"
    assert built([A | {"valid_until": JULY, "parent": "g"}, GROUP, B | {"parent": "g"}]).groups_on(JULY)
    assert built([A | {"valid_from": AUGUST}, B], {JULY: {"a": 1, "b": 1, "every_unit": 2}}).targets
    assert len(merged().units) == 23
