"""RFC 9457 problems: how every service says that a request cannot be answered."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from shared.domain.errors import PulseError, UnavailableError
from shared.runtime.store_health import store_problem

PROBLEM = "application/problem+json"


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


def problem_response(
    status: int, title: str, detail: str, retry_after: int | None = None, **members: str | None
) -> Response:
    """An RFC 9457 problem with extension `members`; `retry_after` in seconds."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if status == 401:  # RFC 9110 section 11.6.1: the answer names the scheme
        headers["WWW-Authenticate"] = "Bearer"
    body = Problem(type="about:blank", title=title, status=status, detail=detail)
    return JSONResponse(body.model_dump() | members, status, headers, media_type=PROBLEM)


def install_problem_handlers(app: FastAPI, on_problem: Callable[[int], None] = lambda _: None) -> None:
    """Answer every error of `app` as a problem; `on_problem` is told the status of each."""

    def answered(make: Callable[[Any], Response]) -> Callable[[Request, Any], Any]:
        async def handler(_: Request, error: Any) -> Response:
            response = make(error)
            on_problem(response.status_code)
            return response

        return handler

    app.add_exception_handler(PulseError, answered(_pulse_problem))
    app.add_exception_handler(RedisError, answered(_redis_problem))
    app.add_exception_handler(RequestValidationError, answered(_parameter_problem))
    app.add_exception_handler(HTTPException, answered(_http_problem))
    app.add_exception_handler(Exception, answered(_unexpected_problem))


def _pulse_problem(error: PulseError) -> Response:
    response = problem_response(error.status, error.title, str(error), error.retry_after, **error.members)
    response.headers.update(error.headers)
    return response


def _redis_problem(error: RedisError) -> Response:
    return problem_response(
        UnavailableError.status,
        "Redis is unavailable",
        f"try again later ({store_problem(error)})",
        UnavailableError.retry_after,
    )


def _parameter_problem(error: RequestValidationError) -> Response:
    problems = ((problem["loc"][-1], problem["msg"].removeprefix("Value error, ")) for problem in error.errors())
    detail = "; ".join(f"{name}: {message}" for name, message in problems)
    return problem_response(422, "Invalid parameters", detail)


def _http_problem(error: HTTPException) -> Response:
    """What the framework refuses by itself, such as an unknown path."""
    detail = f"{error.detail}: /openapi.json lists what is there"
    response = problem_response(error.status_code, str(error.detail), detail)
    response.headers.update(error.headers or {})
    return response


def _unexpected_problem(_: Exception) -> Response:
    """A fault of the program: the log has it, the caller is told no more than that."""
    return problem_response(500, PulseError.title, "this is a fault of the service and in its log; try again later")
