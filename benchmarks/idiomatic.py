"""The same work written the way FastStream's documentation shows it: one message per event.

`ingest` is a FastAPI application that publishes through a FastStream broker and is served by uvicorn; `metrics` is a
FastStream application with one group subscriber per stream: `python -m benchmarks.idiomatic`. Duplicates are kept out
by SET NX, counters are HINCRBY. It does less than the pipeline it is compared with: no pseudonyms, no corrections, no
ends, no days, no answer about single events, and its counts are wrong after a crash at the wrong moment.
"""

import contextlib
import logging
import os
from collections.abc import AsyncIterator
from typing import Any, Literal

import uvloop
from fastapi import FastAPI
from faststream import FastStream
from faststream.redis import RedisBroker, StreamSub
from pydantic import AwareDatetime, BaseModel, Field
from redis.asyncio import Redis

URL = f"redis://127.0.0.1:{os.environ.get('PULSE_REDIS_PORT', '6399')}"
PREFIX = "vn.gov.binhdinh.dean5299."
COUNTS = "counts"

StreamName = Literal["accounts", "dossiers", "outreach"]
STREAM_OF: dict[str, StreamName] = {
    "account.opened": "accounts",
    "account.transacted": "accounts",
    "dossier.filed": "dossiers",
    "article.published": "outreach",
    "household.informed": "outreach",
}


class Event(BaseModel):
    """A CloudEvent of one of the known types."""

    specversion: Literal["1.0"]
    id: str = Field(min_length=1)
    source: str = Field(min_length=1)
    type: Literal[
        "vn.gov.binhdinh.dean5299.account.opened",
        "vn.gov.binhdinh.dean5299.account.transacted",
        "vn.gov.binhdinh.dean5299.dossier.filed",
        "vn.gov.binhdinh.dean5299.article.published",
        "vn.gov.binhdinh.dean5299.household.informed",
    ]
    subject: str = Field(min_length=1)
    time: AwareDatetime
    data: dict[str, Any] | None = None


class Accepted(BaseModel):
    accepted: int
    rejected: list[str] = []


# The way in.
outgoing = RedisBroker(URL, log_level=logging.DEBUG)


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with outgoing:
        yield


ingest = FastAPI(lifespan=lifespan)


@ingest.post("/v1/events", status_code=202)
async def take(events: list[Event]) -> Accepted:
    for event in events:
        await outgoing.publish(event, stream=STREAM_OF[event.type.removeprefix(PREFIX)])
    return Accepted(accepted=len(events))


@ingest.get("/readyz")
async def ready() -> str:
    return "ready"


# The way to the counters.
broker = RedisBroker(URL, log_level=logging.DEBUG)
metrics = FastStream(broker)
redis = Redis.from_url(URL, decode_responses=True)


async def is_new(event: Event) -> bool:
    return bool(await redis.set(f"seen:{event.source}:{event.id}", 1, nx=True))


async def add(measure: str, unit: str) -> None:
    await redis.hincrby(COUNTS, f"{measure}|{unit}", 1)


@broker.subscriber(stream=StreamSub("accounts", group="metrics", consumer="one", last_id="0"))
async def account(event: Event) -> None:
    if not await is_new(event):
        return
    if event.data is not None:
        await redis.set(f"unit:{event.subject}", event.data["unit"])
        await add(f"{event.data['holder']}_accounts", event.data["unit"])
        if await redis.getdel(f"early:{event.subject}"):
            await add("transacted_accounts", event.data["unit"])
    elif unit := await redis.get(f"unit:{event.subject}"):
        await add("transacted_accounts", str(unit))
    else:
        await redis.set(f"early:{event.subject}", 1)


@broker.subscriber(stream=StreamSub("dossiers", group="metrics", consumer="one", last_id="0"))
async def dossier(event: Event) -> None:
    if not await is_new(event) or event.data is None:
        return
    unit, online = event.data["unit"], event.data["channel"] == "online"
    if event.data["filer"] == "member":
        await add("member_dossiers", unit)
        if online:
            await add("member_dossiers_online", unit)
    elif online and event.data["supported"]:
        await add("supported_dossiers", unit)


@broker.subscriber(stream=StreamSub("outreach", group="metrics", consumer="one", last_id="0"))
async def outreach(event: Event) -> None:
    if await is_new(event) and event.data is not None:
        measure = "articles" if event.type == f"{PREFIX}article.published" else "households"
        await add(measure, event.data["unit"])


if __name__ == "__main__":
    uvloop.run(metrics.run())
