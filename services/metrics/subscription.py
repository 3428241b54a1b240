"""FastStream's part: one subscriber per log, without a group, in batches, from the cursor on."""

import asyncio
from typing import Any

from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import FAKE_CONSUMER, RedisBatchStreamMessage

from services.metrics.consumer import Consumer
from services.metrics.partition_store import LogEntry, logged

MAX_ENTRIES = 200
POLL_MILLISECONDS = 1000
GATHER_SECONDS = 0.02
"""Pause after a batch: what arrives meanwhile shares the next commit. An event after a quiet spell does not wait."""


async def _parse(message: Any) -> RedisBatchStreamMessage:
    """A batch as FastStream's message, its entries left packed: the default parser would try each as JSON."""
    return RedisBatchStreamMessage(
        raw_message=message, body=b"", headers={}, batch_headers=[], consumer=FAKE_CONSUMER, group=None
    )


async def _decode(message: RedisBatchStreamMessage) -> list[LogEntry]:
    raw: Any = message.raw_message
    return list(map(logged, raw["message_ids"], raw["data"]))


def subscribe(broker: RedisBroker, consumer: Consumer) -> None:
    """Hand every batch of the consumer's log to it, from its position on."""
    log = StreamSub(
        consumer.ledger.key,
        batch=True,
        last_id=consumer.position,
        max_records=MAX_ENTRIES,
        polling_interval=POLL_MILLISECONDS,
    )

    async def take(entries: list[LogEntry]) -> None:
        await consumer.take(entries)
        await asyncio.sleep(GATHER_SECONDS)

    subscriber = broker.subscriber(stream=log, parser=_parse, decoder=_decode, title=consumer.ledger.key)
    subscriber(take)
