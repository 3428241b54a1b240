"""The whole system with Notice 434 in it, as if it had been written today, watched by a real Prometheus."""

import csv
import datetime as dt
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from shared.domain.months import month_before
from tests.support.as_of import suite_day
from tests.support.bearer import TOKEN
from tests.support.processes import Service, System
from tests.support.programs import free_port
from tests.support.prometheus import Prometheus, running_prometheus
from tests.support.waiting import wait_until

NOTICE = Path(__file__).parents[2] / "data" / "notice-434"
MEMBER_ACCOUNTS = 49_795
"""The province's total of target 1 in the notice."""


@dataclass
class Observed:
    """The running services, by name, and the Prometheus that scraped them from before the first event on."""

    services: dict[str, Service]
    prometheus: Prometheus
    today: dt.date


def notice_of_today(folder: Path, today: dt.date) -> Path:
    """Notice 434's figures with its three dates moved to two months ago, one month ago, and `today`."""
    shutil.copytree(NOTICE, folder)
    with (folder / "cumulative.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    columns = [number for number, name in enumerate(rows[0]) if name.startswith("as_of_")]
    last = month_before(today)
    for number, day in zip(columns, (month_before(last), last, today), strict=True):
        rows[0][number] = f"as_of_{day:%Y_%m_%d}"
    with (folder / "cumulative.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


@contextmanager
def observed_system(folder: Path) -> Iterator[Observed]:
    """Start everything, feed, send one bad event and one bad key, evaluate today and deliver the digests."""
    today = suite_day()
    mail_port = free_port()
    with ExitStack() as stack:
        system = stack.enter_context(System(folder))
        notifier = system.service(
            "notifier",
            metrics_url=system.metrics.url,
            smtp_host="127.0.0.1",
            smtp_port=str(mail_port),
            smtp_security="none",
        )
        stack.enter_context(mail_sink(folder, mail_port))
        board = system.service("board", metrics_url=system.metrics.url, notifier_url=notifier.url)
        services = {"ingest": system.ingest, "metrics": system.metrics, "notifier": notifier, "board": board}
        names = {"ingest": "ingest:8001", "metrics": "metrics:8002", "notifier": "notifier:8003", "board": "board:8000"}
        places = {names[name]: service.url.removeprefix("http://") for name, service in services.items()}
        prometheus = stack.enter_context(running_prometheus(folder, places))
        system.start()
        wait_until(lambda: prometheus.number('sum(up{job=~"pulse-.+"})') == 2, "ingest and metrics are scraped")
        feed(system, notice_of_today(folder / "notice", today))
        spoil(system)
        notifier.start()
        notifier.wait_ready()
        board.start()
        board.wait_ready()
        evaluated = notifier.client.post("/v1/evaluations", params={"day": str(today), "letters": True}, timeout=60)
        assert evaluated.status_code == httpx.codes.OK, evaluated.text
        total = 'max(pulse_achieved{unit="province",target="1"})'
        wait_until(lambda: prometheus.number(total) == MEMBER_ACCOUNTS, "Prometheus has the notice's figures")
        sent = 'sum(pulse_notifier_attempts_total{outcome="sent"})'
        wait_until(lambda: (prometheus.number(sent) or 0) > 0, "Prometheus has seen a letter leave")
        wait_until(lambda: prometheus.query("pulse_flag"), "Prometheus has seen the flags")
        yield Observed(services, prometheus, today)


@contextmanager
def mail_sink(folder: Path, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "services.local.mail_sink", "--port", str(port), "--dir", str(folder / "mail")]
    with (folder / "mail.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def feed(system: System, notice: Path) -> None:
    """Feed with the project's own command, and wait until everything is counted."""
    (system.folder / "key").write_text(TOKEN)
    options = ["--url", system.ingest.url, "--key-file", str(system.folder / "key"), "--var", str(system.folder)]
    command = [sys.executable, "-m", "services.cli.main", "feed", str(notice), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    wait_until(lambda: not system.metrics.get("/v1/positions")["waiting"], "everything is counted", 120)


def spoil(system: System) -> None:
    """One event of an unknown unit and one request with an unknown key: operators must see both."""
    event = {"specversion": "1.0", "id": "bad", "source": "urn:dean5299:reporting", "subject": "x"}
    event |= {"type": "vn.gov.binhdinh.dean5299.article.published", "time": "2023-06-01T08:00:00+07:00"}
    headers = {"Content-Type": "application/cloudevents+json"}
    url = f"{system.ingest.url}/v1/events"
    bad = httpx.post(
        url, json={**event, "data": {"unit": "nowhere"}}, headers={**headers, "Authorization": f"Bearer {TOKEN}"}
    )
    assert bad.status_code == httpx.codes.UNPROCESSABLE_ENTITY, bad.text
    assert httpx.post(url, json=event, headers=headers).status_code == httpx.codes.UNAUTHORIZED
