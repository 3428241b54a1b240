"""A real Valkey for tests: appendonly, appendfsync always, on a free port, in a folder of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from services.local.processes import durable_valkey
from tests.support.programs import free_port

START_SECONDS = 20.0


class Valkey:
    """One server, which can be killed, stalled and started again on the same port and append-only file."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A blocking client, for a test's own look at the server."""
        with redis.Redis(port=self.port, socket_timeout=START_SECONDS) as client:
            yield client

    def start(self) -> None:
        """Start and wait until it has read its append-only file and answers."""
        with (self._folder / "valkey.log").open("ab") as log:
            self._process = subprocess.Popen(durable_valkey(self.port, self._folder), stdout=log, stderr=log)
        _await_ready(self._process, self.port)

    def send(self, number: signal.Signals) -> None:
        """A signal to the server: SIGSTOP stalls it, SIGCONT lets it go on."""
        if self._process is not None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """End it in good order, if it runs."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        self._wait()

    def _wait(self) -> None:
        if self._process is not None:
            self._process.wait(timeout=10)
            self._process = None


@contextmanager
def running_valkey(folder: Path) -> Iterator[str]:
    """Start a server that keeps its data in `folder`, yield its redis:// address, stop it."""
    server = Valkey(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def _await_ready(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis(port=port) as client:
        while time.monotonic() < deadline:
            if server.poll() is not None:
                raise RuntimeError(f"valkey-server ended with code {server.returncode}")
            try:
                client.ping()
            except (redis.ConnectionError, redis.exceptions.BusyLoadingError):
                time.sleep(0.02)
            else:
                return
    raise RuntimeError(f"valkey-server did not answer within {START_SECONDS:.0f} s")
