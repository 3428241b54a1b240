"""The first command a user gives: the whole system on one machine, with Notice 434's figures to the last unit."""

import csv
import json
import os
import re
import signal
import stat
import time
from pathlib import Path

import httpx
import pytest

from tests.support.launcher import Launch, alive, read_until
from tests.support.waiting import wait_until

FIGURES = Path(__file__).parents[2] / "data" / "notice-434" / "cumulative.csv"
DATES = ("2023-05-01", "2023-06-01", "2023-07-01")
EVENTS = 225_486
PROVINCE_FIGURES = ("49,795", "40,676", "61.6 %", "29,440/90,471", "10,594/32,580", "24,938", "801", "47,256")


def test_what_it_says_once_everything_is_there(fed: tuple[Launch, str]) -> None:
    _, output = fed
    assert all(figure in output for figure in PROVINCE_FIGURES), output
    assert f"{EVENTS:,} of {EVENTS:,}" in output
    assert len(re.findall(r"^\d+ flags: \d+ lag, \d+ surge, \d+ province-wide$", output, re.MULTILINE)) == 1
    assert len(re.findall("^[▼▲] ", output, re.MULTILINE)) == 5
    assert "Board  " in output


def test_every_row_of_the_notice_is_there_at_every_date(running: Launch) -> None:
    with FIGURES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for date in DATES:
        answer = httpx.get(f"{running.metrics}/v1/measures", params={"as_of": date}).json()
        assert answer["role"] == "reporting"
        counted = {(row["measure"], row["unit"]): row["value"] for row in answer["rows"]}
        expected = {(row["measure"], row["unit"]): int(row[f"as_of_{date.replace('-', '_')}"]) for row in rows}
        assert counted == expected


def test_growth_of_units_is_the_notices(running: Launch) -> None:
    answer = httpx.get(f"{running.metrics}/v1/progress", params={"as_of": "2023-07-01"}).json()
    assert answer["previous"] == "2023-06-01"
    rows = {(row["unit"], row["target"]): row for row in answer["rows"]}
    growths = {
        ("businesses", 1): 278,
        ("technology-college", 1): 85,
        ("quy-nhon-university", 1): 75,
        ("tay-son", 1): 120,
        ("an-nhon", 1): 202,
        ("technology-college", 2): 133,
        ("tay-son", 2): 171,
        ("an-nhon", 2): 347,
        ("van-canh", 5): 168,
        ("an-nhon", 5): 172,
    }
    assert {pair: round(rows[pair]["growth"] * 100) for pair in growths} == growths
    assert rows["province", 2]["attainment"] == 40_676 / 66_000
    assert (rows["province", 3]["numerator"], rows["province", 3]["denominator"]) == (29_440, 90_471)


def test_the_key_is_for_its_owner_alone(running: Launch) -> None:
    assert stat.S_IMODE((running.var / "dev-key").stat().st_mode) == 0o600


def test_a_process_that_dies_is_started_again(running: Launch) -> None:
    pid = running.pids()["metrics"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: running.pids().get("metrics", pid) != pid)
    wait_until(lambda: _ready(f"{running.metrics}/readyz"))
    answer = httpx.get(f"{running.metrics}/v1/province", params={"as_of": "2023-07-01"}).json()
    assert answer["rows"][0]["achieved"] == 49_795


def test_a_second_launcher_on_the_same_folder_is_told_so(running: Launch) -> None:
    code, output = running.run("--once", timeout=30)
    assert code == 2
    assert "--var" in output
    assert "Traceback" not in output


def test_a_taken_port_is_a_clear_error(running: Launch, tmp_path: Path) -> None:
    other = Launch(tmp_path / "var")
    other.environment["PULSE_METRICS_PORT"] = running.environment["PULSE_METRICS_PORT"]
    code, output = other.run("--once", timeout=30)
    assert code == 2
    assert "PULSE_METRICS_PORT" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_everything_within_ten_seconds(tmp_path: Path, how: signal.Signals) -> None:
    launch = Launch(tmp_path / "var")
    with launch.start("--no-feed") as process:
        read_until(process, "Ctrl-C stops everything")
        pids = launch.pids()
        assert {"valkey", "ingest", "metrics"} <= set(pids)
        began = time.monotonic()
        process.send_signal(how)
        process.wait(timeout=10)
        assert time.monotonic() - began < 10
    assert process.returncode == 0
    assert not [name for name, pid in pids.items() if alive(pid)]
    assert not launch.pids()


def test_a_feed_that_was_killed_twice_and_lost_its_first_answers_is_completed_exactly(tmp_path: Path) -> None:
    launch = Launch(tmp_path / "var")
    _kill_at(launch, "Feeding Notice 434: 23,000 of")
    (state,) = (path for path in launch.var.glob("feed-*.json") if "rejected" not in path.name)
    saved = json.loads(state.read_text())
    state.write_text(json.dumps(saved | {"answered": 0}))  # as if killed before the first answer came back
    _kill_at(launch, "68,000 of")
    code, output = launch.run("--once")
    assert code == 0, output
    assert "left behind" in output
    assert all(figure in output for figure in PROVINCE_FIGURES), output


def test_processes_that_die_while_it_feeds_and_evaluates_do_not_end_it(tmp_path: Path) -> None:
    launch = Launch(tmp_path / "var")
    with launch.start("--once") as process:
        output = read_until(process, "Feeding Notice 434: 0 of")
        began = time.monotonic()
        _kill(launch, "metrics", "ingest", "valkey")
        assert time.monotonic() - began < 2  # within 2 s of readiness: the feed begins with it
        output += read_until(process, f"{EVENTS:,} of {EVENTS:,}")
        wait_until(lambda: _evaluation_under_way(launch), "a run on the way to the day is stored", 120)
        _kill(launch, "metrics", "ingest", "valkey")
        rest, _ = process.communicate(timeout=180)
    output += rest
    assert process.returncode == 0, output
    assert all(figure in output for figure in PROVINCE_FIGURES), output
    assert output.count("valkey ended (signal SIGKILL)") == 2
    assert "Traceback" not in output


def _kill_at(launch: Launch, words: str) -> None:
    """Start the launcher, and kill it once it has printed `words`."""
    with launch.start() as process:
        read_until(process, words)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def _kill(launch: Launch, *names: str) -> None:
    pids = launch.pids()
    for name in names:
        os.kill(pids[name], signal.SIGKILL)


def _evaluation_under_way(launch: Launch) -> bool:
    try:
        answer = httpx.get(f"{launch.notifier}/v1/flags", params={"as_of": "2023-07-01"})
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK and answer.json()["evaluated_on"] is not None


def _ready(url: str) -> bool:
    try:
        return httpx.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
