"""Waiting for a condition: the one way to wait in a test."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

SECONDS = 30.0
POLL = 0.02


def wait_until(condition: Callable[[], Any], what: str = "the condition holds", seconds: float = SECONDS) -> None:
    """Poll `condition` until it is true; AssertionError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(POLL)


async def eventually(
    condition: Callable[[], Awaitable[Any]], what: str = "the condition holds", seconds: float = SECONDS
) -> None:
    """Await `condition` again and again until it is true; AssertionError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(POLL)
