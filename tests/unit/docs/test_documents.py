"""The documents made from the code are current, valid and complete."""

import importlib
import json
import pkgutil
import re
from collections.abc import Callable, Iterator

import pytest
from openapi_spec_validator import validate
from pydantic_settings import BaseSettings

import services
from services.cli.documents import DOCUMENTS, variable_of
from shared.contracts.ingest import Code
from shared.runtime.settings import ROOT

SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "make"), DOCUMENTS.items())
def test_a_committed_document_is_current(name: str, make: Callable[[], str]) -> None:
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert committed == make(), "run `make documents`"


def test_the_openapi_document_of_ingest_is_valid_and_has_every_code() -> None:
    document = json.loads((ROOT / "docs" / "openapi-ingest.json").read_text())
    validate(document)
    assert document["openapi"].startswith("3.1")
    answers = document["paths"]["/v1/events"]["post"]["responses"]
    assert answers.keys() == {"202", "204", "400", "401", "403", "408", "413", "415", "422", "429", "503"}
    assert document["components"]["schemas"]["Code"]["enum"] == list(Code)


@pytest.mark.parametrize("service", ["ingest", "metrics", "notifier"])
def test_every_service_has_a_valid_openapi_and_says_its_streams(service: str) -> None:
    document = json.loads((ROOT / "docs" / f"openapi-{service}.json").read_text())
    validate(document)
    assert document["openapi"].startswith("3.1")
    streams = json.loads((ROOT / "docs" / f"asyncapi-{service}.json").read_text())
    assert streams["asyncapi"] == "3.0.0"
    assert streams["channels"]


def settings_classes(kind: type[BaseSettings] = BaseSettings) -> Iterator[type[BaseSettings]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith(("services.", "shared.")):
            yield below
        yield from settings_classes(below)


def test_no_setting_is_missing() -> None:
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if module.name.endswith((".settings", ".workplace")):
            importlib.import_module(module.name)
    variables = {variable_of(kind, name) for kind in settings_classes() for name in kind.model_fields}
    assert len(variables) > 20
    assert {variable for variable in variables if f"| `{variable}` |" not in SETTINGS} == set()


def test_no_variable_that_the_code_names_is_missing() -> None:
    code = "".join(path.read_text() for top in ("services", "shared") for path in (ROOT / top).rglob("*.py"))
    named = set(re.findall(r"\bPULSE_[A-Z0-9_]*[A-Z0-9]\b", code))
    assert "PULSE_KEYS_FILE" in named
    assert {variable for variable in named if f"`{variable}`" not in SETTINGS} == set()


def test_every_setting_says_what_it_means_and_none_shows_this_machine() -> None:
    rows = [line for line in SETTINGS.splitlines() if line.startswith("| `")]
    assert len(rows) > 20
    assert all(re.fullmatch(r"\| `PULSE_[A-Z0-9_]+` \| (`.+`|none|\*required\*) \| \S.+\. \|", row) for row in rows)
    assert str(ROOT) not in SETTINGS
