"""Every query of every dashboard, as Grafana sends it, on a Prometheus that scraped the real services."""

import pytest

from tests.support.dashboards import Query, queries, variable_queries
from tests.support.prometheus_system import Observed
from tests.support.waiting import wait_until

LOOK_BACK = 300
"""Seconds in which a query must have had data: some are quiet again once the feed is over."""


@pytest.fixture(scope="module")
def variables(observed: Observed) -> dict[str, str]:
    """What Grafana would put in: a unit that has a flag, and four scrapes as the rate's interval."""
    [flagged, *_] = observed.prometheus.query('pulse_flag{unit!="province"}')
    return {"unit": flagged["metric"]["unit"], "__rate_interval": "4s"}


@pytest.mark.parametrize("query", [pytest.param(query, id=query.where) for query in queries()])
def test_a_panel_has_data(observed: Observed, variables: dict[str, str], query: Query) -> None:
    assert observed.prometheus.numbers_within(query.filled(variables), LOOK_BACK)


@pytest.mark.parametrize("query", [pytest.param(query, id=query.where) for query in variable_queries()])
def test_a_variable_has_choices(observed: Observed, variables: dict[str, str], query: Query) -> None:
    assert len(observed.prometheus.query(query.filled(variables))) > 1


def test_a_panel_without_data_would_be_noticed(observed: Observed) -> None:
    assert not observed.prometheus.numbers_within('pulse_achieved{unit="nowhere"}', LOOK_BACK)


def test_rules_are_evaluated_without_an_error(observed: Observed) -> None:
    groups = observed.prometheus.get("/api/v1/rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > 20
    assert {rule["name"]: rule.get("lastError") for rule in rules if rule["health"] != "ok"} == {}


def test_the_alerts_that_stand_are_those_there_is_cause_for(observed: Observed) -> None:
    def standing() -> set[str]:
        return {alert["labels"]["alertname"] for alert in observed.prometheus.get("/api/v1/alerts")["alerts"]}

    expected = {"PulseFlagRaised", "PulseIngestDeadLetters"}
    wait_until(lambda: standing() == expected, f"only {expected} stand")
