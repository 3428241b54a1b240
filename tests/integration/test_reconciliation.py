"""Reported beside verified through the real API, compared with plain counting of the events that were sent."""

import datetime as dt
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.runtime.settings import ROOT
from tests.support.load import UNITS, Upstream
from tests.support.processes import Service, System
from tests.support.recount import KINDS, PREFIX, ROLES, Counts, recount, standing
from tests.support.waiting import wait_until

MONTH = "2023-06"
SINCE, UNTIL = dt.date(2023, 6, 1), dt.date(2023, 6, 30)
COUNT_TARGETS = {1: "member_accounts", 2: "resident_accounts", 5: "supported_dossiers", 6: "articles", 7: "households"}


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, Upstream]]:
    """A system that has counted 3,000 events of both sources about 300 entities of each kind."""
    with System(tmp_path_factory.mktemp("reconciliation")) as system:
        system.start()
        upstream = Upstream(system.ingest, seed=5299, subjects=300)
        for _ in range(10):
            upstream.send(upstream.batch(300))
        wait_until(lambda: system.metrics.get("/v1/positions")["waiting"] == 0, "everything is counted")
        yield system, upstream


def in_month(counts: Counts, prefix: str, measure: str, unit: str) -> int:
    return sum(
        count
        for (role, counted, of, day), count in counts.items()
        if (role, counted, of) == (prefix, measure, unit) and SINCE <= day <= UNTIL
    )


def test_every_row_is_what_plain_counting_gives(fed: tuple[System, Upstream]) -> None:
    system, upstream = fed
    counts = recount(upstream.acknowledged)
    answer = system.metrics.get("/v1/reconciliation", month=MONTH)
    assert (answer["since"], answer["until"]) == (str(SINCE), str(UNTIL))
    rows = {(row["unit"], row["target"]): row for row in answer["rows"] if row["part"] == "count"}
    assert any(row["matched"] for row in rows.values())
    for unit in UNITS:
        for target, measure in COUNT_TARGETS.items():
            row = rows[unit, target]
            reported, verified = (in_month(counts, role, measure, unit) for role in ("reporting", "record"))
            matched = in_month(counts, "matched", measure, unit)
            assert (row["reported"], row["verified"], row["matched"]) == (reported, verified, matched)
            assert row["only_reported"] == reported - matched
            assert row["only_record"] == verified - in_month(counts, "matched-record", measure, unit)
            assert row["factor"] == (verified / reported if reported > 0 else None)
            assert row["marked"] == (not 0.9 <= verified / reported <= 1.1 if reported > 0 else verified != 0)


def test_unmatched_entities_are_those_only_one_source_speaks_of(fed: tuple[System, Upstream]) -> None:
    system, upstream = fed
    history: dict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
    for event in upstream.acknowledged:
        if event["type"].removeprefix(PREFIX) in KINDS["household"]:
            history[ROLES[event["source"]], event["subject"]].append(event)
    expected = 0
    for (role, subject), events in history.items():
        ours, theirs = (standing("household", found) for found in (events, history.get(("record", subject), [])))
        day = ours.get(("households", "an-nhon"))
        in_june = role == "reporting" and day is not None and SINCE <= day <= UNTIL
        expected += in_june and ("households", "an-nhon") not in theirs
    answer = system.metrics.get("/v1/reconciliation/unmatched", month=MONTH, unit="an-nhon", target="7")
    assert len(answer["rows"]) == expected > 0
    assert answer["complete"]
    assert all(len(row["entity"]) == 32 for row in answer["rows"])
    assert "entity-" not in str(answer)


def test_the_catalogue_says_which_role_a_target_counts(fed: tuple[System, Upstream], tmp_path: Path) -> None:
    system, upstream = fed
    catalogue = tmp_path / "catalogue"
    shutil.copytree(ROOT / "deploy" / "catalogue", catalogue)
    targets = (catalogue / "targets.toml").read_text(encoding="utf-8")
    switched = targets.replace('measures = ["households"]', 'measures = ["households"]\nrole = "record"')
    (catalogue / "targets.toml").write_text(switched, encoding="utf-8")
    other = system.service("metrics", catalogue=str(catalogue))
    other.start()
    other.wait_ready()
    counts = recount(upstream.acknowledged)
    assert _households(system.metrics) == _all(counts, "reporting", "households")
    assert _households(other) == _all(counts, "record", "households")
    other.stop()


def test_a_month_that_is_none_is_a_clear_problem(fed: tuple[System, Upstream]) -> None:
    system, _ = fed
    response = system.metrics.client.get("/v1/reconciliation", params={"month": "June"})
    assert response.status_code == 422
    assert "2023-06" in response.json()["detail"]


def _households(metrics: Service) -> int:
    rows = metrics.get("/v1/province", as_of="2030-01-01")["rows"]
    achieved: int = next(row["achieved"] for row in rows if row["target"] == 7)
    return achieved


def _all(counts: Counts, role: str, measure: str) -> int:
    return sum(count for (known, counted, _, _), count in counts.items() if (known, counted) == (role, measure))
