"""The notifier's scheduler when metrics, Redis or the calendar fail."""

import asyncio
import datetime as dt
import time

import httpx
import pytest
from faststream.redis import RedisBroker
from redis.exceptions import ConnectionError as RedisConnectionError

import services.notifier.app
import services.notifier.scheduler
from services.notifier.outbox.messages import Message
from services.notifier.outbox.outbox import Outbox
from shared.clients.base import UnreachableError
from shared.clients.metrics import MetricsClient
from shared.contracts.metrics import History, ProgressChanged
from shared.domain.calendar import CalendarError
from shared.domain.clock import ONE_DAY
from shared.domain.errors import UnavailableError
from tests.support.clock import FakeClock, at
from tests.support.lagging_history import RUN_DAY, steady_events
from tests.support.load import HEADERS
from tests.support.notifier_harness import (
    MESSAGES,
    NOWHERE,
    UNKNOWN_CHANGES,
    changed_on,
    client_of,
    evaluations,
    failures,
    messages,
    notifier,
    ready,
)
from tests.support.processes import System, forked
from tests.support.waiting import eventually

pytestmark = pytest.mark.time_sensitive


class OutboxThatFailsOnce(Outbox):
    """Redis goes away after the first message."""

    records = 0

    async def record(self, message: Message) -> bool:
        self.records += 1
        if self.records == 2:
            raise RedisConnectionError("away after the first message")
        return await super().record(message)


async def test_an_evaluation_cut_short_is_completed_at_the_next_tick(
    lagging: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.notifier.app, "Outbox", OutboxThatFailsOnce)
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts:
        with pytest.raises(RedisConnectionError):
            await parts.scheduler.tick()
        assert len(messages(lagging)) == 1
        await parts.scheduler.tick()
    assert messages(lagging) == MESSAGES


async def test_nothing_is_said_before_metrics_has_counted_the_log(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A metrics that commits nothing: the question waits, goes on waiting, and is answered once all is counted."""
    folder = tmp_path_factory.mktemp("behind")
    events = list(steady_events())[:500]
    with System(folder) as system:
        behind = system.service("metrics", forked("tests.support.crashing_services"))
        behind.environment |= {"BREAK_AT": "no commit", "PULSE_METRICS_PORT": system.metrics.url.rpartition(":")[2]}
        for service in (system.valkey, system.ingest, behind):
            service.start()
        system.ingest.wait_ready()
        assert system.ingest.client.post("/v1/events", json=events, headers=HEADERS).status_code == 202
        await eventually(lambda: answers(system, 1))
        async with notifier(system, FakeClock(at(RUN_DAY, 8))) as parts:
            evaluation = asyncio.create_task(parts.scheduler.evaluate(RUN_DAY, digests=False))
            done, _ = await asyncio.wait([evaluation], timeout=1)
            assert not done
            behind.kill()
            ended = await asyncio.gather(evaluation, return_exceptions=True)
            assert [type(error) for error in ended] == [UnreachableError]
            system.metrics.start()
            await eventually(lambda: answers(system, 0))
            assert (await parts.scheduler.evaluate(RUN_DAY, digests=False)).day == RUN_DAY


async def test_metrics_away_is_a_problem_on_request_and_tried_again_by_itself(lagging: System) -> None:
    async with (
        notifier(lagging, FakeClock(at(RUN_DAY, 8)), metrics_url=NOWHERE) as parts,
        client_of(parts) as client,
    ):
        refused = await client.post("/v1/evaluations", params={"day": str(RUN_DAY)})
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"] == "5"
        assert "PULSE_METRICS_URL" in refused.json()["detail"]
        loop = asyncio.create_task(parts.scheduler.run())
        await eventually(lambda: failures(client, 1))
        parts.scheduler.progress_changed(UNKNOWN_CHANGES)
        await eventually(lambda: failures(client, 2))
        await eventually(lambda: ready(client, 200))
        assert not loop.done()
        loop.cancel()


async def test_changes_do_not_shorten_the_pause_after_a_failed_evaluation(
    lagging: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.notifier.scheduler, "RETRY_PAUSE", 0.5)
    async with (
        notifier(lagging, FakeClock(at(RUN_DAY, 8)), metrics_url=NOWHERE) as parts,
        client_of(parts) as client,
    ):
        began = time.monotonic()
        loop = asyncio.create_task(parts.scheduler.run())
        while time.monotonic() - began < 1.2:
            parts.scheduler.progress_changed(UNKNOWN_CHANGES)
            await asyncio.sleep(0.01)
        assert await evaluations(client, "failed") <= 1 + (time.monotonic() - began) / 0.5
        await eventually(lambda: failures(client, 2))
        loop.cancel()


async def test_another_service_in_the_place_of_metrics_is_said(lagging: System) -> None:
    async with (
        notifier(lagging, FakeClock(at(RUN_DAY, 8)), metrics_url=lagging.ingest.url) as parts,
        client_of(parts) as client,
    ):
        refused = await client.post("/v1/evaluations", params={"day": str(RUN_DAY)})
    assert refused.status_code == 503
    assert "PULSE_METRICS_URL" in refused.json()["detail"]


async def test_redis_away_and_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    with System(tmp_path_factory.mktemp("away")) as system:
        system.valkey.start()
        async with notifier(system, FakeClock(at(RUN_DAY, 5))) as parts, client_of(parts) as client:
            loop = asyncio.create_task(parts.scheduler.run())
            await eventually(lambda: ready(client, 200))
            system.valkey.kill()
            parts.scheduler.progress_changed(UNKNOWN_CHANGES)
            await eventually(lambda: ready(client, 503))
            assert (await client.get("/v1/flags")).status_code == 503
            system.valkey.start()
            parts.scheduler.progress_changed(UNKNOWN_CHANGES)
            await eventually(lambda: ready(client, 200))
            assert not loop.done()
            loop.cancel()


async def test_a_year_the_calendar_lacks_is_said_and_ends_nothing(lagging: System) -> None:
    async with notifier(lagging, FakeClock(at(dt.date(2031, 1, 6), 9))) as parts, client_of(parts) as client:
        with pytest.raises(CalendarError, match=r"but not 2031: add \[2031\]"):
            await parts.scheduler.tick()
        loop = asyncio.create_task(parts.scheduler.run())
        await eventually(lambda: failures(client, 1))
        assert not loop.done()
        loop.cancel()
        refused = await client.post("/v1/evaluations", params={"day": "2031-01-06"})
    assert (refused.status_code, "to the holidays file" in refused.json()["detail"]) == (503, True)


async def test_an_evaluation_that_had_to_wait_is_tried_again_when_figures_change(
    lagging: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an hour between ticks; an entry it cannot read does not stop that, changes of today do not wake it."""
    monkeypatch.setattr(services.notifier.scheduler, "PAUSE", 3600.0)
    refused = [UnavailableError("metrics is still counting")]
    history = MetricsClient.history

    async def refusing(client: MetricsClient, since: dt.date, until: dt.date, *, counted: bool = False) -> History:
        if refused:
            raise refused.pop()
        return await history(client, since, until, counted=counted)

    monkeypatch.setattr(MetricsClient, "history", refusing)
    async with (
        notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts,
        client_of(parts) as client,
        parts.api.router.lifespan_context(parts.api),
    ):
        await eventually(lambda: failures(client, 1))
        with lagging.valkey.client() as redis:
            redis.xadd("progress", {"__data__": b"no news at all"})

        async def published(day: dt.date) -> None:
            async with RedisBroker(lagging.valkey.url) as broker:
                changed = ProgressChanged(version="1", complete=True, changes=[changed_on(day)])
                await broker.publish(changed, stream="progress")

        for _ in range(2):
            await published(RUN_DAY)
            await asyncio.sleep(0.3)
        assert messages(lagging) == set()

        async def recorded() -> bool:
            await published(RUN_DAY - ONE_DAY)
            return messages(lagging) >= MESSAGES

        await eventually(recorded)


async def answers(lagging: System, waiting: int) -> bool:
    """Whether metrics says that at least so many entries wait, none where 0 is asked for."""
    try:
        found: int = (await asyncio.to_thread(lagging.metrics.get, "/v1/positions"))["waiting"]
    except httpx.TransportError:
        return False
    return found >= waiting if waiting else not found
