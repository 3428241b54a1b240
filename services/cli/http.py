"""How a console command asks a service: one request through its client, and one line when something is wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
import httpx

from shared.clients.base import AnotherServiceError, UnreachableError
from shared.clients.metrics import MetricsClient
from shared.clients.notifier import NotifierClient
from shared.domain.errors import PulseError

C = TypeVar("C", MetricsClient, NotifierClient)
T = TypeVar("T")


def ask_metrics(url: str, request: Callable[[MetricsClient], Awaitable[T]]) -> T:
    """What metrics at `url` answers to `request`; raises as `_ask`."""
    return _ask(MetricsClient, url, request)


def ask_notifier(url: str, request: Callable[[NotifierClient], Awaitable[T]]) -> T:
    """What the notifier at `url` answers to `request`; raises as `_ask`."""
    return _ask(NotifierClient, url, request)


def _ask(client: Callable[[httpx.AsyncClient, str], C], url: str, request: Callable[[C], Awaitable[T]]) -> T:
    """The answer of the service at `url`.

    Raises:
        ClickException: it does not answer, or is another service (then give --url), or refuses (in its own words).
    """

    async def answer() -> T:
        async with httpx.AsyncClient() as http:
            return await request(client(http, url))

    try:
        return asyncio.run(answer())
    except AnotherServiceError as error:
        raise click.ClickException(f"{error}: give the right --url") from error
    except UnreachableError as error:
        raise click.ClickException(f"{error}: start the service, or give --url") from error
    except PulseError as error:
        raise click.ClickException(str(error)) from error
