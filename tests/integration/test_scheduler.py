"""The notifier's mornings on a real Valkey and a real metrics process, with the clock in the test's hand."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

import services.notifier.app
import services.notifier.scheduler
from services.notifier.metrics_source import Figures, MetricsUnavailableError
from services.notifier.outbox.messages import Message
from services.notifier.outbox.outbox import Outbox
from services.notifier.scheduler import NotLeadingError
from shared.domain.calendar import CalendarError
from tests.support.lagging_history import LAGGARD, MORNING, UNTIL, steady_events
from tests.support.load import HEADERS
from tests.support.notifier_harness import FakeClock, asked, at, forget, messages, notifier, send
from tests.support.processes import System, forked
from tests.support.waiting import eventually

LETTERS = {f"digest:{LAGGARD}:{MORNING}", f"overview:{MORNING}:vi", f"overview:{MORNING}:en"}
NOWHERE = "http://127.0.0.1:9"
ONE_DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System(tmp_path_factory.mktemp("mornings")) as system:
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
    async with notifier(system, FakeClock(at(MORNING, 8))) as parts:
        evaluated = await parts.mornings.evaluate(MORNING, letters=True)
    flags = {(flag.unit, flag.target, flag.kind) for flag in evaluated.standing}
    assert flags == {(LAGGARD, 1, "lag"), (None, 7, "lag")}
    assert messages(system) == LETTERS


async def test_letters_are_written_at_half_past_seven_of_a_working_day_once(system: System) -> None:
    clock = FakeClock(at(MORNING, 7, 29))
    async with notifier(system, clock) as parts:
        await parts.mornings.look()
        assert messages(system) == set()
        clock.now = at(MORNING, 7, 30)
        await parts.mornings.look()
        assert messages(system) == LETTERS
        clock.now = at(MORNING, 16)
        await parts.mornings.look()
        assert messages(system) == LETTERS
        saturday = MORNING + 4 * ONE_DAY
        clock.now = at(saturday, 9)
        await parts.mornings.look()
        assert not [key for key in messages(system) if str(saturday) in key]


async def test_what_was_missed_at_half_past_seven_is_done_later_the_same_day(system: System) -> None:
    async with notifier(system, FakeClock(at(MORNING, 15))) as parts:
        await parts.mornings.look()
    assert messages(system) == LETTERS


class OutboxThatFailsOnce(Outbox):
    """Redis goes away after the first message."""

    records = 0

    async def record(self, message: Message) -> bool:
        self.records += 1
        if self.records == 2:
            raise RedisConnectionError("away after the first message")
        return await super().record(message)


async def test_a_morning_cut_short_is_completed_at_the_next_look(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.notifier.app, "Outbox", OutboxThatFailsOnce)
    async with notifier(system, FakeClock(at(MORNING, 8))) as parts:
        with pytest.raises(RedisConnectionError):
            await parts.mornings.look()
        assert len(messages(system)) == 1
        await parts.mornings.look()
    assert messages(system) == LETTERS


async def test_asking_again_changes_nothing(system: System) -> None:
    async with notifier(system, FakeClock(at(MORNING, 8))) as parts:
        first = await parts.mornings.evaluate(MORNING, letters=True)
        written = messages(system)
        assert await parts.mornings.evaluate(MORNING, letters=True) == first
    assert messages(system) == written


async def test_of_two_notifiers_one_evaluates_until_it_leaves(system: System) -> None:
    clock = FakeClock(at(MORNING, 8))
    async with notifier(system, clock) as second, asked(second) as to_second:
        async with notifier(system, clock) as first, asked(first) as to_first:
            assert await first.mornings.evaluate(MORNING, letters=False)
            await asyncio.gather(first.mornings.look(), second.mornings.look())
            assert await evaluations(to_first, "done") == 2
            assert await evaluations(to_second, "done") == 0
            with pytest.raises(NotLeadingError):
                await second.mornings.evaluate(MORNING, letters=False)
            refused = await to_second.post("/v1/evaluations", params={"day": str(MORNING)})
            assert (refused.status_code, refused.json()["title"]) == (409, "Not the evaluator")
        await second.mornings.evaluate(MORNING, letters=True)
    assert messages(system) == LETTERS


async def test_flags_as_of_a_day_are_those_that_stood_at_its_first_moment(system: System) -> None:
    """Raised on some morning in June; the day before it does not know of it, whatever was evaluated since."""
    async with notifier(system, FakeClock(at(MORNING, 8))) as parts, asked(parts) as client:
        evaluated = await parts.mornings.evaluate(MORNING, letters=False)
        raised = next(flag.raised_on for flag in evaluated.standing if flag.unit == LAGGARD)
        seen = {}
        for day in (raised - ONE_DAY, raised, MORNING, MORNING + 20 * ONE_DAY):
            answer = (await client.get("/v1/flags", params={"as_of": str(day)})).json()
            seen[day] = [flag["unit"] for flag in answer["flags"] if flag["unit"] == LAGGARD]
            assert dt.date.fromisoformat(answer["evaluated_on"]) <= day
        before = (await client.get("/v1/flags", params={"as_of": "2023-03-01"})).json()
    assert list(seen.values()) == [[], [LAGGARD], [LAGGARD], [LAGGARD]]
    assert (before["evaluated_on"], before["flags"]) == (None, [])


async def test_a_cleared_flag_still_stood_on_the_days_before(system: System) -> None:
    after = UNTIL + 3 * ONE_DAY
    async with notifier(system, FakeClock(at(after, 8))) as parts, asked(parts) as client:
        await parts.mornings.evaluate(after, letters=False)
        days = [MORNING + number * ONE_DAY for number in range((after - MORNING).days + 1)]
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
            await parts.mornings.evaluate(day, letters=True)
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
        async with httpx.AsyncClient() as client:
            with pytest.raises(MetricsUnavailableError, match=r"still counting, [1-9]"):
                await Figures(client, system.metrics.url, catch_up_within=0.3).caught_up()
        async with notifier(system, FakeClock(at(MORNING, 8))) as parts:
            evaluation = asyncio.create_task(parts.mornings.evaluate(MORNING, letters=False))
            done, _ = await asyncio.wait([evaluation], timeout=1)
            assert not done
            behind.kill()
            ended = await asyncio.gather(evaluation, return_exceptions=True)
            assert [type(error) for error in ended] == [MetricsUnavailableError]
            system.metrics.start()
            await eventually(lambda: answers(system, 0))
            assert (await parts.mornings.evaluate(MORNING, letters=False)).day == MORNING


async def test_metrics_away_is_a_problem_on_request_and_tried_again_by_itself(system: System) -> None:
    async with notifier(system, FakeClock(at(MORNING, 8)), metrics_url=NOWHERE) as parts, asked(parts) as client:
        refused = await client.post("/v1/evaluations", params={"day": str(MORNING)})
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"] == "5"
        assert "PULSE_METRICS_URL" in refused.json()["detail"]
        loop = asyncio.create_task(parts.mornings.run())
        await eventually(lambda: failures(client, 1))
        parts.mornings.wake()
        await eventually(lambda: failures(client, 2))
        await eventually(lambda: ready(client, 200))
        assert not loop.done()
        loop.cancel()


async def test_another_service_in_the_place_of_metrics_is_said(system: System) -> None:
    async with (
        notifier(system, FakeClock(at(MORNING, 8)), metrics_url=system.ingest.url) as parts,
        asked(parts) as client,
    ):
        refused = await client.post("/v1/evaluations", params={"day": str(MORNING)})
    assert refused.status_code == 503
    assert "PULSE_METRICS_URL" in refused.json()["detail"]


async def test_redis_away_and_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    with System(tmp_path_factory.mktemp("away")) as system:
        system.valkey.start()
        async with notifier(system, FakeClock(at(MORNING, 5))) as parts, asked(parts) as client:
            loop = asyncio.create_task(parts.mornings.run())
            await eventually(lambda: ready(client, 200))
            system.valkey.kill()
            parts.mornings.wake()
            await eventually(lambda: ready(client, 503))
            assert (await client.get("/v1/flags")).status_code == 503
            system.valkey.start()
            parts.mornings.wake()
            await eventually(lambda: ready(client, 200))
            assert not loop.done()
            loop.cancel()


async def test_a_year_the_calendar_lacks_is_said_and_ends_nothing(system: System) -> None:
    async with notifier(system, FakeClock(at(dt.date(2031, 1, 6), 9))) as parts, asked(parts) as client:
        with pytest.raises(CalendarError, match=r"but not 2031: add \[2031.holidays\]"):
            await parts.mornings.look()
        loop = asyncio.create_task(parts.mornings.run())
        await eventually(lambda: failures(client, 1))
        assert not loop.done()
        loop.cancel()
        refused = await client.post("/v1/evaluations", params={"day": "2031-01-06"})
    assert (refused.status_code, "to the holidays file" in refused.json()["detail"]) == (503, True)


async def test_a_day_that_has_not_come_is_refused(system: System) -> None:
    async with notifier(system, FakeClock(at(MORNING, 8))) as parts, asked(parts) as client:
        refused = await client.post("/v1/evaluations", params={"day": str(MORNING + ONE_DAY), "letters": "true"})
        assert refused.status_code == 422
        assert f"{MORNING + ONE_DAY} has not come yet" in refused.json()["detail"]
        nowhere = await client.get("/v1/flag")
        assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")
    assert messages(system) == set()


async def test_an_evaluation_of_an_unlike_version_is_made_anew(system: System) -> None:
    async with notifier(system, FakeClock(at(MORNING, 8))) as parts:
        first = await parts.mornings.evaluate(MORNING, letters=False)
        with system.valkey.client() as client:
            for key in client.scan_iter("{flags}:evaluation:*"):
                client.set(key, '{"day": "2023-06-19", "of": "another version"}')
        assert await parts.mornings.evaluate(MORNING, letters=False) == first


async def test_news_of_progress_wake_the_notifier(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an hour between looks, a counted event makes it look at once; news it cannot read do not stop that."""
    monkeypatch.setattr(services.notifier.scheduler, "PAUSE", 3600.0)
    clock = FakeClock(at(MORNING, 7))
    async with notifier(system, clock) as parts:
        running = asyncio.create_task(parts.runner.run())
        async with asked(parts) as to_notifier:
            await eventually(lambda: ready(to_notifier, 200))
        with system.valkey.client() as client:
            client.xadd("progress", {"__data__": b"no news at all"})
        clock.now = at(MORNING, 7, 30)

        async def written() -> bool:
            new = {"id": "new", "subject": "an account that was not there", "time": "2023-06-19T10:00:00+07:00"}
            event = next(steady_events()) | new
            await asyncio.to_thread(system.ingest.client.post, "/v1/events", json=[event], headers=HEADERS)
            return messages(system) >= LETTERS

        await eventually(written)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


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
