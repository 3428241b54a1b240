"""Serves an application on a port beside a task that must not end; stops both in good order."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI

STOP_WITHIN = 4
"""Seconds that requests are given to end."""

CANCEL_AGAIN = 0.2
CLEAN_UP_WITHIN = 3
"""Seconds that the task beside is given after that: together less than the eight after which a supervisor kills."""

COLLECT_AFTER = 70_000
"""Objects made beyond those freed until the youngest are looked through; Python's own figure is 700."""


class PortTakenError(RuntimeError):
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


def settle() -> None:
    """Keep what start-up made out of the garbage collector's sight, and call the collector a hundred times less often.

    Events and facts are freed by their reference counts; looking through them for cycles took a third of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


class Server(uvicorn.Server):
    """A server that says when it begins to stop, before it waits for answers under way.

    It leaves signals to `serve_with`: uvicorn would raise them again, and so end the process, before the task beside
    has cleaned up.
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


async def serve_with(
    app: FastAPI,
    bound: socket.socket,
    beside: Coroutine[Any, Any, None],
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Serve `app` on `bound` until SIGTERM or SIGINT, then let `beside` clean up; what `beside` raises is raised.

    `stopping` is called first of all then: it must end answers that have no end of their own.
    """
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=STOP_WITHIN
    )
    server = Server(config, stopping)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    task = asyncio.create_task(beside)
    task.add_done_callback(lambda _: setattr(server, "should_exit", True))
    settle()
    await server.serve(sockets=[bound])
    if task.done():
        task.result()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(task, CLEAN_UP_WITHIN)


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel `task` until it has ended, whatever it raises.

    Once is not always enough: a client that is just timing out can take a cancellation for its own and go on.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_AGAIN)
