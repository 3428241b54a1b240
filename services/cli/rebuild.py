"""`pulse5299 rebuild`: recounts the log beside the live counters, compares, and puts the recount in place."""

import sys

import click

from services.cli.services import run_loop
from services.metrics import log_replay
from services.metrics.app import partition_stores
from services.metrics.counting import CountingRules
from services.metrics.log_replay import Rebuilt
from services.metrics.settings import MetricsSettings
from shared.domain.catalogue import CatalogueError, load_catalogue
from shared.domain.clock import day_of
from shared.runtime.settings import SettingsError, load_settings
from shared.runtime.store import REDIS_UNAVAILABLE, StoreMismatchError, connect, open_store
from shared.runtime.terminal import long_job


class CannotRebuildError(click.ClickException):
    """Nothing was compared; the message says why."""

    exit_code = 2


@click.command()
def rebuild() -> None:
    """Recount everything from the log and compare it with the live counters.

    Each log is recounted beside its live counters, compared with them, and swapped in one step; ingest and metrics
    may run meanwhile. Exit code 0: every counter was what the log says. 1: some were not; they are right now.
    """
    try:
        results = run_loop(_rebuild(load_settings(MetricsSettings)))
    except (CatalogueError, SettingsError, StoreMismatchError) as error:
        raise CannotRebuildError(str(error)) from error
    except REDIS_UNAVAILABLE as error:
        remedy = "start it, or set PULSE_REDIS_HOST and PULSE_REDIS_PORT"
        raise CannotRebuildError(f"Redis cannot be reached ({error}): {remedy}") from error
    different = sum(result.different for result in results)
    click.echo(f"{len(results)} logs recounted; {_differed(different)}")
    sys.exit(1 if different else 0)


async def _rebuild(settings: MetricsSettings) -> list[Rebuilt]:
    counting_rules = CountingRules(load_catalogue(settings.catalogue))
    async with connect(settings) as redis:
        await open_store(redis, {"partitions": str(settings.partitions)})
        stores = partition_stores(redis, settings)
        results: list[Rebuilt] = []
        with long_job("Recounting", len(stores)) as display:

            def show(rebuilt: Rebuilt) -> None:
                results.append(rebuilt)
                for line in lines_of(rebuilt):
                    display.say(line)
                display.advance(len(results))

            return await log_replay.rebuild(stores, counting_rules, show)


def lines_of(rebuilt: Rebuilt) -> list[str]:
    """Lines on one log: how many counts differed, and the first of them."""
    return [f"{rebuilt.log}: {_differed(rebuilt.different)}", *(f"  {_place(field)}" for field in rebuilt.examples)]


def _differed(number: int) -> str:
    return f"{number} count{'' if number == 1 else 's'} differed"


def _place(field: str) -> str:
    role, measure, unit, day = field.split("|")
    return f"{role}: {measure}, {unit}, {day_of(int(day))}"
