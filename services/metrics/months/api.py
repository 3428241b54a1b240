"""The part of the notifier's API that closes months."""

from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import Response

from services.metrics.months.closing import Closing, ConflictError
from services.metrics.months.repository import Months
from shared.contracts.months import AuditEntry, Closed, MonthState, Restatement, Verification
from shared.domain.months import MonthError
from shared.http.problems import NotFoundError, problem_response

By = Annotated[str, Query(min_length=1, max_length=100, description="Who does it, for the audit trail.")]


def add_months(app: FastAPI, closing: Closing, months: Months) -> None:
    """Add the routes and their errors to `app`."""
    _add_changes(app, closing)
    _add_looks(app, closing)
    _add_records(app, months)
    app.add_exception_handler(MonthError, _no_month)
    app.add_exception_handler(ConflictError, _conflict)


def _add_changes(app: FastAPI, closing: Closing) -> None:
    @app.post("/v1/months/{month}/close", summary="Take a month's snapshot")
    async def close(month: str, by: By) -> Closed:
        return await closing.close(month, by)

    @app.post("/v1/months/{month}/reopen", summary="Let a closed month be closed anew")
    async def reopen(month: str, by: By, reason: Annotated[str, Query(max_length=1000)]) -> MonthState:
        return await closing.reopen(month, by, reason)


def _add_looks(app: FastAPI, closing: Closing) -> None:
    @app.get("/v1/months/{month}/snapshot", summary="The figures as they were closed")
    async def snapshot(month: str, revision: Annotated[int | None, Query(ge=0)] = None) -> Closed:
        return await closing.closed(month, revision)

    @app.get("/v1/months/{month}/restatement", summary="What later events change about a closed month")
    async def restatement(month: str) -> Restatement:
        return await closing.restatement(month)

    @app.get("/v1/months/{month}/verification", summary="The snapshot beside a recount of the log")
    async def verification(month: str) -> Verification:
        return await closing.verification(month)


def _add_records(app: FastAPI, months: Months) -> None:
    @app.get("/v1/months", summary="Every month that was ever closed")
    async def states() -> list[MonthState]:
        return await months.states()

    @app.get("/v1/snapshots/{digest}", summary="Any snapshot ever taken, byte for byte", response_class=Response)
    async def by_digest(digest: str) -> Response:
        content = await months.snapshot(digest)
        if content is None:
            raise NotFoundError(f"no snapshot has the digest {digest!r}: GET /v1/audit lists them")
        return Response(content, media_type="application/json")

    @app.get("/v1/audit", summary="Who closed and reopened what, when and why")
    async def audit() -> list[AuditEntry]:
        return await months.audit()


async def _no_month(_: Any, error: Exception) -> Response:
    return problem_response(422, "Not possible for this month", str(error))


async def _conflict(_: Any, error: Exception) -> Response:
    return problem_response(409, "The month stands otherwise", str(error))
