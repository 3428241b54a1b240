"""How a console command asks a service: one question, one answer, and one line when something is wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
import httpx
from pydantic import BaseModel, ValidationError

from shared.clients.base import UnreachableError
from shared.clients.metrics import MetricsClient
from shared.domain.errors import PulseError
from shared.http.problems import PROBLEM

A = TypeVar("A", bound=BaseModel)
T = TypeVar("T")

TIMEOUT = 300.0
"""Seconds; some answers need the whole log to be read."""


def ask(method: str, url: str, path: str, **parameters: str) -> bytes:
    """The answer of the service at `url`.

    Raises:
        ClickException: it does not answer (then give --url), or refuses (then with its own words).
    """
    try:
        response = httpx.request(method, url.rstrip("/") + path, params=parameters, timeout=TIMEOUT)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise click.ClickException(f"nothing answers at {url} ({reason}): start the service, or give --url") from error
    if response.is_error:
        raise click.ClickException(_detail(response))
    return response.content


def ask_for(kind: type[A], method: str, url: str, path: str, **parameters: str) -> A:
    """The answer as a `kind`.

    Raises:
        ClickException: as `ask`; or what answers is another service.
    """
    content = ask(method, url, path, **parameters)
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        raise click.ClickException(f"another service answers at {url}: give the right --url") from error


def ask_metrics(url: str, request: Callable[[MetricsClient], Awaitable[T]]) -> T:
    """What metrics at `url` answers to `request`.

    Raises:
        ClickException: it does not answer (then give --url), or refuses (then with its own words).
    """

    async def answer() -> T:
        async with httpx.AsyncClient() as http:
            return await request(MetricsClient(http, url))

    try:
        return asyncio.run(answer())
    except UnreachableError as error:
        raise click.ClickException(f"{error}: start the service, or give --url") from error
    except PulseError as error:
        raise click.ClickException(str(error)) from error


def _detail(response: httpx.Response) -> str:
    if response.headers.get("content-type") == PROBLEM:
        return str(response.json()["detail"])
    return f"{response.url.copy_with(query=None)} answered {response.status_code}: give the right --url"
