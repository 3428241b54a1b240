"""The notifier's scheduler on a real Valkey and a real metrics process, with the clock in the test's hand."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from faststream.redis import BinaryMessageFormatV1, RedisBroker
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

import services.notifier.app
import services.notifier.scheduler
from services.notifier.evaluations import EvaluationRepository
from services.notifier.leases import Lease
from services.notifier.outbox.messages import Message
from services.notifier.outbox.outbox import Outbox
from services.notifier.scheduler import NotLeadingError
from shared.clients.base import UnreachableError
from shared.clients.metrics import MetricsClient
from shared.contracts.flags import Flag
from shared.contracts.metrics import History
from shared.contracts.streams import ChangedCount, FlagChanged, ProgressChanged
from shared.domain.calendar import CalendarError
from shared.domain.errors import UnavailableError
from tests.support.clock import FakeClock, at
from tests.support.lagging_history import LAGGARD, RUN_DAY, UNTIL, steady_events
from tests.support.load import HEADERS
from tests.support.notifier_harness import client_of, forget, messages, notifier, send
from tests.support.processes import System, forked
from tests.support.waiting import eventually

MESSAGES = {f"digest:{LAGGARD}:{RUN_DAY}", f"overview:{RUN_DAY}:vi", f"overview:{RUN_DAY}:en"}
NOWHERE = "http://127.0.0.1:9"
ONE_DAY = dt.timedelta(days=1)
UNKNOWN_CHANGES = ProgressChanged(version="1", complete=False, changes=[])


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System(tmp_path_factory.mktemp("scheduler")) as system:
        system.start()
        send(system, list(steady_events()))
        yield system


@pytest.fixture
def system(fed: System) -> System:
    """The fed system without anything notifiers kept."""
    forget(fed)
    return fed


async def test_a_fall_of_the_whole_province_is_one_notice_and_no_alert_to_leaders(system: System) -> None:
    """Every unit informs a fifth of the households; one unit alone opens no accounts."""
    async with notifier(system, FakeClock(at(RUN_DAY, 8))) as parts:
        evaluated = await parts.scheduler.evaluate(RUN_DAY, digests=True)
    flags = {(flag.unit, flag.target, flag.kind) for flag in evaluated.standing}
    assert flags == {(LAGGARD, 1, "lag"), (None, 7, "lag")}
    assert messages(system) == MESSAGES


async def test_letters_are_written_at_half_past_seven_of_a_working_day_once(system: System) -> None:
    clock = FakeClock(at(RUN_DAY, 7, 29))
    async with notifier(system, clock) as parts:
        await parts.scheduler.tick()
        assert messages(system) == set()
        clock.now = at(RUN_DAY, 7, 30)
        await parts.scheduler.tick()
        assert messages(system) == MESSAGES
        clock.now = at(RUN_DAY, 16)
        await parts.scheduler.tick()
        assert messages(system) == MESSAGES
        saturday = RUN_DAY + 4 * ONE_DAY
        clock.now = at(saturday, 9)
        await parts.scheduler.tick()
        assert not [key for key in messages(system) if str(saturday) in key]


async def test_what_was_missed_at_half_past_seven_is_done_later_the_same_day(system: System) -> None:
    async with notifier(system, FakeClock(at(RUN_DAY, 15))) as parts:
        await parts.scheduler.tick()
    assert messages(system) == MESSAGES


class OutboxThatFailsOnce(Outbox):
    """Redis goes away after the first message."""

    records = 0

    async def record(self, message: Message) -> bool:
        self.records += 1
        if self.records == 2:
            raise RedisConnectionError("away after the first message")
        return await super().record(message)


async def test_an_evaluation_cut_short_is_completed_at_the_next_tick(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.notifier.app, "Outbox", OutboxThatFailsOnce)
    async with notifier(system, FakeClock(at(RUN_DAY, 8))) as parts:
        with pytest.raises(RedisConnectionError):
            await parts.scheduler.tick()
        assert len(messages(system)) == 1
        await parts.scheduler.tick()
    assert messages(system) == MESSAGES


async def test_asking_again_changes_nothing(system: System) -> None:
    async with notifier(system, FakeClock(at(RUN_DAY, 8))) as parts:
        first = await parts.scheduler.evaluate(RUN_DAY, digests=True)
        written = messages(system)
        assert await parts.scheduler.evaluate(RUN_DAY, digests=True) == first
    assert messages(system) == written


async def test_of_two_notifiers_one_evaluates_until_it_leaves(system: System) -> None:
    clock = FakeClock(at(RUN_DAY, 8))
    async with notifier(system, clock) as second, client_of(second) as to_second:
        async with notifier(system, clock) as first, client_of(first) as to_first:
            assert await first.scheduler.evaluate(RUN_DAY, digests=False)
            await asyncio.gather(first.scheduler.tick(), second.scheduler.tick())
            assert await evaluations(to_first, "done") == 2
            assert await evaluations(to_second, "done") == 0
            with pytest.raises(NotLeadingError):
                await second.scheduler.evaluate(RUN_DAY, digests=False)
            refused = await to_second.post("/v1/evaluations", params={"day": str(RUN_DAY)})
            assert (refused.status_code, refused.json()["title"]) == (409, "Not the evaluator")
        await second.scheduler.evaluate(RUN_DAY, digests=True)
    assert messages(system) == MESSAGES


async def test_flags_as_of_a_day_are_those_that_stood_at_its_first_moment(system: System) -> None:
    """Raised on some day in June; the day before it does not know of it, whatever was evaluated since."""
    async with notifier(system, FakeClock(at(RUN_DAY, 8))) as parts, client_of(parts) as client:
        evaluated = await parts.scheduler.evaluate(RUN_DAY, digests=False)
        raised = next(flag.raised_on for flag in evaluated.standing if flag.unit == LAGGARD)
        seen = {}
        for day in (raised - ONE_DAY, raised, RUN_DAY, RUN_DAY + 20 * ONE_DAY):
            answer = (await client.get("/v1/flags", params={"as_of": str(day)})).json()
            seen[day] = [flag["unit"] for flag in answer["flags"] if flag["unit"] == LAGGARD]
            assert dt.date.fromisoformat(answer["evaluated_on"]) <= day
        before = (await client.get("/v1/flags", params={"as_of": "2023-03-01"})).json()
    assert list(seen.values()) == [[], [LAGGARD], [LAGGARD], [LAGGARD]]
    assert (before["evaluated_on"], before["flags"]) == (None, [])


async def test_a_cleared_flag_still_stood_on_the_days_before(system: System) -> None:
    after = UNTIL + 3 * ONE_DAY
    async with notifier(system, FakeClock(at(after, 8))) as parts, client_of(parts) as client:
        await parts.scheduler.evaluate(after, digests=False)
        days = [RUN_DAY + number * ONE_DAY for number in range((after - RUN_DAY).days + 1)]
        stands = []
        for day in days:
            answer = (await client.get("/v1/flags", params={"as_of": str(day)})).json()
            stands.append(LAGGARD in {flag["unit"] for flag in answer["flags"] if flag["target"] == 1})
    assert (stands[0], stands[-1]) == (True, False)
    assert stands == sorted(stands, reverse=True), "it stood, and then no more"


async def test_a_webhook_is_told_of_a_flag_raised_and_cleared_since_it_was_last_told(
    system: System, tmp_path: Path
) -> None:
    """A notifier that writes again after the flag is over tells both, and each once."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    posts = {"smtp_host": None, "webhook_url": NOWHERE, "webhook_secret_file": secret}
    async with notifier(system, FakeClock(at(UNTIL, 8)), **posts) as parts:
        for day in (UNTIL, UNTIL):
            await parts.scheduler.evaluate(day, digests=True)
    about = {key.removeprefix(f"webhook:{LAGGARD}:1:lag:") for key in messages(system) if f":{LAGGARD}:1:" in key}
    assert {key.split(":")[1] for key in about} == {"raised", "cleared"}, about
    assert len(about) == 2


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


async def test_metrics_away_is_a_problem_on_request_and_tried_again_by_itself(system: System) -> None:
    async with (
        notifier(system, FakeClock(at(RUN_DAY, 8)), metrics_url=NOWHERE) as parts,
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


async def test_another_service_in_the_place_of_metrics_is_said(system: System) -> None:
    async with (
        notifier(system, FakeClock(at(RUN_DAY, 8)), metrics_url=system.ingest.url) as parts,
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


async def test_a_year_the_calendar_lacks_is_said_and_ends_nothing(system: System) -> None:
    async with notifier(system, FakeClock(at(dt.date(2031, 1, 6), 9))) as parts, client_of(parts) as client:
        with pytest.raises(CalendarError, match=r"but not 2031: add \[2031.holidays\]"):
            await parts.scheduler.tick()
        loop = asyncio.create_task(parts.scheduler.run())
        await eventually(lambda: failures(client, 1))
        assert not loop.done()
        loop.cancel()
        refused = await client.post("/v1/evaluations", params={"day": "2031-01-06"})
    assert (refused.status_code, "to the holidays file" in refused.json()["detail"]) == (503, True)


async def test_a_day_that_has_not_come_is_refused(system: System) -> None:
    async with notifier(system, FakeClock(at(RUN_DAY, 8))) as parts, client_of(parts) as client:
        refused = await client.post("/v1/evaluations", params={"day": str(RUN_DAY + ONE_DAY), "letters": "true"})
        assert refused.status_code == 422
        assert f"{RUN_DAY + ONE_DAY} has not come yet" in refused.json()["detail"]
        nowhere = await client.get("/v1/flag")
        assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")
    assert messages(system) == set()


async def test_an_evaluation_of_an_unlike_version_is_made_anew(system: System) -> None:
    async with notifier(system, FakeClock(at(RUN_DAY, 8))) as parts:
        first = await parts.scheduler.evaluate(RUN_DAY, digests=False)
        with system.valkey.client() as client:
            for key in client.scan_iter("{flags}:evaluation:*"):
                client.set(key, '{"day": "2023-06-19", "of": "another version"}')
        assert await parts.scheduler.evaluate(RUN_DAY, digests=False) == first


async def test_an_evaluation_that_had_to_wait_is_tried_again_when_figures_change(
    system: System, monkeypatch: pytest.MonkeyPatch
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
        notifier(system, FakeClock(at(RUN_DAY, 8))) as parts,
        client_of(parts) as client,
        parts.api.router.lifespan_context(parts.api),
    ):
        await eventually(lambda: failures(client, 1))
        with system.valkey.client() as redis:
            redis.xadd("progress", {"__data__": b"no news at all"})

        async def published(day: dt.date) -> None:
            async with RedisBroker(system.valkey.url) as broker:
                changed = ProgressChanged(version="1", complete=True, changes=[changed_on(day)])
                await broker.publish(changed, stream="progress")

        for _ in range(2):
            await published(RUN_DAY)
            await asyncio.sleep(0.3)
        assert messages(system) == set()

        async def recorded() -> bool:
            await published(RUN_DAY - ONE_DAY)
            return messages(system) >= MESSAGES

        await eventually(recorded)


async def test_changes_of_evaluated_days_outdate_the_evaluation_until_the_next(system: System) -> None:
    async with notifier(system, FakeClock(at(RUN_DAY, 8))) as parts, client_of(parts) as client:
        await parts.scheduler.tick()
        days = [RUN_DAY - ONE_DAY, RUN_DAY - 2 * ONE_DAY, RUN_DAY]
        changed = ProgressChanged(version="1", complete=True, changes=[changed_on(day) for day in days])
        parts.scheduler.progress_changed(changed)
        assert await outdated(client) == 2
        await parts.scheduler.tick()
        assert await outdated(client) == 2
        await parts.scheduler.evaluate(RUN_DAY, digests=False)
        assert await outdated(client) == 0


async def test_flags_that_change_are_published_once_with_the_evaluation(system: System) -> None:
    async with notifier(system, FakeClock(at(RUN_DAY, 8))) as parts:
        evaluation = await parts.scheduler.evaluate(RUN_DAY, digests=False)
        first = await flag_entries(system)
        await parts.scheduler.evaluate(RUN_DAY, digests=False)
        assert await flag_entries(system) == first
        standing: dict[str, Flag] = {}
        for entry in first:
            standing[entry.flag.key] = entry.flag
            if entry.change == "cleared":
                assert entry.flag.cleared_on == entry.day
                del standing[entry.flag.key]
        assert sorted(standing.values(), key=lambda flag: flag.key) == list(evaluation.standing)


async def test_a_notifier_without_the_lease_publishes_nothing(system: System) -> None:
    async with notifier(system, FakeClock(at(RUN_DAY, 8))) as parts:
        evaluation = await parts.scheduler.evaluate(RUN_DAY, digests=False)
    before = await flag_entries(system)
    async with Redis.from_url(system.valkey.url) as redis:
        repository = EvaluationRepository(redis, Lease(redis, "flags").fence_key)
        with pytest.raises(UnavailableError):
            await repository.store(evaluation.model_copy(update={"standing": ()}), None, term=0)
    assert await flag_entries(system) == before


async def flag_entries(system: System) -> list[FlagChanged]:
    """The entries of the `flags` stream."""
    async with Redis.from_url(system.valkey.url) as redis:
        entries: Any = await redis.xrange("flags")
    bodies = [BinaryMessageFormatV1.parse(fields[b"__data__"])[0] for _, fields in entries]
    return [FlagChanged.model_validate_json(body) for body in bodies]


def changed_on(day: dt.date) -> ChangedCount:
    return ChangedCount(unit=LAGGARD, target=1, day=day)


async def outdated(client: httpx.AsyncClient) -> float:
    """How many counts of evaluated days have changed, by the notifier's own metrics."""
    name = "pulse_notifier_evaluation_outdated_counts "
    lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


async def evaluations(client: httpx.AsyncClient, outcome: str) -> float:
    """How many evaluations the notifier's own metrics count."""
    name = f'pulse_notifier_evaluations_total{{outcome="{outcome}"}} '
    lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


async def failures(client: httpx.AsyncClient, least: int) -> bool:
    return await evaluations(client, "failed") >= least


async def ready(client: httpx.AsyncClient, status: int) -> bool:
    return (await client.get("/readyz")).status_code == status


async def answers(system: System, waiting: int) -> bool:
    """Whether metrics says that at least so many entries wait, none where 0 is asked for."""
    try:
        found: int = (await asyncio.to_thread(system.metrics.get, "/v1/positions"))["waiting"]
    except httpx.TransportError:
        return False
    return found >= waiting if waiting else not found
