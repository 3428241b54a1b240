"""The services as processes of their own, on free ports, each with its log in a file."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

import httpx

from services.ingest.keys import digest_of
from tests.sample_events import TOKEN
from tests.support import free_port

READY_SECONDS = 30.0


@dataclass(frozen=True)
class Service:
    """A running service: where it answers, its process, and the file its log goes to."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def running_service(name: str, folder: Path, valkey: str, ready: str = "/readyz", **settings: str) -> Iterator[Service]:
    """Start `pulse5299 NAME` on the store at `valkey` and wait until it is ready; terminate it afterwards.

    `folder` holds its secrets and log; `settings` are environment variables without `PULSE_`, in lower case.
    """
    port = free_port()
    environment = environment_of(folder, valkey, **{f"{name}_port": str(port)}, **settings)
    log = folder / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", name], env=environment, stdout=output, stderr=output
        )
    service = Service(f"http://127.0.0.1:{port}", process, log)
    try:
        _await_answer(service, ready)
        yield service
    finally:
        process.terminate()
        process.wait(timeout=20)


def environment_of(folder: Path, valkey: str, **settings: str) -> Mapping[str, str]:
    """The environment of every service on one store: secrets are made in `folder` unless they are there."""
    keys, secret = folder / "keys.toml", folder / "pseudonym-secret"
    if not keys.exists():
        keys.write_text(f'[[keys]]\nname = "tests"\nsha256 = "{digest_of(TOKEN)}"\n')
        secret.write_text("a secret for tests")
    given = {
        "redis_port": str(urlparse(valkey).port),
        "keys_file": str(keys),
        "pseudonym_secret_file": str(secret),
        **settings,
    }
    return os.environ | {f"PULSE_{name.upper()}": value for name, value in given.items()}


def _await_answer(service: Service, path: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if service.process.poll() is not None:
            raise RuntimeError(f"ended with code {service.process.returncode}: {service.log.read_text()}")
        try:
            if httpx.get(service.url + path).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"{service.url} was not ready in time: {service.log.read_text()}")
