"""Curves begin two months back, meet the figures of the day, and are drawn as well-formed, escaped SVG."""

import datetime as dt
import itertools
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.board.charts import HEIGHT, WIDTH, Captions, Curve, Scale, curve_of, draw, goal_side, month_starts, ticks
from shared.domain.catalogue import PROVINCE
from shared.domain.unit_hierarchy import GoalChange
from tests.support.board_figures import unit_data
from tests.support.notice434 import JULY, JUNE, MAY, catalogue

SVG = "{http://www.w3.org/2000/svg}"
CAPTIONS = Captions(
    "c",
    "<b>Tom & Jerry</b>",
    '"quoted"',
    lambda value: f"<{value:g}>",
    lambda day: f"{day:%d/%m}",
    lambda change: f"<goal {change.goal}>",
)


def curve(target: int, code: str = PROVINCE) -> Curve:
    made = unit_data(code)
    row = next(row for row in made.progress.rows if (row.unit, row.target) == (code, target))
    return curve_of(catalogue().target_by_number[target], row, made.days[target], JULY)


def test_a_curve_passes_through_the_figures_of_each_date() -> None:
    made = curve(1)
    assert (made.since, made.until) == (MAY, JULY)
    cumulative = dict(made.cumulative)
    assert [cumulative[day] for day in (MAY, JUNE, JULY)] == [29698, 36880, 49795]
    assert made.pace == ((JUNE, 36880), (JULY, 36880 + 7182))
    assert len(made.cumulative) == 62


def test_a_ratio_is_drawn_as_a_rate() -> None:
    made = curve(3)
    assert made.cumulative[-1][0] == JULY
    assert made.cumulative[-1][1] == pytest.approx(29440 / 90471)
    assert made.goal == pytest.approx(0.4)


def test_days_before_the_first_figure_of_a_ratio_are_left_out() -> None:
    row = unit_data(PROVINCE).progress.rows[-5].model_copy(update={"achieved": None, "increase": None})
    day = {"day": MAY, "numerator_total": 0, "denominator_total": 0}
    made = curve_of(catalogue().target_by_number[3], row, [day], JULY)
    assert (made.cumulative, made.pace) == ((), ())


def test_the_drawing_is_well_formed_escaped_and_within_its_frame() -> None:
    svg = draw(curve(1), CAPTIONS, 1)
    root = ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))  # noqa: S314 (ours)
    assert root.find(f"{SVG}title").text == "<b>Tom & Jerry</b>"  # type: ignore[union-attr]
    assert root.attrib["aria-labelledby"] == "c-title c-desc"
    assert "style=" not in svg
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.attrib["x"]) <= WIDTH
        assert 0 <= float(text.attrib["y"]) <= HEIGHT
    classes = [path.attrib["class"] for path in root.iter(f"{SVG}path")]
    assert {"cumulative", "pace", "goal", "grid", "month"} == set(classes)


def test_a_change_of_the_goal_is_marked_on_its_day_and_the_goal_begins_there() -> None:
    changes = (GoalChange(dt.date(2023, 5, 20), Fraction(40000)), GoalChange(JUNE, Fraction(48000)))
    svg = draw(replace(curve(1), goal_changes=changes), CAPTIONS, 1)
    root = ElementTree.fromstring(svg)  # noqa: S314 (ours)
    at = [float(path.attrib["d"][1:].partition(" ")[0]) for path in root.iter("path") if "goal" in path.attrib["class"]]
    assert at == [222.8, 156.7, 222.8]
    labels = {text.text: text.attrib for text in root.iter("text") if "goal" in str(text.text)}
    assert list(labels) == ["<goal 40000>", "<goal 48000>"]
    assert [(label["x"], label["text-anchor"]) for label in labels.values()] == [("160.7", "start"), ("218.8", "end")]
    assert len({label["y"] for label in labels.values()}) == 2


def test_a_goal_far_away_is_not_drawn() -> None:
    assert 'class="goal"' not in draw(curve(7), CAPTIONS, 1)
    assert goal_side(100, [10, 20]) == "above"
    assert goal_side(10, [100, 120]) == "below"
    assert goal_side(24, [10, 20]) == ""


def test_months_are_marked_at_their_first_days() -> None:
    assert month_starts(dt.date(2022, 11, 30), dt.date(2023, 2, 1)) == [
        dt.date(2022, 12, 1),
        dt.date(2023, 1, 1),
        dt.date(2023, 2, 1),
    ]


def test_a_scale_maps_its_ends() -> None:
    scale = Scale(0, 10, 200, 100)
    assert (scale.at(0), scale.at(10), scale.at(2.5)) == (200, 100, 175)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9), st.sampled_from([1.0, 0.001]))
def test_ticks_enclose_the_figures_evenly_and_are_few(low: float, span: float, least: float) -> None:
    found = ticks(low, low + span, least)
    tolerance = 1e-6 * max(1, abs(low) + span)
    assert found[0] <= low + tolerance
    assert found[-1] >= low + span - tolerance
    assert 2 <= len(found) <= 7
    steps = [after - before for before, after in itertools.pairwise(found)]
    assert min(steps) >= least - tolerance
    assert max(steps) - min(steps) <= tolerance
