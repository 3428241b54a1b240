"""What several tests need and no library has."""

import os
import shutil
import socket
from typing import NoReturn

import pytest


def require_program(name: str) -> str:
    """The path of the program `name`; without it the test skips, or fails where REQUIRE_ALL=1."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    return path if path is not None else cannot_run(f"the program {name!r} is not installed")


def cannot_run(reason: str) -> NoReturn:
    """Skip the test, or fail it where REQUIRE_ALL=1."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"{reason}, and REQUIRE_ALL=1 lets nothing be skipped")
    pytest.skip(reason)


def free_port() -> int:
    """A TCP port of the loopback address that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
