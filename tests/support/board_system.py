"""The whole system with Notice 434 loaded and flags worked out, as the board's tests look at it."""

import itertools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from shared.runtime.settings import ROOT
from tests.support.bearer import TOKEN
from tests.support.processes import Service, System
from tests.support.sample_events import RECORD, REPORTING, event

_numbers = itertools.count(1)


@contextmanager
def board_system(folder: Path) -> Iterator[tuple[System, Service]]:
    """Valkey, ingest, metrics, notifier and board as processes; the flags of 1 July 2023 are worked out."""
    with System(folder) as system:
        notifier = system.service("notifier", metrics_url=system.metrics.url)
        system.start()
        feed_notice434(system)
        inform_household(system.ingest, "2023-06-15T08:00:00+07:00", "phu-my", RECORD)
        notifier.start()
        notifier.wait_ready()
        answer = notifier.client.post("/v1/evaluations", params={"day": "2023-07-01"}, timeout=60)
        assert answer.status_code == httpx.codes.OK, answer.text
        yield system, start_board(system, notifier.url)


def start_board(system: System, notifier_url: str) -> Service:
    """A board of `system`, ready."""
    board = system.service("board", metrics_url=system.metrics.url, notifier_url=notifier_url)
    board.start()
    board.wait_ready()
    return board


def feed_notice434(system: System) -> None:
    """Send every event behind the notice's figures through ingest."""
    key = system.folder / "key"
    key.write_text(TOKEN)
    command = [sys.executable, "-m", "services.cli.main", "feed", str(ROOT / "data" / "notice-434")]
    command += ["--url", system.ingest.url, "--key-file", str(key), "--var", str(system.folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def inform_household(ingest: Service, time: str, unit: str = "van-canh", source: str = REPORTING) -> None:
    """Send one household.informed event that nobody sent before."""
    number = next(_numbers)
    subject = f"board-household-{number}"
    made = event("household.informed", id=f"board-{number}", subject=subject, time=time, source=source)
    made["data"] = {"unit": unit}
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/cloudevents+json"}
    answer = ingest.client.post("/v1/events", json=made, headers=headers)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
