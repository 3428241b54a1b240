"""The rules of deploy/prometheus: Prometheus's own tool checks and tests them, and every alert has its runbook."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.programs import require_program

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "prometheus"
RUNBOOKS = ROOT / "docs" / "runbooks"
HEADINGS = ["## What it means", "## What to look at", "## What to do"]


def alerts() -> dict[str, dict[str, Any]]:
    content = yaml.safe_load((FOLDER / "alerting.rules.yml").read_text())
    return {rule["alert"]: rule for group in content["groups"] for rule in group["rules"]}


def cases() -> list[tuple[str, bool]]:
    """Every alert a test case names, and whether the case expects it to fire."""
    files = [yaml.safe_load(path.read_text()) for path in (FOLDER / "tests").glob("*.yml")]
    return [
        (check["alertname"], bool(check["exp_alerts"]))
        for file in files
        for case in file["tests"]
        for check in case.get("alert_rule_test", [])
    ]


def promtool(*arguments: str, folder: Path = FOLDER) -> tuple[int, str]:
    command = [require_program("promtool"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "--lint=all", "--lint-fatal", "recording.rules.yml", "alerting.rules.yml"),
    ],
    ids=lambda arguments: arguments[1],
)
def test_promtool_finds_nothing(arguments: tuple[str, ...]) -> None:
    code, said = promtool(*arguments)
    assert code == 0, said


def test_the_rules_do_what_their_tests_say() -> None:
    files = sorted(path.name for path in (FOLDER / "tests").glob("*.yml"))
    code, said = promtool("test", "rules", *files, folder=FOLDER / "tests")
    assert code == 0, said


def test_every_alert_is_seen_to_fire_and_not_to_fire() -> None:
    for alert in alerts():
        assert {fires for name, fires in cases() if name == alert} == {True, False}, alert


def test_every_alert_has_a_severity_a_summary_and_its_page() -> None:
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}, name
        assert rule["annotations"]["summary"], name
        assert rule["annotations"]["description"], name
        page = ROOT / rule["annotations"]["runbook_url"]
        lines = page.read_text(encoding="utf-8").splitlines()
        assert lines[0] == f"# {name}"
        assert [line for line in lines if line.startswith("## ")] == HEADINGS


def test_every_page_belongs_to_an_alert() -> None:
    used = {ROOT / rule["annotations"]["runbook_url"] for rule in alerts().values()}
    assert set(RUNBOOKS.glob("*.md")) == used


def test_the_operators_page_lists_every_alert_with_its_severity_and_page() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    for name, rule in alerts().items():
        runbook = rule["annotations"]["runbook_url"].removeprefix("docs/")
        assert f"| {name} | {rule['labels']['severity']} | [" in page
        assert f"]({runbook}) |" in page
