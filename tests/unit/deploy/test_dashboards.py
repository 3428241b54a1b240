"""Conventions of the dashboards, which make them readable in the first week and movable to any Grafana."""

import json
import re
from itertools import combinations
from typing import Any

import pytest
import yaml

from tests.support.dashboards import FOLDER, dashboards, panels, queries

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
EVERY = [pytest.param(dashboard, id=name) for name, dashboard in dashboards().items()]


def test_there_are_three_and_their_names_are_their_own() -> None:
    found = dashboards()
    assert set(found) == {"province", "unit", "pipeline"}
    assert {each["uid"] for each in found.values()} == {f"pulse-{name}" for name in found}
    assert len({each["title"] for each in found.values()}) == len(found)


@pytest.mark.parametrize("dashboard", EVERY)
def test_the_data_source_is_a_variable_everywhere(dashboard: dict[str, Any]) -> None:
    assert dashboard["templating"]["list"][0]["name"] == "datasource"
    for panel in panels(dashboard):
        assert panel["datasource"] == DATASOURCE, panel["title"]
        assert all(target["datasource"] == DATASOURCE for target in panel["targets"]), panel["title"]


@pytest.mark.parametrize("dashboard", EVERY)
def test_every_panel_says_what_it_shows_and_in_what_unit(dashboard: dict[str, Any]) -> None:
    assert dashboard["description"]
    for panel in panels(dashboard):
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]


@pytest.mark.parametrize("dashboard", EVERY)
def test_identifiers_are_unique_and_nothing_overlaps(dashboard: dict[str, Any]) -> None:
    identifiers = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(identifiers)) == len(identifiers)
    places = [(panel["title"], panel["gridPos"]) for panel in dashboard["panels"]]
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= 24 for _, place in places)
    for (one, a), (other, b) in combinations(places, 2):
        apart = (
            a["x"] + a["w"] <= b["x"]
            or b["x"] + b["w"] <= a["x"]
            or a["y"] + a["h"] <= b["y"]
            or b["y"] + b["h"] <= a["y"]
        )
        assert apart, f"{one} lies on {other}"


def test_rates_follow_the_scrape_interval_and_name_no_instance() -> None:
    for query in queries():
        ranges = re.findall(r"\b(?:rate|irate)\([^\[]*\[([^\]]*)\]", query.expression)
        assert set(ranges) <= {"$__rate_interval"}, query.where
        assert "instance=" not in query.expression.replace(" ", ""), query.where


def test_no_address_is_written_into_a_dashboard() -> None:
    assert not re.search(r"https?://", json.dumps(dashboards()))


def test_provisioning_finds_the_dashboards_and_the_data_source() -> None:
    provider = yaml.safe_load((FOLDER / "provisioning" / "dashboards" / "pulse5299.yml").read_text())
    source = yaml.safe_load((FOLDER / "provisioning" / "datasources" / "prometheus.yml").read_text())
    compose = yaml.safe_load((FOLDER.parents[1] / "docker-compose.yml").read_text())
    folder = provider["providers"][0]["options"]["path"]
    assert f"./deploy/grafana/dashboards:{folder}:ro" in compose["services"]["grafana"]["volumes"]
    assert source["datasources"][0]["type"] == DATASOURCE["type"]
    assert source["datasources"][0]["url"].removeprefix("http://").split(":")[0] in compose["services"]
