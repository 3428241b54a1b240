"""The real services as processes on a real Valkey, which tests kill, stall and start again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, Self

import httpx

from tests.support.bearer import ENTRY, TOKEN, WITH_KEY
from tests.support.forked_process import Forked
from tests.support.programs import free_port
from tests.support.recount import SECRET
from tests.support.valkey import Valkey
from tests.support.waiting import SECONDS, wait_until

LOGGED = 20_000
"""Characters of a process' log that a failed wait shows."""


class Running(Protocol):
    """A process, as `subprocess.Popen` has it."""

    def send_signal(self, number: signal.Signals, /) -> None: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float) -> int: ...


Starter = Callable[[list[str], dict[str, str], Path], Running]
"""Starts a command with an environment and a file for its output."""


def forked(module: str) -> Starter:
    """Runs `main(COMMAND)` of a module in a process that need not import anything."""
    return lambda command, environment, log: Forked(module, command, environment, log)


def console(command: list[str], environment: dict[str, str], log: Path) -> Running:
    """`pulse5299 COMMAND` as a user starts it."""
    with log.open("ab") as file:
        arguments = [sys.executable, "-m", "tests.support.pulse5299", *command]
        return subprocess.Popen(arguments, env=os.environ | environment, stdout=file, stderr=file)


FAST = forked("tests.support.pulse5299")


def console_output(command: list[str], environment: dict[str, str], folder: Path, seconds: float) -> tuple[int, str]:
    """The exit code of `pulse5299 COMMAND`, and what it prints, or else its errors; forked for speed."""
    files = [folder / f"{name}-{time.monotonic_ns()}.log" for name in ("output", "errors")]
    code = Forked("tests.support.pulse5299", command, environment, *files).wait(seconds)
    output, errors = (file.read_text() for file in files)
    assert "Traceback" not in errors, errors
    return code, output or errors


class Service:
    """One process of a service: its command, environment, address and log."""

    def __init__(
        self,
        command: list[str],
        environment: dict[str, str],
        port: int,
        log: Path,
        starter: Starter,
    ) -> None:
        self.command = command
        self.environment = environment
        self._starter = starter
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(base_url=self.url, headers=WITH_KEY, timeout=20)
        self._log = log
        self._process: Running | None = None

    def start(self) -> None:
        self._process = self._starter(self.command, self.environment, self._log)

    def wait_ready(self, seconds: float = SECONDS) -> None:
        """Wait until it says that it can do its work; AssertionError with what it logged after `seconds`."""
        try:
            wait_until(lambda: self.status("/readyz") == httpx.codes.OK, f"{self.command[-1]} is ready", seconds)
        except AssertionError as error:
            error.add_note(f"{'ended' if self.ended else 'running'}:\n{self.output[-LOGGED:]}")
            raise

    def status(self, path: str) -> int:
        """The status `path` is answered with, 0 where nothing answers."""
        try:
            return self.client.get(path).status_code
        except httpx.TransportError:
            return 0

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON answer to a request that must succeed."""
        response = self.client.get(path, params=parameters)
        assert response.status_code == httpx.codes.OK, response.text
        return response.json()

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        lines = self.client.get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as a supervisor stops it."""
        self._end(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        """A signal; `exit_code` waits for what it leads to."""
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=20)
            self._process = None

    def exit_code(self) -> int:
        """Wait for the end of a process that ends by itself."""
        assert self._process is not None
        code = self._process.wait(timeout=30)
        self._process = None
        return code

    @property
    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    @property
    def output(self) -> str:
        return self._log.read_text() if self._log.exists() else ""


class System:
    """A Valkey, an ingest and a metrics on ports of their own, with a folder for all they keep."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.valkey = Valkey(folder)
        secret = folder / "secret"
        secret.write_text(SECRET)
        keys = folder / "keys.toml"
        keys.write_text(ENTRY)
        self.key_file = folder / "key"
        self.key_file.write_text(TOKEN)
        self.environment = {
            "PULSE_REDIS_PORT": str(self.valkey.port),
            "PULSE_REDIS_TIMEOUT": "2",
            "PULSE_PARTITIONS": "2",
            "PULSE_KEYS_FILE": str(keys),
            "PULSE_PSEUDONYM_SECRET_FILE": str(secret),
            **{f"PULSE_{name.upper()}": value for name, value in settings.items()},
        }
        self.services: list[Service] = []
        self.ingest = self.service("ingest")
        self.metrics = self.service("metrics")

    def service(self, name: str, starter: Starter = FAST, **settings: str) -> Service:
        """One more process of the service `name`, not started; `settings` go before the system's."""
        port = free_port()
        own = {f"PULSE_{key.upper()}": value for key, value in settings.items()}
        environment = self.environment | {f"PULSE_{name.upper()}_PORT": str(port)} | own
        log = self.folder / f"{name}-{len(self.services)}.log"
        self.services.append(Service([name], environment, port, log, starter))
        return self.services[-1]

    def start(self) -> None:
        self.valkey.start()
        self.ingest.start()
        self.metrics.start()
        self.ingest.wait_ready()
        self.metrics.wait_ready()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for service in self.services:
            service.kill()
            service.client.close()
        self.valkey.stop()
