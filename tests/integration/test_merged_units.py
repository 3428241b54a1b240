"""Ingest and metrics on a real Valkey with a catalogue in which districts vanish, merge and get new goals."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.cli.options import ask_metrics
from services.reports.snapshots import provisional_snapshot
from shared.domain.catalogue import PROVINCE
from tests.support.board_system import start_board
from tests.support.load import HEADERS
from tests.support.merged_catalogue import MERGED, merged, write_merged
from tests.support.processes import System
from tests.support.waiting import wait_until

ARTICLES = {
    "2025-04-20": {"an-lao": 2, "hoai-an": 1, "van-canh": 1, "tuy-phuoc": 2},
    "2025-05-20": {"an-lao": 3, "hoai-an": 4, "tuy-phuoc": 1},
    "2025-06-20": {"an-lao": 5, "hoai-an": 5, "van-canh": 2, "quy-nhon": 3},
    "2025-07-10": {"an-hoa": 6, "van-canh": 4},
    "2025-07-20": {"an-hoa": 4, "tuy-phuoc": 3},
    "2025-10-05": {"north": 7},
}
"""Day -> unit -> how many articles it published."""


def article(number: int, unit: str, day: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"article-{number}",
        "source": "urn:dean5299:reporting",
        "type": "vn.gov.binhdinh.dean5299.article.published",
        "subject": f"https://example.vn/{number}",
        "time": f"{day}T09:00:00+07:00",
        "data": {"unit": unit},
    }


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Started, with every article sent and counted."""
    folder: Path = tmp_path_factory.mktemp("merged")
    with System(folder, catalogue=str(write_merged(folder))) as started:
        started.start()
        units = [(unit, day) for day, counts in ARTICLES.items() for unit, n in counts.items() for _ in range(n)]
        events = [article(number, unit, day) for number, (unit, day) in enumerate(units)]
        answer = started.ingest.client.post("/v1/events", json=events, headers=HEADERS)
        assert answer.json() == {"accepted": len(events), "rejected": []}
        wait_until(lambda: articles(started, "2026-01-01")[PROVINCE]["achieved"] == len(events), "all is counted")
        yield started


def articles(system: System, as_of: str) -> dict[str, dict[str, Any]]:
    rows = system.metrics.get("/v1/progress", as_of=as_of)["rows"]
    return {row["unit"]: row for row in rows if row["target"] == 6}


def test_progress_before_at_and_after(system: System) -> None:
    eve, at, august, now = (articles(system, f"2025-{day}") for day in ("06-30", "07-01", "08-01", "10-06"))
    assert [eve[unit]["achieved"] for unit in ("an-lao", "hoai-an")] == [10, 10]
    assert [(at["an-hoa"][name]) for name in ("achieved", "increase", "previous_increase", "growth")] == [20, 10, 7, 1]
    assert "an-lao" not in at
    assert "an-hoa" not in eve
    assert (august["an-hoa"]["achieved"], august["an-hoa"]["increase"]) == (30, 10)
    assert (august["tuy-phuoc"]["achieved"], august["tuy-phuoc"]["increase"]) == (13, 7)
    assert (now["north"]["achieved"], now["north"]["goal"], now["cluster"]["achieved"]) == (37, 3000, 40)
    for rows, total in ((eve, 29), (at, 29), (august, 46), (now, 53)):
        units = [row["achieved"] for code, row in rows.items() if code not in (PROVINCE, "cluster")]
        assert sum(units) == rows[PROVINCE]["achieved"] == total


def test_the_curve_of_a_successor_has_no_step_and_ends_where_progress_stands(system: System) -> None:
    asked = {"target": "6", "unit": "an-hoa", "from": "2025-06-15", "to": "2025-07-31"}
    days = {row["day"]: row for row in system.metrics.get("/v1/daily", **asked)["rows"]}
    assert (days["2025-06-20"]["count"], days["2025-06-30"]["count_total"]) == (10, 20)
    assert days["2025-07-31"]["count_total"] == articles(system, "2025-08-01")["an-hoa"]["achieved"]
    gone = system.metrics.get("/v1/daily", **(asked | {"unit": "an-lao"}))["rows"]
    assert gone[-1]["count_total"] == 10


def test_a_month_is_reconciled_for_the_units_of_its_last_day(system: System) -> None:
    def reported(month: str) -> dict[str, int]:
        rows = system.metrics.get("/v1/reconciliation", month=month, target="6")["rows"]
        return {row["unit"]: row["reported"] for row in rows}

    june, july = reported("2025-06"), reported("2025-07")
    assert (june["an-lao"], june["hoai-an"], june[PROVINCE]) == (5, 5, 15)
    assert (july["an-hoa"], july["tuy-phuoc"], july[PROVINCE]) == (10, 7, 17)
    assert "an-hoa" not in june
    assert not {"an-lao", "van-canh"} & july.keys()


def test_daily_tells_when_the_goal_changed(system: System) -> None:
    asked = {"unit": "quy-nhon", "from": "2025-06-01", "to": "2025-08-01"}
    posted = system.metrics.get("/v1/daily", target="1", **asked)
    assert posted["goal_changes"] == [{"day": "2025-08-01", "goal": 7000}]
    assert system.metrics.get("/v1/daily", target="2", **asked)["goal_changes"] == []
    board = start_board(system, "http://127.0.0.1:9")
    state = {"as_of": "2025-08-15", "lang": "en", "target": "1"}
    page = board.client.get("/units/quy-nhon", params=state).text
    assert 'class="goal-change"' in page
    assert "Goal from 1 Aug: 7,000" in page


def test_only_units_of_today_have_series(system: System) -> None:
    lines = system.metrics.client.get("/metrics").text.splitlines()
    units = {line.split('unit="')[1].partition('"')[0] for line in lines if line.startswith("pulse_achieved{")}
    assert {"north", "tuy-phuoc", "cluster", PROVINCE} <= units
    assert not {"an-lao", "hoai-an", "van-canh", "an-hoa"} & units
    named = {line.split('unit="')[1].partition('"')[0] for line in lines if line.startswith("pulse_unit_info{")}
    assert named == units


def test_an_event_after_the_merge_names_the_successor_and_a_late_one_is_taken(system: System) -> None:
    events = [article(900, "an-lao", "2025-07-01"), article(0, "an-lao", "2025-04-20")]
    answer = system.ingest.client.post("/v1/events", json=events, headers=HEADERS).json()
    assert answer["accepted"] == 1
    [refused] = answer["rejected"]
    assert (refused["id"], refused["code"]) == ("article-900", "unit_not_valid")
    assert "'an-hoa', which took over" in refused["detail"]


def test_a_snapshot_speaks_of_the_units_of_its_day(system: System) -> None:
    snapshot = ask_metrics(system.metrics.url, lambda metrics: provisional_snapshot(metrics, merged(), MERGED))
    assert snapshot.value("t6.an-hoa.achieved") == 20
    assert snapshot.value("m.articles.an-lao.now") == 10
    assert {row.unit for row in snapshot.rows} == {unit.code for unit in merged().units_on(MERGED)} | {PROVINCE}


def test_the_catalogue_says_when_units_are_valid(system: System) -> None:
    units = {unit["code"]: unit for unit in system.metrics.get("/v1/catalogue")["units"]}
    assert (units["an-lao"]["valid_until"], units["an-lao"]["parent"]) == ("2025-07-01", "an-hoa")
    assert (units["north"]["valid_from"], units["cluster"]["group"]) == ("2025-10-01", True)
