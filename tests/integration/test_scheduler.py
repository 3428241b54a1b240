"""The notifier's scheduler on a real Valkey and a real metrics process, with the clock in the test's hand."""

import asyncio
import datetime as dt

import pytest

from services.notifier.detection.arrivals import KNOWN_DAYS
from services.notifier.scheduler import NotLeadingError
from shared.domain.clock import ONE_DAY
from tests.support.clock import FakeClock, at
from tests.support.lagging_history import LAGGARD, RUN_DAY, UNTIL
from tests.support.notifier_harness import (
    MESSAGES,
    client_of,
    evaluations,
    messages,
    notifier,
)
from tests.support.processes import System

pytestmark = pytest.mark.time_sensitive


async def test_a_fall_of_the_whole_province_is_one_notice_and_no_alert_to_leaders(lagging: System) -> None:
    """Every unit informs a fifth of the households; one unit alone opens no accounts."""
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts:
        evaluated = await parts.scheduler.evaluate(RUN_DAY, digests=True)
    flags = {(flag.unit, flag.target, flag.direction) for flag in evaluated.standing}
    assert flags == {(LAGGARD, 1, "lag"), (None, 7, "lag")}
    assert messages(lagging) == MESSAGES


async def test_digests_are_recorded_at_half_past_seven_of_a_working_day_once(lagging: System) -> None:
    clock = FakeClock(at(RUN_DAY, 7, 29))
    async with notifier(lagging, clock) as parts:
        await parts.scheduler.tick()
        assert messages(lagging) == set()
        clock.now = at(RUN_DAY, 7, 30)
        await parts.scheduler.tick()
        assert messages(lagging) == MESSAGES
        clock.now = at(RUN_DAY, 16)
        await parts.scheduler.tick()
        assert messages(lagging) == MESSAGES
        saturday = RUN_DAY + 4 * ONE_DAY
        clock.now = at(saturday, 9)
        await parts.scheduler.tick()
        assert not [key for key in messages(lagging) if str(saturday) in key]


async def test_what_was_missed_at_half_past_seven_is_done_later_the_same_day(lagging: System) -> None:
    async with notifier(lagging, FakeClock(at(RUN_DAY, 15))) as parts:
        await parts.scheduler.tick()
    assert messages(lagging) == MESSAGES


async def test_a_second_request_changes_nothing(lagging: System) -> None:
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts:
        first = await parts.scheduler.evaluate(RUN_DAY, digests=True)
        recorded = messages(lagging)
        assert await parts.scheduler.evaluate(RUN_DAY, digests=True) == first
    assert messages(lagging) == recorded


async def test_of_two_notifiers_one_evaluates_until_it_leaves(lagging: System) -> None:
    clock = FakeClock(at(RUN_DAY, 8))
    async with notifier(lagging, clock) as second, client_of(second) as to_second:
        async with notifier(lagging, clock) as first, client_of(first) as to_first:
            assert await first.scheduler.evaluate(RUN_DAY, digests=False)
            await asyncio.gather(first.scheduler.tick(), second.scheduler.tick())
            assert await evaluations(to_first, "done") == 2
            assert await evaluations(to_second, "done") == 0
            with pytest.raises(NotLeadingError):
                await second.scheduler.evaluate(RUN_DAY, digests=False)
            refused = await to_second.post("/v1/evaluations", params={"day": str(RUN_DAY)})
            assert (refused.status_code, refused.json()["title"]) == (409, "Not the evaluator")
        await second.scheduler.evaluate(RUN_DAY, digests=True)
    assert messages(lagging) == MESSAGES


async def test_flags_as_of_a_day_are_those_that_stood_at_its_first_moment(lagging: System) -> None:
    """Raised on some day in June; the day before it does not know of it, whatever was evaluated since."""
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts, client_of(parts) as client:
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


async def test_a_cleared_flag_still_stood_on_the_days_before(lagging: System) -> None:
    after = UNTIL + 3 * ONE_DAY
    async with notifier(lagging, FakeClock(at(after, 8))) as parts, client_of(parts) as client:
        await parts.scheduler.evaluate(after, digests=False)
        days = [RUN_DAY + number * ONE_DAY for number in range((after - RUN_DAY).days + 1)]
        stands = []
        for day in days:
            answer = (await client.get("/v1/flags", params={"as_of": str(day)})).json()
            stands.append(LAGGARD in {flag["unit"] for flag in answer["flags"] if flag["target"] == 1})
    assert (stands[0], stands[-1]) == (True, False)
    assert stands == sorted(stands, reverse=True), "it stood, and then no more"


async def test_a_day_that_has_not_come_is_refused(lagging: System) -> None:
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts, client_of(parts) as client:
        refused = await client.post("/v1/evaluations", params={"day": str(RUN_DAY + ONE_DAY), "letters": "true"})
        assert refused.status_code == 422
        assert f"{RUN_DAY + ONE_DAY} has not come yet" in refused.json()["detail"]
        nowhere = await client.get("/v1/flag")
        assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")
    assert messages(lagging) == set()


async def test_an_evaluation_of_an_unlike_version_is_made_anew(lagging: System) -> None:
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts:
        first = await parts.scheduler.evaluate(RUN_DAY, digests=False)
        with lagging.valkey.client() as client:
            for key in client.scan_iter("{flags}:evaluation:*"):
                client.set(key, '{"day": "2023-06-19", "of": "another version"}')
        assert await parts.scheduler.evaluate(RUN_DAY, digests=False) == first


async def test_only_the_evaluation_of_its_own_day_remembers_what_the_morning_knew(lagging: System) -> None:
    """What an evaluation made later knows has had time to come, and says nothing of how late figures are."""
    async with notifier(lagging, FakeClock(at(RUN_DAY, 8))) as parts:
        later = await parts.scheduler.evaluate(RUN_DAY - ONE_DAY, digests=False)
        own = await parts.scheduler.evaluate(RUN_DAY, digests=False)
        again = await parts.scheduler.evaluate(RUN_DAY, digests=False)
    assert later.known == {}
    assert len(own.known[LAGGARD]) == KNOWN_DAYS
    assert own.known[LAGGARD][0] == 1, "one household the day before, no account"
    assert again.known == own.known
