"""What tests of the delivery loop share: a message, a quick back-off, a sender, and a wait for a state."""

import asyncio
import datetime as dt

from services.notifier.outbox.delivery import Delivery
from services.notifier.outbox.mailer import Mailer, MailServer
from services.notifier.outbox.messages import Message
from services.notifier.outbox.outbox import BackOff, MessageStatus, Outbox
from tests.support.delivery_process import message

QUICK = BackOff(first=dt.timedelta(milliseconds=10), longest=dt.timedelta(milliseconds=20), attempts=5)

MAIL = message(1)


def mailer(port: int) -> Mailer:
    return Mailer(MailServer("127.0.0.1", port, "pulse@example.vn", security="none", seconds=2))


async def entry_of(outbox: Outbox) -> MessageStatus:
    entry = await outbox.entry(MAIL.key)
    assert entry is not None
    return entry


async def until_state(outbox: Outbox, delivery: Delivery, state: str) -> MessageStatus:
    stop = asyncio.Event()
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(delivery.run(stop, idle_seconds=0.005))
        while (await entry_of(outbox)).state != state:
            await asyncio.sleep(0.005)
        stop.set()
    return await entry_of(outbox)


class Fixed:
    """A sender with one answer."""

    def __init__(self, answer: str | Exception) -> None:
        self._answer = answer

    async def send(self, _message: Message) -> str:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer
