"""Server: serves an application within its lifespan, runs its workers beside it, and stops both in order."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI

from shared.domain.errors import ConfigError
from shared.runtime.http_protocol import KEEP_ALIVE, LimitedProtocol

STOP_WITHIN = 4
"""Seconds that requests are given to end."""

CANCEL_AGAIN = 0.2
COLLECT_AFTER = 70_000
"""Objects made beyond those freed until the youngest are looked through; Python's own figure is 700."""


class PortTakenError(ConfigError):
    """Another process listens on the port; the message names the setting."""


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A bound socket.

    Raises:
        PortTakenError: names `setting`, the variable to change.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise PortTakenError(
            f"port {port} on {host} cannot be used ({error.strerror}): stop what listens there or set {setting}"
        ) from error
    return bound


def tune_gc() -> None:
    """Keep what start-up made out of the garbage collector's sight, and call the collector a hundred times less often.

    Events are freed by their reference counts; looking through them for cycles took a third of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


class Server(uvicorn.Server):
    """A server that says when it begins to stop, before it waits for answers under way.

    It leaves signals to `serve`: uvicorn would raise them again, and so end the process, before the lifespan has ended.
    """

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)


async def serve(app: FastAPI, bound: socket.socket, stopping: Callable[[], None] = lambda: None) -> None:
    """Serve `app` on `bound` within its lifespan, until SIGTERM, SIGINT or the failure of one of its workers.

    The lifespan is entered here, not by uvicorn: its task group ends this task when a worker fails, which uvicorn's
    own lifespan task would not pass on. `stopping` is called when the stop begins: it must end answers that have no end
    of their own.

    Raises:
        Exception: what ended a worker (`running_workers`).
    """
    config = uvicorn.Config(
        app,
        http=LimitedProtocol,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    server = Server(config, stopping)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    async with app.router.lifespan_context(app):
        tune_gc()
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
            raise


@contextlib.asynccontextmanager
async def running_workers(*workers: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `workers` beside the block, which is cancelled when one of them fails or ends; all are cancelled after it.

    Raises:
        Exception: what ended a worker.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_never_ending(worker)) for worker in workers]
            try:
                yield
            finally:
                await asyncio.gather(*map(cancel_and_wait, tasks))
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _never_ending(worker: Coroutine[Any, Any, None]) -> None:
    await worker
    raise RuntimeError("a worker ended, and none should")


async def cancel_and_wait(task: asyncio.Task[Any]) -> None:
    """Cancel `task` until it has ended, whatever it raises.

    Once is not always enough: a client that is just timing out can take a cancellation for its own and go on.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_AGAIN)


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for `event` at most `seconds`; whether it was set."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
