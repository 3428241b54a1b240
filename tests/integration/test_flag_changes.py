"""What changes of counts and flags lead to: the outdated gauge, the `flags` stream, webhook posts."""

from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from services.notifier.evaluations import EvaluationRepository
from services.notifier.scheduler import Lease
from shared.contracts.flags import Flag
from shared.contracts.metrics import ProgressChanged
from shared.domain.clock import ONE_DAY
from shared.domain.errors import UnavailableError
from tests.support.clock import FakeClock, at
from tests.support.lagging_history import LAGGARD, RUN_DAY, UNTIL
from tests.support.notifier_harness import (
    NOWHERE,
    UNKNOWN_CHANGES,
    changed_on,
    client_of,
    flag_entries,
    messages,
    notifier,
)
from tests.support.processes import System


async def test_changes_of_evaluated_days_outdate_the_evaluation_until_the_next(lagging: System) -> None:
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts, client_of(parts) as client:
        await parts.scheduler.tick()
        days = [RUN_DAY - ONE_DAY, RUN_DAY - 2 * ONE_DAY, RUN_DAY]
        changed = ProgressChanged(version="1", complete=True, changes=[changed_on(day) for day in days])
        parts.scheduler.progress_changed(changed)
        assert await outdated(client) == 2
        await parts.scheduler.tick()
        assert await outdated(client) == 2
        await parts.scheduler.evaluate(RUN_DAY, digests=False)
        assert await outdated(client) == 0


async def test_changes_that_are_not_listed_outdate_the_evaluation_too(lagging: System) -> None:
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts, client_of(parts) as client:
        parts.scheduler.progress_changed(UNKNOWN_CHANGES)
        assert await outdated(client) == 0, "nothing was evaluated"
        await parts.scheduler.tick()
        parts.scheduler.progress_changed(UNKNOWN_CHANGES)
        assert await outdated(client) == 1
        await parts.scheduler.evaluate(RUN_DAY, digests=False)
        assert await outdated(client) == 0


async def test_flags_that_change_are_published_once_with_the_evaluation(lagging: System) -> None:
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts:
        evaluation = await parts.scheduler.evaluate(RUN_DAY, digests=False)
        first = await flag_entries(lagging)
        await parts.scheduler.evaluate(RUN_DAY, digests=False)
        assert await flag_entries(lagging) == first
        standing: dict[str, Flag] = {}
        for entry in first:
            standing[entry.flag.key] = entry.flag
            if entry.change == "cleared":
                assert entry.flag.cleared_on == entry.day
                del standing[entry.flag.key]
        assert sorted(standing.values(), key=lambda flag: flag.key) == list(evaluation.standing)


async def test_a_notifier_without_the_lease_publishes_nothing(lagging: System) -> None:
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts:
        evaluation = await parts.scheduler.evaluate(RUN_DAY, digests=False)
    before = await flag_entries(lagging)
    async with Redis.from_url(lagging.valkey.url) as redis:
        repository = EvaluationRepository(redis, Lease(redis, "flags").fence_key)
        with pytest.raises(UnavailableError):
            await repository.store(evaluation.model_copy(update={"standing": ()}), None, term=0)
    assert await flag_entries(lagging) == before


async def test_a_webhook_gets_a_flag_raised_and_later_cleared_each_once(lagging: System, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    posts = {"smtp_host": None, "webhook_url": NOWHERE, "webhook_secret_file": secret}
    async with notifier(lagging, FakeClock(at(UNTIL, 8)), **posts) as parts:
        for day in (RUN_DAY, UNTIL, UNTIL):
            await parts.scheduler.evaluate(day, digests=True)
    about = {key.removeprefix(f"webhook:{LAGGARD}:1:lag:") for key in messages(lagging) if f":{LAGGARD}:1:" in key}
    posted = sorted(tuple(key.split(":")[:2]) for key in about)
    assert posted == [("2023-06", "cleared"), ("2023-06", "raised")], "each once; in July it is at work again"


async def test_a_first_post_speaks_of_no_flag_that_is_over(lagging: System, tmp_path: Path) -> None:
    """A notifier that was away for the whole life of a flag has nothing to say of it."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    posts = {"smtp_host": None, "webhook_url": NOWHERE, "webhook_secret_file": secret}
    async with notifier(lagging, FakeClock(at(UNTIL, 8)), **posts) as parts:
        await parts.scheduler.evaluate(UNTIL, digests=True)
    assert not [key for key in messages(lagging) if f":{LAGGARD}:1:" in key]


async def outdated(client: httpx.AsyncClient) -> float:
    """How many counts of evaluated days have changed, by the notifier's own metrics."""
    name = "pulse_notifier_evaluation_outdated_counts "
    lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))
