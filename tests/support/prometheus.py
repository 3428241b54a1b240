"""Debian's Prometheus on a free port, with the project's own configuration pointed at the services under test."""

import math
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.programs import free_port, require_program
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
DEPLOYED = ROOT / "deploy" / "prometheus"


class Prometheus:
    """What a running Prometheus is asked; every answer is a list of {"metric", "value" or "values"}."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=20)

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **parameters: str) -> Any:
        """The data of an answer that must succeed."""
        response = self._client.get(path, params=parameters)
        assert response.status_code == httpx.codes.OK, f"{parameters}: {response.text}"
        return response.json()["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/api/v1/query", query=expression)["result"]
        return found

    def number(self, expression: str) -> float | None:
        """The value of a query that has one, None without."""
        found = self.query(expression)
        return float(found[0]["value"][1]) if found else None

    def numbers_within(self, expression: str, seconds: int) -> list[float]:
        """Every number that `expression` had at any second of the last `seconds`."""
        now = self.number("vector(time())")
        assert now is not None
        times = {"start": str(now - seconds), "end": str(now), "step": "1"}
        series = self.get("/api/v1/query_range", query=expression, **times)["result"]
        numbers = [float(value) for each in series for _, value in each["values"]]
        return [number for number in numbers if not math.isnan(number)]

    def ready(self) -> bool:
        try:
            return self._client.get("/-/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def configuration(places: Mapping[str, str]) -> str:
    """The deployed prometheus.yml with every second's figures and `places` (host:port -> host:port) put in."""
    text = (DEPLOYED / "prometheus.yml").read_text()
    for old, new in {"15s": "1s", "10s": "1s", **places}.items():
        assert old in text, f"prometheus.yml does not name {old}"
        text = text.replace(old, new)
    return text


@contextmanager
def running_prometheus(folder: Path, places: Mapping[str, str], *, impatient: bool = False) -> Iterator[Prometheus]:
    """Scrape the services at `places` every second under the deployed rules; `impatient` alerts wait a second only."""
    program = require_program("prometheus")
    own = f"127.0.0.1:{free_port()}"
    (folder / "prometheus.yml").write_text(configuration({**places, "127.0.0.1:9090": own}))
    for rules in DEPLOYED.glob("*.rules.yml"):
        text = rules.read_text()
        (folder / rules.name).write_text(re.sub(r"for: \w+", "for: 1s", text) if impatient else text)
    command = [program, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    command += [f"--web.listen-address={own}"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        prometheus = Prometheus(f"http://{own}")
        wait_until(prometheus.ready, f"Prometheus is ready\n{(folder / 'prometheus.log').read_text()}")
        yield prometheus
        prometheus.close()
    finally:
        process.terminate()
        process.wait(timeout=20)
