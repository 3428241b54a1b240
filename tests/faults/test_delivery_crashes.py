"""kill -9 of a delivering process at every step: no message is lost, a second copy leaves in one window only.

The window, docs/decisions/0030-outbox.md: the server has answered 250 and Redis has not yet heard of it.
"""

import asyncio
import collections
import email
import random
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from services.notifier.outbox.outbox import Outbox
from shared.domain.clock import system_clock
from tests.support.delivery_process import message
from tests.support.mail_server import Behaviour, running_mail_server

NEVER = "never"
Server = tuple[Behaviour, str]


async def started(url: str, port: int, messages: int, point: str) -> Process:
    command = ["-m", "tests.support.delivery_process", url, str(port), str(messages), point]
    return await asyncio.create_subprocess_exec(sys.executable, *command)


async def ended(process: Process) -> int:
    async with asyncio.timeout(60):
        return await process.wait()


def killer(process: Process) -> Callable[[], None]:
    return lambda: process.send_signal(signal.SIGKILL)


def copies(behaviour: Behaviour) -> dict[str, int]:
    return collections.Counter(str(email.message_from_bytes(mail)["Message-ID"]) for mail in behaviour.accepted)


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ("before record", 1),
        ("after record", 1),
        ("before claim", 1),
        ("after claim", 1),
        ("after 250, before SENT", 2),
        ("after SENT", 1),
    ],
)
async def test_a_crash_of_the_process(valkey: Redis, valkey_server: str, point: str, expected: int) -> None:
    behaviour = Behaviour()
    async with running_mail_server(behaviour) as port:
        assert await ended(await started(valkey_server, port, 1, point)) == -signal.SIGKILL
        assert await ended(await started(valkey_server, port, 1, NEVER)) == 0
    assert list(copies(behaviour).values()) == [expected]
    entry = await Outbox(valkey, system_clock).entry(message(0).key)
    assert entry is not None
    assert entry.state == "SENT"


@pytest.mark.parametrize(("accepts", "expected"), [(False, 1), (True, 2)])
async def test_a_crash_while_the_server_holds_the_mail(
    valkey: Redis, valkey_server: str, accepts: bool, expected: int
) -> None:
    """Killed after DATA was transmitted and before the answer is read: the server may have kept it or not."""
    behaviour = Behaviour(cut_before_250=not accepts)
    async with running_mail_server(behaviour) as port:
        process = await started(valkey_server, port, 1, NEVER)
        behaviour.on_data = killer(process)
        assert await ended(process) == -signal.SIGKILL
        behaviour.on_data, behaviour.cut_before_250 = None, False
        assert await ended(await started(valkey_server, port, 1, NEVER)) == 0
    assert list(copies(behaviour).values()) == [expected]


async def test_kills_at_random_mails(valkey: Redis, valkey_server: str) -> None:
    """Ten kills among forty messages: every message arrives; as many second copies as kills inside the window."""
    rng = random.Random(5299)
    kills = [(rng.randint(1, 6), rng.random() < 0.5) for _ in range(10)]
    behaviour = Behaviour()
    async with running_mail_server(behaviour) as port:
        for after, accepts in kills:
            process = await started(valkey_server, port, 40, NEVER)
            behaviour.on_data = _kill_at(after, accepts, process, behaviour)
            assert await ended(process) == -signal.SIGKILL
        behaviour.on_data, behaviour.cut_before_250 = None, False
        assert await ended(await started(valkey_server, port, 40, NEVER)) == 0
    arrived = copies(behaviour)
    assert len(arrived) == 40
    inside = sum(accepts for _, accepts in kills)
    assert 0 < inside < len(kills)
    assert sum(arrived.values()) == 40 + inside
    assert await Outbox(valkey, system_clock).dead() == []


def _kill_at(after: int, accepts: bool, process: Process, behaviour: Behaviour) -> Callable[[], None]:
    seen = 0

    def on_data() -> None:
        nonlocal seen
        seen += 1
        behaviour.cut_before_250 = seen == after and not accepts
        if seen == after:
            process.send_signal(signal.SIGKILL)

    return on_data
