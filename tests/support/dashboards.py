"""The Grafana dashboards of deploy/grafana as the tests read them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana"
VARIABLE = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True)
class Query:
    """One PromQL expression and where it is used."""

    where: str
    expression: str

    def filled(self, variables: dict[str, str]) -> str:
        """The expression as Grafana would send it; KeyError for a variable that has no value."""
        return VARIABLE.sub(lambda found: variables[found[1]], self.expression)


def dashboards() -> dict[str, dict[str, Any]]:
    """File name -> dashboard."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("dashboards/*"))}


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every panel but the rows."""
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def queries() -> Iterator[Query]:
    """Every query of every panel."""
    for name, dashboard in dashboards().items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield Query(f"{name}: {panel['title']} {target['refId']}", target["expr"])


def variable_queries() -> Iterator[Query]:
    """What fills the choice of every query variable, as the PromQL behind `label_values(SERIES, LABEL)`."""
    for name, dashboard in dashboards().items():
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                found = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
                assert found, f"{name}: {variable['name']}"
                yield Query(f"{name}: ${variable['name']}", f"group by ({found[2]}) ({found[1]})")
