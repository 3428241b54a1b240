"""AsyncAPI documents: what each service writes to Redis streams and reads from them, as FastStream describes it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fastapi import FastAPI
from faststream.redis import RedisBroker, StreamSub
from faststream.specification import AsyncAPI

from shared.contracts.streams import ProgressChanged
from shared.log.keys import PROGRESS, STREAMS

PARTITION = "p"


class Channel(NamedTuple):
    """A stream: what one entry of it holds, in a sentence, and its schema."""

    description: str
    schema: Any


LOGS: dict[str, Channel] = {
    f"{stream}:{{{PARTITION}}}": Channel(
        f"The log of {stream}, one stream per partition: packed facts, see docs/decisions/0004-packed-entries.md.",
        bytes,
    )
    for stream in STREAMS
}
NEWS: dict[str, Channel] = {
    PROGRESS: Channel("Daily counts that changed, and the version the figures now stand at.", ProgressChanged)
}


def describe(title: str, writes: Mapping[str, Channel], reads: Mapping[str, Channel]) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of a service that writes and reads these streams."""
    broker = RedisBroker(specification_url="redis://redis:6379")
    for name, channel in writes.items():
        broker.publisher(stream=name, title=name, description=channel.description, schema=channel.schema)
    for name, channel in reads.items():
        subscriber = broker.subscriber(stream=StreamSub(name), title=name, description=channel.description)
        subscriber(_reader(channel.schema))
    document: dict[str, Any] = AsyncAPI(broker, title=title, version="1").to_specification().to_jsonable()
    return document


def add_asyncapi(app: FastAPI, document: dict[str, Any]) -> None:
    """Serve `document` at /asyncapi.json."""

    @app.get("/asyncapi.json", include_in_schema=False)
    async def asyncapi() -> dict[str, Any]:
        return document


def _reader(schema: Any) -> Any:
    async def read(entry: Any) -> None: ...

    read.__annotations__["entry"] = schema
    return read
