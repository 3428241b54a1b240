"""Exporter: business figures as Prometheus gauges, units x targets and no more."""

import contextlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from services.metrics.queries import Queries
from shared.contracts.metrics import ContestedResponse, Progress, Reconciliation, ReconciliationRow
from shared.domain.catalogue import Catalogue
from shared.domain.months import Month
from shared.runtime.store import REDIS_ERRORS

LABELS = ["unit", "target"]

PROGRESS = {
    "achieved": "Achieved so far: things counted, or a ratio between 0 and 1.",
    "goal": "The goal in force, in the unit of pulse_achieved.",
    "numerator": "Numerator of a ratio target.",
    "denominator": "Denominator of a ratio target.",
}

RECONCILED = {
    "reported": "Counted this month as the reporting source has it; the numerator of a ratio target.",
    "verified": "Counted this month as the system of record has it.",
    "matched": "Reported this month, and in the record too.",
}


class ScrapedFigures(NamedTuple):
    """What one scrape shows: today's progress, this month's reconciliation where there is one, and contests."""

    progress: Progress
    reconciliation: Reconciliation | None
    contested: ContestedResponse


class LatestScrape:
    """The figures of the last scrape; while Redis is away a scrape shows them again, beside redis_up 0."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self.figures: ScrapedFigures | None = None

    async def refresh(self) -> None:
        with contextlib.suppress(*REDIS_ERRORS):
            progress = await self._queries.progress(None)
            month = str(Month.of(progress.as_of))
            reconciled = await self._queries.reconciliation(month, None, None) if self._queries.has_record else None
            self.figures = ScrapedFigures(progress, reconciled, await self._queries.contested())


class BusinessMetricsCollector(Collector):
    """Collects today's figures; `current` returns them, None before they are first known."""

    def __init__(self, catalogue: Catalogue, current: Callable[[], ScrapedFigures | None]) -> None:
        self._catalogue = catalogue
        self._current = current

    def collect(self) -> Iterable[Metric]:
        figures = self._current()
        if figures is None:
            return
        progress = figures.progress
        for name, text in PROGRESS.items():
            family = GaugeMetricFamily(f"pulse_{name}", text, labels=LABELS)
            for row in progress.rows:
                value = getattr(row, name)
                if value is not None:
                    family.add_metric([row.unit, str(row.target)], value)
            yield family
        if figures.reconciliation is not None:
            present = {row.unit for row in progress.rows}
            yield from _reconciled(row for row in figures.reconciliation.rows if row.unit in present)
        yield _contested(figures.contested)
        yield self._units(progress)
        yield self._targets(progress)

    def _units(self, progress: Progress) -> Metric:
        family = InfoMetricFamily("pulse_unit", "Names of the units.", labels=["unit"])
        for code in dict.fromkeys(row.unit for row in progress.rows):
            unit = self._catalogue.unit_by_code.get(code)
            project = self._catalogue.project
            names = (unit.name_vi, unit.name_en) if unit else (project.province_vi, project.province_en)
            family.add_metric([code], {"name_vi": names[0], "name_en": names[1]})
        return family

    def _targets(self, progress: Progress) -> Metric:
        family = InfoMetricFamily("pulse_target", "Names of the targets.", labels=["target"])
        for number in dict.fromkeys(row.target for row in progress.rows):
            target = self._catalogue.target_by_number[number]
            names = {"name_vi": target.short_vi or target.name_vi, "name_en": target.short_en or target.name_en}
            family.add_metric([str(number)], names)
        return family


def _reconciled(rows: Iterable[ReconciliationRow]) -> Iterable[Metric]:
    counted = [row for row in rows if row.part != "denominator"]
    for name, text in RECONCILED.items():
        family = GaugeMetricFamily(f"pulse_{name}", text, labels=LABELS)
        for row in counted:
            family.add_metric([row.unit, str(row.target)], getattr(row, name))
        yield family


def _contested(contested: ContestedResponse) -> Metric:
    text = "Entities that a key limited to some units moved or ended, and another key had begun."
    family = GaugeMetricFamily("pulse_contested_entities", text, labels=["unit", "kind", "role"])
    for row in contested.rows:
        family.add_metric([row.unit, row.kind, row.role], row.entities)
    return family
