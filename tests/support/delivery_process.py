"""A notifier's delivery loop as a process that kills itself at a chosen point (run by test_delivery_crashes).

    python -m tests.support.delivery_process REDIS_URL SMTP_PORT MESSAGES CRASH_POINT

It records MESSAGES messages, delivers until all are settled, and ends. The crash points live in wrappers here, so
that the code under test has no hook.
"""

import asyncio
import datetime as dt
import os
import signal
import sys
from typing import NoReturn

from redis.asyncio import Redis

from services.notifier.outbox.delivery import Delivery, DeliveryOutcome
from services.notifier.outbox.mailer import Mailer, MailServer
from services.notifier.outbox.messages import Channel, Message
from services.notifier.outbox.outbox import BackOff, MessageClaim, Outbox
from shared.domain.clock import system_clock

LEASE = dt.timedelta(milliseconds=400)
ATTEMPT = dt.timedelta(milliseconds=350)
POLICY = BackOff(first=dt.timedelta(milliseconds=20), longest=dt.timedelta(milliseconds=100), attempts=50)


def message(number: int) -> Message:
    key = f"digest:unit-{number}:2023-07-21"
    body = f"Message-ID: <{key.replace(':', '.')}@example.vn>\r\n\r\nMessage {number}\r\n".encode()
    return Message(key, "mail", body, f"unit-{number}@example.vn")


class Crash:
    """Ends the process as `kill -9` would when its point is reached."""

    def __init__(self, point: str) -> None:
        self._point = point

    def at(self, point: str) -> None:
        if point == self._point:
            _die()


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


class CrashingOutbox(Outbox):
    crash: Crash

    async def record(self, message: Message) -> bool:
        self.crash.at("before record")
        new = await super().record(message)
        self.crash.at("after record")
        return new

    async def claim(self, channel: Channel) -> MessageClaim | None:
        self.crash.at("before claim")
        claim = await super().claim(channel)
        self.crash.at("after claim")
        return claim

    async def sent(self, claim: MessageClaim, answer: str) -> bool:
        self.crash.at("after 250, before SENT")
        first = await super().sent(claim, answer)
        self.crash.at("after SENT")
        return first


class Uncounted:
    def attempted(self, channel: Channel, outcome: DeliveryOutcome) -> None:
        """Nobody looks."""


async def main(url: str, port: int, messages: int, point: str) -> None:
    redis = Redis.from_url(url)
    outbox = CrashingOutbox(redis, system_clock, back_off=POLICY, lease=LEASE)
    outbox.crash = Crash(point)
    for number in range(messages):
        await outbox.record(message(number))
    server = MailServer("127.0.0.1", port, "pulse@example.vn", security="none")
    delivery = Delivery(outbox, "mail", Mailer(server), Uncounted(), ATTEMPT)
    stop = asyncio.Event()
    loop = asyncio.create_task(delivery.run(stop, idle_seconds=0.01))
    while (await outbox.backlog("mail")).pending:
        await asyncio.sleep(0.01)
    stop.set()
    await loop
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
