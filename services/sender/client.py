"""Post batches of CloudEvents to ingest, several in flight, and take down what it rejected."""

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

import httpx
from pydantic import BaseModel, ValidationError

from services.sender.batches import Batch, Rejected
from services.sender.retries import Retrier, SendError, detail_of

MEDIA_TYPE = "application/cloudevents-batch+json"


class RefusedError(SendError):
    """Ingest cannot take the request as a whole: the key, the address or the format is wrong."""


class _Receipt(BaseModel):
    accepted: int
    rejected: list[Rejected]


class Sender:
    """Sends one batch at a time until ingest has answered for every event of it."""

    def __init__(self, retrier: Retrier, url: str, key: str) -> None:
        self._retrier = retrier
        self._url = f"{url.rstrip('/')}/v1/events"
        self._authorization = f"Bearer {key}"

    async def send(self, batch: Batch) -> list[Rejected]:
        """The events of `batch` that were rejected; all others are durable.

        Raises:
            RefusedError, UnavailableError: nothing is known to be taken; sending again is safe.
        """
        body = batch.body
        headers = {
            "Authorization": self._authorization,
            "Content-Type": MEDIA_TYPE,
            "Idempotency-Key": hashlib.sha256(body).hexdigest(),
        }
        response = await self._retrier.request("POST", self._url, content=body, headers=headers)
        if response.status_code == httpx.codes.ACCEPTED:
            return self._rejected(batch, response)
        if response.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            return await self._in_smaller_parts(batch, response)
        raise RefusedError(f"{self._url} refuses what is sent with {response.status_code}{detail_of(response)}")

    def _rejected(self, batch: Batch, response: httpx.Response) -> list[Rejected]:
        try:
            receipt = _Receipt.model_validate_json(response.content)
        except ValidationError as error:
            raise RefusedError(f"{self._url} answers 202 but not as ingest does; check the address") from error
        if receipt.accepted + len(receipt.rejected) != len(batch.encoded):
            raise RefusedError(
                f"{self._url} was sent {len(batch.encoded)} events and answers for "
                f"{receipt.accepted + len(receipt.rejected)}; check the address"
            )
        return [item.model_copy(update={"index": batch.first + item.index}) for item in receipt.rejected]

    async def _in_smaller_parts(self, batch: Batch, response: httpx.Response) -> list[Rejected]:
        if len(batch.encoded) > 1:
            return [item for half in batch.halves() for item in await self.send(half)]
        detail = detail_of(response).removeprefix(": ") or "the event alone is larger than a request may be"
        return [Rejected(index=batch.first, id=_id_of(batch.encoded[0]), code="too_large", detail=detail)]


async def send_in_order(
    batches: Iterable[Batch],
    send: Callable[[Batch], Awaitable[list[Rejected]]],
    in_flight: int,
    on_answer: Callable[[Batch, list[Rejected]], None],
) -> None:
    """Send `batches`, at most `in_flight` beyond the oldest unanswered one, and report answers in order.

    So what is reported is always a prefix, and whoever starts again there repeats `in_flight` batches at most.
    The first error ends it; what is then in flight is called off.
    """
    waiting: deque[tuple[Batch, asyncio.Task[list[Rejected]]]] = deque()

    async def settle_oldest() -> None:
        batch, task = waiting[0]
        on_answer(batch, await task)
        waiting.popleft()

    try:
        for batch in batches:
            waiting.append((batch, asyncio.ensure_future(send(batch))))
            if len(waiting) == in_flight:
                await settle_oldest()
        while waiting:
            await settle_oldest()
    finally:
        for _, task in waiting:
            task.cancel()
        await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)


def _id_of(encoded: bytes) -> str | None:
    found = json.loads(encoded).get("id")
    return found if isinstance(found, str) else None
