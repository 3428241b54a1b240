"""What several tests need and no library has."""

import os
import random
import shutil
import socket
from typing import NoReturn

import pytest

FIRST_PORT, LAST_PORT = 10_000, 32_767
"""Below the ports that Linux gives to outgoing connections: those would take the port of a process that was stopped."""


def require_program(name: str) -> str:
    """The path of the program `name`; without it the test skips, or fails where REQUIRE_ALL=1."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    return path if path is not None else cannot_run(f"the program {name!r} is not installed")


def cannot_run(reason: str) -> NoReturn:
    """Skip the test, or fail it where REQUIRE_ALL=1."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"{reason}, and REQUIRE_ALL=1 lets nothing be skipped")
    pytest.skip(reason)


def _own_ports() -> list[int]:
    """Every port for this process, in an order of its own; the workers of a parallel run have none in common."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ports = range(FIRST_PORT + worker, LAST_PORT + 1, workers)
    return random.SystemRandom().sample(ports, len(ports))


_ports = iter(_own_ports())


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on; no port is given twice in a run."""
    for port in _ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("every port for tests has been given")
