"""The client of the notifier."""

import datetime as dt

import httpx

from shared.clients.base import LOG_TIMEOUT, ServiceClient
from shared.contracts.flags import FlagsResponse, OutboxResponse


class NotifierClient(ServiceClient):
    """Flags, evaluations and the outbox. Every method raises as `ServiceClient.get`."""

    def __init__(self, http: httpx.AsyncClient, url: str, key: str | None = None) -> None:
        super().__init__(http, url, "the notifier", key)

    async def flags(self, as_of: dt.date | None = None) -> FlagsResponse:
        """The flags that stand as of a day, today by default."""
        return await self.get("/v1/flags", FlagsResponse, {"as_of": as_of})

    async def evaluate(self, day: dt.date, digests: bool) -> FlagsResponse:
        """Evaluate `day` now; with `digests`, record its digests too."""
        return await self.post("/v1/evaluations", FlagsResponse, {"day": day, "letters": digests}, LOG_TIMEOUT)

    async def outbox(self) -> OutboxResponse:
        """Messages that wait and messages that were given up."""
        return await self.get("/v1/outbox", OutboxResponse)

    async def retry_message(self, key: str) -> None:
        """Give a dead message all its attempts again."""
        await self.request("POST", f"/v1/outbox/{key}/retry")
