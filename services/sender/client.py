"""The client of ingest: batches of CloudEvents, several in flight, with what it rejected; its store; its catalogue."""

import asyncio
import hashlib
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx
from pydantic import ValidationError

from services.sender.batches import Batch
from services.sender.retries import Backoff, Retrier, SendError, detail_of
from shared.contracts.ingest import EventRejection, EventsReceipt
from shared.domain.catalogue import Catalogue
from shared.domain.clock import system_clock

MEDIA_TYPE = "application/cloudevents-batch+json"

TIMEOUT = httpx.Timeout(30.0)
"""For one request; what failed by it is sent again."""

SHORT = Backoff(patience=10.0)
"""For questions that come before anything is sent: whoever gave a wrong address hears of it soon."""


class RefusedError(SendError):
    """Ingest cannot take the request as a whole: the key, the address or the format is wrong."""


@asynccontextmanager
async def open_retrier(backoff: Backoff, on_wait: Callable[[str], None] = lambda _: None) -> AsyncIterator[Retrier]:
    """A connection pool that is closed at the end, with the clock of this machine."""
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        yield Retrier(client, backoff, on_wait=on_wait, clock=system_clock)


class Sender:
    """Sends one batch at a time until ingest has answered for every event of it."""

    def __init__(self, retrier: Retrier, url: str, key: str) -> None:
        self._retrier = retrier
        self._url = f"{url.rstrip('/')}/v1/events"
        self._authorization = f"Bearer {key}"

    async def send(self, batch: Batch) -> list[EventRejection]:
        """The events of `batch` that were rejected; all others are durable.

        Raises:
            RefusedError, RetriesExhaustedError: nothing is known to be taken; sending again is safe.
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

    def _rejected(self, batch: Batch, response: httpx.Response) -> list[EventRejection]:
        try:
            receipt = EventsReceipt.model_validate_json(response.content)
        except ValidationError as error:
            raise RefusedError(f"{self._url} answers 202 but not as ingest does; check the address") from error
        if receipt.accepted + len(receipt.rejected) != len(batch.encoded):
            raise RefusedError(
                f"{self._url} was sent {len(batch.encoded)} events and answers for "
                f"{receipt.accepted + len(receipt.rejected)}; check the address"
            )
        return [item.model_copy(update={"index": batch.first + item.index}) for item in receipt.rejected]

    async def _in_smaller_parts(self, batch: Batch, response: httpx.Response) -> list[EventRejection]:
        if len(batch.encoded) > 1:
            return [item for half in batch.halves() for item in await self.send(half)]
        detail = detail_of(response).removeprefix(": ") or "the event alone is larger than a request may be"
        return [EventRejection(index=batch.first, id=_id_of(batch.encoded[0]), code="too_large", detail=detail)]


async def send_in_order(
    batches: Iterable[Batch],
    send: Callable[[Batch], Awaitable[list[EventRejection]]],
    in_flight: int,
    on_answer: Callable[[Batch, list[EventRejection]], None],
) -> None:
    """Send `batches`, at most `in_flight` beyond the oldest unanswered one, and report answers in order.

    So what is reported is always a prefix, and whoever starts again there repeats `in_flight` batches at most.
    The first error ends it; what is then in flight is called off.
    """
    waiting: deque[tuple[Batch, asyncio.Task[list[EventRejection]]]] = deque()

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


class OpenStore(NamedTuple):
    """The id of the store behind an ingest, and `now` by the clock of that ingest (RFC 3339)."""

    id: str
    now: str


async def store_of(
    url: str, on_wait: Callable[[str], None] = lambda _: None, backoff: Backoff | None = None
) -> OpenStore:
    """The store behind the ingest at `url`, once it is ready.

    Raises:
        SendError: nothing that is ingest, or not ready in time.
    """
    address = f"{url.rstrip('/')}/readyz"
    async with open_retrier(backoff or SHORT, on_wait) as retrier:
        response = await retrier.request("GET", address)
    try:
        ready = response.json()
        store = OpenStore(ready["store"], ready["time"])
    except (ValueError, TypeError, KeyError):
        store = None
    if response.status_code != httpx.codes.OK or store is None or not all(isinstance(part, str) for part in store):
        raise SendError(f"{address} answers {response.status_code}{detail_of(response)}, not as ingest does")
    return store


async def accepted_by(url: str) -> Catalogue:
    """The catalogue of the ingest at `url`, without targets, which upstream has no part in.

    Raises:
        SendError: nobody answers there, or somebody else than ingest.
    """
    address = f"{url.rstrip('/')}/v1/catalogue"
    async with open_retrier(SHORT) as retrier:
        response = await retrier.request("GET", address)
    try:
        return Catalogue.model_validate({**response.json(), "targets": []})
    except (ValueError, TypeError) as error:
        problem = f"{address} answers {response.status_code}{detail_of(response)}, not with a catalogue"
        raise SendError(problem) from error


def _id_of(encoded: bytes) -> str | None:
    event_id = json.loads(encoded).get("id")
    return event_id if isinstance(event_id, str) else None
