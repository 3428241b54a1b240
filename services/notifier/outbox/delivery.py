"""The delivery loop of one channel: take what is due, try it, record how it ended.

Each channel has a loop of its own, so that a hanging mail server delays no alert. The outcome of an accepted
message is recorded again and again until Redis takes it: losing it would send the message twice.
"""

import asyncio
import datetime as dt
import logging
from typing import Literal, Protocol

from services.notifier.outbox.messages import (
    Channel,
    ChannelSender,
    DeliverySettingsError,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from services.notifier.outbox.outbox import MessageClaim, Outbox
from shared.runtime.server import set_within
from shared.runtime.store import REDIS_ERRORS

log = logging.getLogger(__name__)

DeliveryOutcome = Literal["sent", "failed", "settings", "dead"]
"""`failed` and `settings` are tried again, the latter in vain until a setting is changed."""

PAUSE_SECONDS = 1.0
"""Between two looks for a due message, and between two tries to record an accepted one."""


class DeliveryMetrics(Protocol):
    """Counts how attempts end."""

    def attempted(self, channel: Channel, outcome: DeliveryOutcome) -> None: ...


class Delivery:
    """Delivers the messages of one channel.

    `attempt` bounds one attempt, whatever the sender's own limits; it must be shorter than the outbox's
    lease, or two notifiers could try the same message at once.
    """

    def __init__(
        self,
        outbox: Outbox,
        channel: Channel,
        sender: ChannelSender,
        metrics: DeliveryMetrics,
        attempt: dt.timedelta = dt.timedelta(seconds=60),
    ) -> None:
        if attempt >= outbox.lease:
            raise ValueError(f"an attempt may take {attempt}, the lease is {outbox.lease}: make the lease longer")
        self._outbox = outbox
        self._channel = channel
        self._sender = sender
        self._metrics = metrics
        self._seconds = attempt.total_seconds()

    async def run(self, stop: asyncio.Event, idle_seconds: float = PAUSE_SECONDS) -> None:
        """Deliver until `stop` is set; look again every `idle_seconds` when nothing is due.

        An attempt under way is finished first. Redis being unavailable, or full, is waited out.
        """
        while not stop.is_set():
            try:
                busy = await self.deliver_one()
            except REDIS_ERRORS as error:
                log.warning("outbox is unavailable", extra={"channel": self._channel, "error": str(error)})
                busy = False
            if not busy:
                await set_within(stop, idle_seconds)

    async def deliver_one(self) -> bool:
        """Try the next due message once and record the outcome. False when nothing was due."""
        claim = await self._outbox.claim(self._channel)
        if claim is None:
            return False
        outcome = await self._attempted(claim)
        self._metrics.attempted(self._channel, outcome)
        log.info(
            "delivery attempted",
            extra={
                "key": claim.message.key,
                "channel": self._channel,
                "attempt": claim.attempt,
                "outcome": outcome,
            },
        )
        return True

    async def _attempted(self, claim: MessageClaim) -> DeliveryOutcome:
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._sender.send(claim.message)
        except PermanentDeliveryError as error:
            await self._outbox.refused(claim, str(error))
            return "dead"
        except DeliverySettingsError as error:
            return await self._failed(claim, str(error), "settings")
        except TransientDeliveryError as error:
            return await self._failed(claim, str(error))
        except TimeoutError:
            return await self._failed(claim, f"no answer within {self._seconds:g} s")
        except Exception as error:  # a fault of ours: it ends neither this loop nor the other channels'
            log.exception("a sender failed unexpectedly", extra={"key": claim.message.key, "channel": self._channel})
            return await self._failed(claim, f"unexpected {type(error).__name__}: {error}")
        await self._record_sent(claim, answer)
        return "sent"

    async def _failed(
        self, claim: MessageClaim, reason: str, outcome: Literal["failed", "settings"] = "failed"
    ) -> DeliveryOutcome:
        state = await self._outbox.failed(claim, reason)
        return "dead" if state == "DEAD" else outcome

    async def _record_sent(self, claim: MessageClaim, answer: str) -> None:
        while True:
            try:
                await self._outbox.sent(claim, answer)
            except REDIS_ERRORS as error:
                log.warning("sent but not yet recorded", extra={"key": claim.message.key, "error": str(error)})
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return
