"""Writes the documents that are made from the code: `python -m services.cli.documents docs/`."""

import importlib
import importlib.util
import json
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
from faststream.redis import RedisBroker
from prometheus_client import CollectorRegistry
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

import services
from services.board.app import TITLE as BOARD_TITLE
from services.board.app import subscribe as subscribe_board
from services.cli.main import main
from services.ingest.api import TITLE as INGEST_TITLE
from services.ingest.api import build_api as build_ingest
from services.ingest.dead_letter_stream import DeadLetterLimits
from services.ingest.instruments import Instruments
from services.ingest.publisher import Publisher
from services.metrics.api import TITLE as METRICS_TITLE
from services.metrics.api import build_api as build_metrics
from services.metrics.app import partition_stores
from services.metrics.consumer import Consumer, subscribe
from services.metrics.progress_publisher import ProgressPublisher
from services.metrics.queries import Queries
from services.notifier.api import TITLE as NOTIFIER_TITLE
from services.notifier.api import build_api as build_notifier
from services.notifier.app import declare_streams
from services.notifier.instruments import Instruments as NotifierInstruments
from shared.domain.catalogue import load_catalogue
from shared.http.authentication import Authentication
from shared.http.keys import KeyRing
from shared.http.operations import add_operations, asyncapi_document
from shared.runtime.settings import ROOT, StoreSettings
from shared.runtime.store import connect, make_broker

HEAD = ("| variable | default | meaning |", "| --- | --- | --- |")


def openapi_ingest() -> str:
    """The OpenAPI document of ingest; none of its parts is needed to describe it."""
    absent: Any = None
    return (
        json.dumps(build_ingest(absent, absent, absent, Instruments(), absent, RedisBroker()).openapi(), indent=2)
        + "\n"
    )


def asyncapi_ingest() -> str:
    """The AsyncAPI document of ingest with the default number of partitions."""
    settings = StoreSettings()
    broker = make_broker(settings)
    Publisher(broker, settings.partitions, None, DeadLetterLimits(0, 0, 0))
    return asyncapi(asyncapi_document(broker, INGEST_TITLE))()


def _authentication() -> Authentication:
    absent: Any = None
    return Authentication(KeyRing([]), absent, CollectorRegistry())


def openapi_metrics() -> str:
    """The OpenAPI document of metrics."""
    absent: Any = None
    queries = Queries(load_catalogue(StoreSettings().catalogue), absent, (), absent, absent)
    app = build_metrics(queries, absent, absent, _authentication())
    add_operations(app, absent, absent)
    return json.dumps(app.openapi(), indent=2) + "\n"


def asyncapi_metrics() -> str:
    """The AsyncAPI document of metrics with the default number of partitions."""
    absent: Any = None
    settings = StoreSettings()
    catalogue = load_catalogue(settings.catalogue)
    broker = make_broker(settings)
    for store in partition_stores(connect(settings), settings):
        subscribe(broker, Consumer(store, absent, absent, absent))
    ProgressPublisher(broker, absent, catalogue)
    return asyncapi(asyncapi_document(broker, METRICS_TITLE))()


def openapi_notifier() -> str:
    """The OpenAPI document of the notifier."""
    absent: Any = None
    api = build_notifier(
        absent, absent, absent, NotifierInstruments(()), RedisBroker(), absent, absent, _authentication()
    )
    return json.dumps(api.openapi(), indent=2) + "\n"


def asyncapi_notifier() -> str:
    """The AsyncAPI document of the notifier."""
    broker = make_broker(StoreSettings())
    declare_streams(broker, lambda _: None)
    return asyncapi(asyncapi_document(broker, NOTIFIER_TITLE))()


def asyncapi_board() -> str:
    """The AsyncAPI document of the board."""
    absent: Any = None
    broker = make_broker(StoreSettings())
    subscribe_board(broker, absent, absent, absent, absent)
    return asyncapi(asyncapi_document(broker, BOARD_TITLE))()


def asyncapi(document: dict[str, Any]) -> Callable[[], str]:
    """Makes the text of an AsyncAPI document; FastStream gives its parts in any order."""
    return lambda: json.dumps(document, indent=2, sort_keys=True) + "\n"


def settings_page() -> str:
    """Every setting of every service: variable, default, meaning."""
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable. A secret is never in a variable: the variable names a file that",
        "holds it. What does not fit is said in one line at the start, with the name of the variable.",
        "",
        "This page is made from the code: `make documents` writes it anew.",
    ]
    lines += _section("Every service", StoreSettings, set())
    for name, model in service_settings():
        lines += _section(name.capitalize(), model, StoreSettings.model_fields.keys())
    rows: dict[str, str] = {}
    for option in command_options():
        if f"| `{option.envvar}` |" not in "\n".join(lines):
            rows.setdefault(str(option.envvar), _option_row(option))
    lines += ["", "## Commands", "", *HEAD, *rows.values()]
    return "\n".join(lines) + "\n"


def service_settings() -> Iterator[tuple[str, type[BaseSettings]]]:
    """Each service that has a settings.py, and its settings class."""
    for package in pkgutil.iter_modules(services.__path__):
        name = f"services.{package.name}.settings"
        if not package.ispkg or importlib.util.find_spec(name) is None:
            continue
        module = importlib.import_module(name)
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, BaseSettings) and model.__module__ == name:
                yield package.name, model


def command_options(group: click.Group = main) -> Iterator[click.Option]:
    """Each option of a console command that a variable can give."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from command_options(command)
        elif command is not None:
            yield from (option for option in command.params if isinstance(option, click.Option) and option.envvar)


def _option_row(option: click.Option) -> str:
    return f"| `{option.envvar}` | {_shown(option.default)} | {_escaped(option.help or '')} |"


def _section(title: str, model: type[BaseSettings], elsewhere: Any) -> list[str]:
    rows = [
        f"| `{variable_of(model, name)}` | {_default(field)} | {_escaped(field.description or '')}{_choices(field)} |"
        for name, field in model.model_fields.items()
        if name not in elsewhere
    ]
    return ["", f"## {title}", "", *HEAD, *rows]


def variable_of(model: type[BaseSettings], name: str) -> str:
    """The environment variable of a field."""
    return f"{model.model_config.get('env_prefix', '')}{name}".upper()


def _default(field: FieldInfo) -> str:
    return "*required*" if field.is_required() else _shown(field.default)


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = value.relative_to(ROOT)
    return f"`{value}`"


def _choices(field: FieldInfo) -> str:
    if get_origin(field.annotation) is not Literal:
        return ""
    return " One of " + ", ".join(f"`{choice}`" for choice in get_args(field.annotation)) + "."


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "openapi-ingest.json": openapi_ingest,
    "openapi-metrics.json": openapi_metrics,
    "openapi-notifier.json": openapi_notifier,
    "asyncapi-ingest.json": asyncapi_ingest,
    "asyncapi-metrics.json": asyncapi_metrics,
    "asyncapi-notifier.json": asyncapi_notifier,
    "asyncapi-board.json": asyncapi_board,
    "settings.md": settings_page,
}
"""File under docs/ -> what makes its content."""


def write_all(folder: Path) -> None:
    """Write every document into `folder`."""
    for name, make in DOCUMENTS.items():
        (folder / name).write_text(make(), encoding="utf-8")
        print(f"wrote {folder / name}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m services.cli.documents FOLDER, for example docs/")
    write_all(Path(sys.argv[1]))
