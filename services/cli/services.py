"""The commands that run one service each, for production, and the log lines of a service."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import click

from shared.domain.calendar import CalendarError
from shared.domain.catalogue import CatalogueError
from shared.log.codec import UnknownVersionError
from shared.runtime.server import PortTakenError
from shared.runtime.settings import SettingsError, StoreSettings, load_settings
from shared.runtime.store import StoreMismatchError

_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}


class JsonLines(logging.Formatter):
    """A record as one JSON line: time, level, service, event and the fields given by `extra=`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}",
            "level": record.levelname.lower(),
            "service": self._service,
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = f"{type(error).__name__}: {error}"
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logs(service: str, level: str) -> None:
    """Send every logger of the process through `JsonLines`; libraries only from warning up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("uvicorn", "uvicorn.error", "httpx", "httpcore", "faststream"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))


S = TypeVar("S", bound=StoreSettings)
T = TypeVar("T")

USER_ERRORS = (
    CalendarError,
    CatalogueError,
    PortTakenError,
    SettingsError,
    StoreMismatchError,
    UnknownVersionError,
)


def fail(message: str) -> NoReturn:
    """End the command with exit code 2 and one line that says what is wrong."""
    click.echo(f"pulse5299: {message}", err=True)
    sys.exit(2)


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """`main` to its end on uvloop, or on asyncio's own loop on Windows, which has no uvloop."""
    if sys.platform == "win32":
        return asyncio.run(main)
    import uvloop

    return uvloop.run(main)


def run_service(name: str, settings_type: type[S], serve: Callable[[S], Coroutine[Any, Any, None]]) -> None:
    """Load settings, configure logs, serve; a user's error becomes one line and exit code 2."""
    try:
        settings = load_settings(settings_type)
        configure_logs(name, settings.log_level)
        run_loop(serve(settings))
    except USER_ERRORS as error:
        fail(str(error))


@click.command()
def ingest() -> None:
    """Run the ingest service: takes CloudEvents over HTTP and publishes them to the log."""
    from services.ingest.app import serve
    from services.ingest.settings import IngestSettings

    run_service("ingest", IngestSettings, serve)


@click.command()
def metrics() -> None:
    """Run the metrics service: counts the log exactly, closes months, serves the API and Prometheus."""
    from services.metrics.app import serve
    from services.metrics.settings import MetricsSettings

    run_service("metrics", MetricsSettings, serve)


@click.command()
def notifier() -> None:
    """Run the notifier: flags units that lag or surge, and writes to their leaders."""
    from services.notifier.app import serve
    from services.notifier.settings import NotifierSettings

    run_service("notifier", NotifierSettings, serve)


@click.command()
def board() -> None:
    """Run the board: the pages people look at."""
    from services.board.app import serve
    from services.board.settings import BoardSettings

    run_service("board", BoardSettings, serve)
