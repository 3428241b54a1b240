"""The client of metrics."""

import datetime as dt

import httpx

from shared.clients.base import COUNTED_TIMEOUT, LOG_TIMEOUT, TIMEOUT, ServiceClient
from shared.contracts.metrics import (
    ContestedResponse,
    DailyResponse,
    History,
    MeasuresResponse,
    Progress,
    Reconciliation,
)
from shared.contracts.months import ClosedMonth, MonthState, Restatement, Verification


class MetricsClient(ServiceClient):
    """Figures and months. Every method raises as `ServiceClient.get`."""

    def __init__(self, http: httpx.AsyncClient, url: str, name: str = "metrics", key: str | None = None) -> None:
        super().__init__(http, url, name, key)

    async def progress(self, as_of: dt.date | None = None, *, counted: bool = False) -> Progress:
        """Every unit and target as of a day, today by default; with `counted`, once all of the log is counted."""
        limit = COUNTED_TIMEOUT if counted else TIMEOUT
        return await self.get("/v1/progress", Progress, {"as_of": as_of, "counted": counted}, limit)

    async def unit_progress(self, unit: str, as_of: dt.date | None = None) -> Progress:
        """The rows of one unit."""
        return await self.get(f"/v1/units/{unit}", Progress, {"as_of": as_of})

    async def measures(self, as_of: dt.date) -> MeasuresResponse:
        """What the counters hold as of a day."""
        return await self.get("/v1/measures", MeasuresResponse, {"as_of": as_of})

    async def daily(self, target: int, unit: str, since: dt.date, until: dt.date) -> DailyResponse:
        """A unit's days of one target, both ends included."""
        return await self.get("/v1/daily", DailyResponse, {"target": target, "unit": unit, "from": since, "to": until})

    async def history(self, since: dt.date, until: dt.date, *, counted: bool = False) -> History:
        """Every unit's and target's days, both ends included; with `counted`, once everything in the log is counted."""
        parameters = {"from": since, "to": until, "counted": counted}
        return await self.get("/v1/history", History, parameters, COUNTED_TIMEOUT)

    async def contested(self) -> ContestedResponse:
        """How many entities are contested, by unit, kind and role."""
        return await self.get("/v1/contested", ContestedResponse)

    async def reconciliation(self, month: str, unit: str | None = None, target: int | None = None) -> Reconciliation:
        """Reported beside verified in one month."""
        return await self.get("/v1/reconciliation", Reconciliation, {"month": month, "unit": unit, "target": target})

    async def months(self) -> list[MonthState]:
        """Every month that was ever closed, in order."""
        return await self.get("/v1/months", list[MonthState])

    async def close_month(self, month: str) -> ClosedMonth:
        """Take a month's snapshot, in the name of the key."""
        return await self.post(f"/v1/months/{month}/close", ClosedMonth, limit=LOG_TIMEOUT)

    async def reopen_month(self, month: str, reason: str) -> MonthState:
        """Let a closed month be closed anew, in the name of the key."""
        return await self.post(f"/v1/months/{month}/reopen", MonthState, {"reason": reason})

    async def closed_month(self, month: str, revision: int | None = None) -> ClosedMonth:
        """A month's snapshot, its last one by default."""
        return await self.get(f"/v1/months/{month}/snapshot", ClosedMonth, {"revision": revision})

    async def restatement(self, month: str) -> Restatement:
        """What later events change about a closed month."""
        return await self.get(f"/v1/months/{month}/restatement", Restatement, limit=LOG_TIMEOUT)

    async def verification(self, month: str) -> Verification:
        """A month's snapshot beside a recount of the log."""
        return await self.get(f"/v1/months/{month}/verification", Verification, limit=LOG_TIMEOUT)
