"""The routes of closed months: parse, call, answer."""

from typing import Annotated

from fastapi import Depends, FastAPI, Path, Query
from fastapi.responses import Response

from services.metrics.months.closing import MonthClosing
from services.metrics.months.repository import MonthRepository
from shared.contracts.months import AuditEntry, ClosedMonth, MonthState, Restatement, Verification
from shared.domain.errors import NotFoundError
from shared.domain.months import Month


def _parsed(month: Annotated[str, Path(description="Calendar month, YYYY-MM.")]) -> Month:
    return Month.parse(month)


MonthInPath = Annotated[Month, Depends(_parsed)]
By = Annotated[str, Query(min_length=1, max_length=100, description="Who does it, for the audit trail.")]


def add_months(app: FastAPI, closing: MonthClosing, repository: MonthRepository) -> None:
    """Add the routes to `app`."""
    _add_changes(app, closing)
    _add_comparisons(app, closing)
    _add_records(app, repository)


def _add_changes(app: FastAPI, closing: MonthClosing) -> None:
    @app.post("/v1/months/{month}/close", summary="Take a month's snapshot")
    async def close(month: MonthInPath, by: By) -> ClosedMonth:
        return await closing.close(month, by)

    @app.post("/v1/months/{month}/reopen", summary="Let a closed month be closed anew")
    async def reopen(month: MonthInPath, by: By, reason: Annotated[str, Query(max_length=1000)]) -> MonthState:
        return await closing.reopen(month, by, reason)


def _add_comparisons(app: FastAPI, closing: MonthClosing) -> None:
    @app.get("/v1/months/{month}/restatement", summary="What later events change about a closed month")
    async def restatement(month: MonthInPath) -> Restatement:
        return await closing.restatement(month)

    @app.get("/v1/months/{month}/verification", summary="The snapshot beside a recount of the log")
    async def verification(month: MonthInPath) -> Verification:
        return await closing.verification(month)


def _add_records(app: FastAPI, repository: MonthRepository) -> None:
    @app.get("/v1/months", summary="Every month that was ever closed")
    async def states() -> list[MonthState]:
        return await repository.states()

    @app.get("/v1/months/{month}/snapshot", summary="The figures as they were closed")
    async def snapshot(month: MonthInPath, revision: Annotated[int | None, Query(ge=0)] = None) -> ClosedMonth:
        return await repository.closed(month, revision)

    @app.get("/v1/snapshots/{digest}", summary="Any snapshot ever taken, byte for byte", response_class=Response)
    async def by_digest(digest: str) -> Response:
        content = await repository.snapshot(digest)
        if content is None:
            raise NotFoundError(f"no snapshot has the digest {digest!r}: GET /v1/audit lists them")
        return Response(content, media_type="application/json")

    @app.get("/v1/audit", summary="Who closed and reopened what, when and why")
    async def audit() -> list[AuditEntry]:
        return await repository.audit()
