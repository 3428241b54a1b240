"""What the running services expose: promtool has no complaint, and no more series than units and targets."""

import csv
import datetime as dt
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from services.metrics.exporter import BusinessMetricsCollector, ScrapedFigures
from shared.contracts.metrics import ContestedResponse, Progress
from shared.domain.catalogue import Catalogue, load_catalogue
from shared.domain.figures import progress_rows
from tests.support.programs import require_program
from tests.support.prometheus_system import Observed

ROOT = Path(__file__).parents[2]
FIGURES = ("pulse_achieved", "pulse_goal", "pulse_numerator", "pulse_denominator")
LABELS = {
    "unit",
    "target",
    "kind",
    "stream",
    "code",
    "status",
    "reason",
    "role",
    "channel",
    "outcome",
    "le",
    "name_vi",
    "name_en",
}
TODAY = dt.date(2025, 7, 1)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "deploy" / "catalogue")


def exposition(observed: Observed, service: str) -> str:
    return observed.services[service].client.get("/metrics").text


@pytest.mark.parametrize("service", ["ingest", "metrics", "notifier", "board"])
def test_promtool_is_silent(observed: Observed, service: str) -> None:
    command = [require_program("promtool"), "check", "metrics"]
    text = exposition(observed, service)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_figures_are_units_and_targets_and_no_more(observed: Observed, catalogue: Catalogue) -> None:
    units = {unit.code for unit in catalogue.units_on(observed.today)} | {"province"}
    pairs = {(unit, str(number)) for unit in units for number in catalogue.target_by_number}
    ratios = {(unit, str(target.number)) for unit in units for target in catalogue.targets if target.is_ratio}
    found = {name: set[tuple[str, str]]() for name in FIGURES}
    for family in text_string_to_metric_families(exposition(observed, "metrics")):
        for sample in family.samples:
            if sample.name in found:
                assert sample.labels.keys() == {"unit", "target"}
                found[sample.name].add((sample.labels["unit"], sample.labels["target"]))
    assert found["pulse_achieved"] == pairs
    assert found["pulse_goal"] <= pairs
    assert found["pulse_numerator"] == found["pulse_denominator"] == ratios


@pytest.mark.parametrize("service", ["ingest", "metrics", "notifier", "board"])
def test_labels_are_the_known_few(observed: Observed, service: str) -> None:
    for family in text_string_to_metric_families(exposition(observed, service)):
        for sample in family.samples:
            assert sample.labels.keys() <= LABELS, sample


def test_no_subject_is_exposed(observed: Observed) -> None:
    texts = "".join(exposition(observed, service) for service in observed.services)
    with (ROOT / "data" / "notice-434" / "units.csv").open(encoding="utf-8") as file:
        assert all(row["unit"] in texts for row in csv.DictReader(file))
    assert "nowhere" not in texts


NOTHING_CONTESTED = ContestedResponse(rows=[])


def units_exposed(catalogue: Catalogue, metric_names: Iterable[str]) -> set[str]:
    rows = progress_rows(catalogue, TODAY, {}, {}, {})
    progress = Progress(as_of=TODAY, previous=dt.date(2025, 6, 1), rows=rows)
    registry = CollectorRegistry()
    registry.register(BusinessMetricsCollector(catalogue, lambda: ScrapedFigures(progress, None, NOTHING_CONTESTED)))
    samples = [sample for family in registry.collect() for sample in family.samples]
    return {sample.labels["unit"] for sample in samples if sample.name in metric_names}


@pytest.mark.parametrize("names", [FIGURES, ("pulse_unit_info",)], ids=["figures", "names"])
def test_a_unit_that_leaves_the_catalogue_or_is_over_leaves_the_series(
    catalogue: Catalogue, names: tuple[str, ...]
) -> None:
    left, over, *others = catalogue.units
    ended = over.model_copy(update={"valid_until": TODAY})
    smaller = catalogue.model_copy(update={"units": (ended, *others)})
    before, after = units_exposed(catalogue, names), units_exposed(smaller, names)
    assert {left.code, over.code} <= before
    assert before - after == {left.code, over.code}
