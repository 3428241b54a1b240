"""Options that console commands share, and how a command asks a service: what is wrong becomes one line."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click
import httpx

from shared.clients.base import AnotherServiceError, UnreachableError
from shared.clients.metrics import MetricsClient
from shared.clients.notifier import NotifierClient
from shared.domain.catalogue import Catalogue, CatalogueError, load_catalogue
from shared.domain.errors import PulseError, UnauthorizedError
from shared.domain.formatting import Lang
from shared.runtime.settings import ROOT

C = TypeVar("C", MetricsClient, NotifierClient)
T = TypeVar("T")

notifier_url: Callable[[Any], Any] = click.option(
    "--url",
    default="http://127.0.0.1:8003",
    show_default=True,
    envvar="PULSE_NOTIFIER_URL",
    help="Where the notifier answers.",
)

metrics_url: Callable[[Any], Any] = click.option(
    "--url",
    default="http://127.0.0.1:8002",
    show_default=True,
    envvar="PULSE_METRICS_URL",
    help="Where metrics answers.",
)

json_output: Callable[[Any], Any] = click.option("--json", "as_json", is_flag=True, help="The API's answer as it is.")

catalogue_folder: Callable[[Any], Any] = click.option(
    "--catalogue",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="PULSE_CATALOGUE",
    default=ROOT / "deploy" / "catalogue",
    show_default=True,
    help="The folder of the catalogue.",
)


def language_of_the_console() -> Lang:
    """Vietnamese where the environment says so (LC_ALL, LC_MESSAGES, LANG), English elsewhere."""
    said = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "vi" if said.casefold().startswith("vi") else "en"


console_language: Callable[[Any], Any] = click.option(
    "--lang",
    type=click.Choice(get_args(Lang)),
    default=language_of_the_console,
    help="Language of what is printed.  [default: of the locale, vi or en]",
)


def loaded_catalogue(folder: Path) -> Catalogue:
    """The catalogue in `folder`; what is wrong with it becomes one line."""
    try:
        return load_catalogue(folder)
    except CatalogueError as error:
        raise click.ClickException(str(error)) from error


def ask_metrics(url: str, request: Callable[[MetricsClient], Awaitable[T]], key: str | None = None) -> T:
    """What metrics at `url` answers to `request`, asked with `key`; raises as `_ask`."""
    return _ask(lambda http: MetricsClient(http, url, key=key), request)


def ask_notifier(url: str, request: Callable[[NotifierClient], Awaitable[T]], key: str | None = None) -> T:
    """What the notifier at `url` answers to `request`, asked with `key`; raises as `_ask`."""
    return _ask(lambda http: NotifierClient(http, url, key=key), request)


def read_key(file: Path) -> str:
    """The bearer key in `file`.

    Raises:
        ClickException: no such file, or nothing in it.
    """
    try:
        key = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"no bearer key in {file}: name its file with --key-file") from error
    if not key:
        raise click.ClickException(f"{file} is empty: it must hold a bearer key")
    return key


DEV_KEY = Path("var") / "dev-key"
"""The key of the launcher, which is used where there is one and no other is named."""


def _read_option(_: click.Context, __: click.Parameter, file: Path | None) -> str | None:
    if file is None:
        return read_key(DEV_KEY) if DEV_KEY.exists() else None
    return read_key(file)


key_option: Callable[[Any], Any] = click.option(
    "--key-file",
    "key",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_read_option,
    help="A file with your bearer key; its name goes into the audit trail. [default: var/dev-key]",
)


def _ask(client: Callable[[httpx.AsyncClient], C], request: Callable[[C], Awaitable[T]]) -> T:
    """The answer of the service.

    Raises:
        ClickException: it does not answer, or is another service (then give --url), or refuses (in its own words).
    """

    async def answer() -> T:
        async with httpx.AsyncClient() as http:
            return await request(client(http))

    try:
        return asyncio.run(answer())
    except AnotherServiceError as error:
        raise click.ClickException(f"{error}: give the right --url") from error
    except UnreachableError as error:
        raise click.ClickException(f"{error}: start the service, or give --url") from error
    except UnauthorizedError as error:
        raise click.ClickException(f"{error}: name the file of your key with --key-file") from error
    except PulseError as error:
        raise click.ClickException(str(error)) from error
