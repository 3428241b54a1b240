"""Questions go left: no service is given the address of one to its right, in the compose file or in its settings."""

from typing import Any

import yaml
from pydantic_settings import BaseSettings

from services.board.settings import BoardSettings
from services.ingest.settings import IngestSettings
from services.metrics.settings import MetricsSettings
from services.notifier.settings import NotifierSettings
from shared.runtime.settings import ROOT

ORDER = ("ingest", "metrics", "notifier", "board")
SETTINGS: dict[str, type[BaseSettings]] = {
    "ingest": IngestSettings,
    "metrics": MetricsSettings,
    "notifier": NotifierSettings,
    "board": BoardSettings,
}
PRINTED = {("notifier", "board")}
"""The notifier prints the board's address in mails and never asks it."""


def to_the_right(service: str) -> set[str]:
    return {other for other in ORDER[ORDER.index(service) + 1 :] if (service, other) not in PRINTED}


def test_no_setting_names_a_service_to_the_right() -> None:
    for service, settings in SETTINGS.items():
        known = {name.removesuffix("_url") for name in settings.model_fields if name.endswith("_url")}
        assert not known & to_the_right(service), service


def test_the_compose_file_gives_no_address_to_the_right() -> None:
    compose: Any = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    for service in ORDER:
        environment = compose["services"][service]["environment"]
        for other in to_the_right(service):
            values = [str(value) for value in environment.values()]
            assert not [value for value in values if f"//{other}:" in value], service
            assert f"PULSE_{other.upper()}_URL" not in environment, service


def test_every_service_is_in_the_compose_file_and_scraped() -> None:
    compose: Any = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    prometheus: Any = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    assert set(ORDER) <= compose["services"].keys()
    assert {f"pulse-{service}" for service in ORDER} <= {job["job_name"] for job in prometheus["scrape_configs"]}
