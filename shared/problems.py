"""RFC 9457 problems: how every service says that a request cannot be answered."""

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

PROBLEM = "application/problem+json"


def problem_response(status: int, title: str, detail: str, retry_after: int | None = None) -> Response:
    """An RFC 9457 problem; `retry_after` in seconds."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type=PROBLEM)


async def invalid_parameters(_: Request, error: Exception) -> Response:
    """A problem that names each parameter that does not fit; for `FastAPI.add_exception_handler`."""
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    detail = "; ".join(f"{problem['loc'][-1]}: {problem['msg']}" for problem in problems)
    return problem_response(422, "Parameters do not fit", detail)


class NotFoundError(LookupError):
    """What was asked for is not there; the message says where to look."""


async def not_found(_: Request, error: Exception) -> Response:
    """A 404 problem; for `FastAPI.add_exception_handler`."""
    return problem_response(404, "Not found", str(error))


async def http_problem(_: Request, error: Exception) -> Response:
    """A problem for what the framework refuses by itself, such as an unknown path; for `add_exception_handler`."""
    if not isinstance(error, HTTPException):
        raise error
    response = problem_response(
        error.status_code, str(error.detail), f"{error.detail}: /openapi.json lists what is there"
    )
    response.headers.update(error.headers or {})
    return response


async def unexpected_problem(_: Request, __: Exception) -> Response:
    """A problem for an error of ours: the log has it, the sender is told no more than that."""
    return problem_response(500, "Internal error", "this is a fault of the service and in its log; try again later")
