"""Closing months on a real Valkey and a real metrics process, with the clock in the test's hand."""

import asyncio
import datetime as dt

import pytest

from services.metrics.months.repository import STATE
from shared.contracts.months import digest_of
from shared.domain.errors import ConflictError, NotFoundError, UnavailableError
from shared.domain.months import MonthError
from tests.support import log_reader
from tests.support.clock import FakeClock, at
from tests.support.june_accounts import EVENTS, GRACE_OVER, JULY, JUNE, account
from tests.support.load import HEADERS
from tests.support.month_closing import month_closing
from tests.support.notifier_harness import send, wait_counted
from tests.support.processes import System, forked

pytestmark = pytest.mark.time_sensitive

NOW = "m.member_accounts.{unit}.now"


async def test_provisional_then_final_then_never_again(june: System) -> None:
    clock = FakeClock(at(dt.date(2023, 6, 30), 23, 59))
    async with month_closing(june, clock) as months:
        closing = months.closing
        with pytest.raises(MonthError, match="2023-06 is not over"):
            await closing.close(JUNE, "Lan")
        clock.now = at(JULY, 0)
        first = await closing.close(JUNE, "Lan")
        assert (first.snapshot.status, first.snapshot.revision) == ("provisional", 0)
        assert len(months.announced) == 1
        assert first.snapshot.value(NOW.format(unit="an-nhon")) == 40
        send(june, [account(100, "2023-06-30")])
        clock.now = at(GRACE_OVER, 0)
        second = await closing.close(JUNE, "Minh")
        assert (second.snapshot.status, second.snapshot.revision) == ("final", 0)
        assert second.snapshot.value(NOW.format(unit="an-nhon")) == 41
        with pytest.raises(ConflictError, match="reopen it with a reason"):
            await closing.close(JUNE, "Minh")
        assert len(months.announced) == 2, "a refused change is none"
        assert await months.repository.closed(JUNE) == second
        trail = (await months.client.get("/v1/audit")).json()
        statuses = [(await months.client.get(f"/v1/snapshots/{entry['digest']}")).json()["status"] for entry in trail]
        assert (await months.client.get("/v1/snapshots/none")).status_code == 404
    assert [(entry["who"], entry["what"], entry["status"], entry["digest"]) for entry in trail] == [
        ("Lan", "close", "provisional", first.digest),
        ("Minh", "close", "final", second.digest),
    ]
    assert statuses == ["provisional", "final"], "the provisional snapshot stays too, byte for byte"


async def test_a_late_event_is_a_restatement_and_never_a_changed_snapshot(june: System) -> None:
    """One event for June after the close of June: old, new, the event, the verdict it changes; July's is none."""
    async with month_closing(june, FakeClock(at(GRACE_OVER, 0))) as months:
        closed = await months.closing.close(JUNE, "Lan")
        assert (await months.closing.restatement(JUNE)).cells == []
        send(june, [account(200, "2023-06-12", "van-canh"), account(201, "2023-07-02", "van-canh")])
        restatement = await months.closing.restatement(JUNE)
        assert await months.repository.closed(JUNE) == closed
        assert (await months.closing.verification(JUNE)).holds
    changes = {figure.ref: (figure.old, figure.new) for figure in restatement.cells}
    assert changes[NOW.format(unit="van-canh")] == (0, 1)
    assert changes["t1.van-canh.achieved"] == (0, 1)
    assert changes[NOW.format(unit="province")] == (60, 61)
    assert [(event.id, event.day.isoformat(), event.type) for event in restatement.events] == [
        (log_reader.digest_of("e200-2023-06-12").hex(), "2023-06-12", "account.opened")
    ]
    assert ("van-canh", 1, "no change", "under way") in {
        (verdict.unit, verdict.target, verdict.old, verdict.new) for verdict in restatement.verdicts
    }
    assert restatement.complete


async def test_a_correction_sent_in_july_that_moves_an_account_of_june_names_its_event(june: System) -> None:
    """It belongs to July by its own time, and yet changes June: the account counts where its latest opening says."""
    async with month_closing(june, FakeClock(at(GRACE_OVER, 0))) as months:
        await months.closing.close(JUNE, "Lan")
        send(june, [account(1, "2023-07-03", "van-canh"), account(300, "2023-07-03", "van-canh")])
        restatement = await months.closing.restatement(JUNE)
    changes = {figure.ref: (figure.old, figure.new) for figure in restatement.cells}
    assert changes[NOW.format(unit="van-canh")] == (0, 1)
    assert changes[NOW.format(unit="an-nhon")] == (40, 39)
    assert [event.id for event in restatement.events] == [log_reader.digest_of("e1-2023-07-03").hex()]


async def test_reopening_needs_a_reason_and_makes_a_revision(june: System) -> None:
    async with month_closing(june, FakeClock(at(GRACE_OVER, 0))) as months:
        closing = months.closing
        with pytest.raises(NotFoundError, match="2023-06 was never closed"):
            await closing.reopen(JUNE, "Lan", "why not")
        original = await closing.close(JUNE, "Lan")
        with pytest.raises(MonthError, match="for a reason"):
            await closing.reopen(JUNE, "Lan", "  ")
        await closing.reopen(JUNE, "Lan", "An Nhon sent a list late")
        with pytest.raises(ConflictError, match="open already"):
            await closing.reopen(JUNE, "Lan", "once more")
        send(june, [account(400, "2023-06-12")])
        again = await closing.close(JUNE, "Minh")
        assert (again.snapshot.revision, again.snapshot.value(NOW.format(unit="an-nhon"))) == (1, 41)
        assert await months.repository.closed(JUNE, 0) == original
        assert await months.repository.closed(JUNE) == again
        with pytest.raises(NotFoundError, match="no revision 2"):
            await months.repository.closed(JUNE, 2)
        trail = (await months.client.get("/v1/audit")).json()
    assert [(entry["who"], entry["what"], entry["revision"], entry["reason"]) for entry in trail] == [
        ("Lan", "close", 0, ""),
        ("Lan", "reopen", 0, "An Nhon sent a list late"),
        ("Minh", "close", 1, ""),
    ]


async def test_of_racing_closes_one_stands(june: System) -> None:
    clock = FakeClock(at(GRACE_OVER, 0))
    async with month_closing(june, clock) as months, month_closing(june, clock) as other:
        ended = await asyncio.gather(
            *(each.closing.close(JUNE, who) for each, who in ((months, "Lan"), (other, "Minh")) for _ in range(4)),
            return_exceptions=True,
        )
        stands = await months.repository.closed(JUNE)
        trail = (await months.client.get("/v1/audit")).json()
    assert [outcome for outcome in ended if not isinstance(outcome, BaseException)] == [stands]
    assert {type(error) for error in ended if isinstance(error, BaseException)} == {ConflictError}
    assert [entry["digest"] for entry in trail] == [stands.digest]


async def test_a_tampered_snapshot_does_not_verify(june: System) -> None:
    """Changed in place; and changed with all that names it but the audit trail."""
    async with month_closing(june, FakeClock(at(GRACE_OVER, 0))) as months:
        closed = await months.closing.close(JUNE, "Lan")
        assert (await months.closing.verification(JUNE)).holds
        forged = closed.snapshot.model_dump_json().replace('"achieved":40', '"achieved":41', 1).encode()
        with june.valkey.client() as client:
            client.set(f"{{months}}:snapshot:{closed.digest}", forged)
            verification = await months.closing.verification(JUNE)
            assert not verification.holds
            assert [(figure.ref, figure.old, figure.new) for figure in verification.cells] == [
                ("t1.an-nhon.achieved", 41, 40)
            ]
            good = closed.snapshot.model_dump_json() + " "
            client.set(f"{{months}}:snapshot:{digest_of(good.encode())}", good)
            state = client.hget(STATE, "2023-06").decode().replace(closed.digest, digest_of(good.encode()))
            client.hset(STATE, "2023-06", state)
            verification = await months.closing.verification(JUNE)
            assert (verification.holds, verification.digest_holds, verification.cells) == (False, False, [])
            client.delete(f"{{months}}:snapshot:{digest_of(good.encode())}")
        with pytest.raises(ConflictError, match="is damaged"):
            await months.closing.verification(JUNE)


async def test_a_month_closed_on_a_wrong_counter_does_not_verify(june: System) -> None:
    with june.valkey.client() as client:
        hashes = list(client.scan_iter("counts:accounts:*"))
        field = next(name for name in client.hkeys(hashes[0]) if name.startswith(b"reporting|member_accounts|an-nhon|"))
        client.hincrby(hashes[0], field, 5)
    june.metrics.kill()
    june.metrics.start()
    june.metrics.wait_ready()
    wait_counted(june)
    async with month_closing(june, FakeClock(at(GRACE_OVER, 0))) as months:
        await months.closing.close(JUNE, "Lan")
        verification = await months.closing.verification(JUNE)
    assert (verification.holds, verification.digest_holds) == (False, True)
    assert (NOW.format(unit="an-nhon"), 45, 40) in {
        (figure.ref, figure.old, figure.new) for figure in verification.cells
    }


async def test_a_mid_month_cut_off_has_its_own_figures(june: System) -> None:
    async with month_closing(june, FakeClock(at(dt.date(2023, 6, 15), 0)), cutoff="mid-month") as months:
        closed = await months.closing.close(JUNE, "Lan")
    june_1_to_14 = sum(event["time"] < "2023-06-15" for event in EVENTS)
    assert closed.snapshot.as_of == dt.date(2023, 6, 15)
    assert closed.snapshot.value(NOW.format(unit="province")) == june_1_to_14


async def test_nothing_is_closed_before_the_log_is_counted(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A metrics that commits nothing: closing waits, goes on waiting, and closes once all is counted."""
    with System(tmp_path_factory.mktemp("behind")) as system:
        behind = system.service("metrics", forked("tests.support.crashing_services"))
        behind.environment |= {"BREAK_AT": "no commit", "PULSE_METRICS_PORT": system.metrics.url.rpartition(":")[2]}
        for service in (system.valkey, system.ingest, behind):
            service.start()
        system.ingest.wait_ready()
        assert system.ingest.client.post("/v1/events", json=EVENTS, headers=HEADERS).status_code == 202
        async with month_closing(system, FakeClock(at(GRACE_OVER, 0))) as months:
            with pytest.raises(UnavailableError, match=r"still counting, [1-9]"):
                await months.queries.wait_until_counted(0.3)
            closing = asyncio.create_task(months.closing.close(JUNE, "Lan"))
            ended, _ = await asyncio.wait([closing], timeout=1)
            assert not ended
            behind.kill()
            system.metrics.start()
            closed = await closing
    assert closed.snapshot.value(NOW.format(unit="province")) == len(EVENTS)


async def test_nothing_is_closed_on_counters_of_another_catalogue(june: System) -> None:
    with june.valkey.client() as client:
        counters = next(iter(client.scan_iter("counts:accounts:*")))
        client.hset(counters, "rules", "another")
    async with month_closing(june, FakeClock(at(GRACE_OVER, 0))) as months:
        with pytest.raises(UnavailableError, match="recounted for another catalogue"):
            await months.queries.wait_until_counted(0.3)


async def test_a_damaged_state_is_said_and_closes_nothing(june: System) -> None:
    async with month_closing(june, FakeClock(at(GRACE_OVER, 0))) as months:
        with june.valkey.client() as client:
            client.hset(STATE, "2023-06", '{"month": "2023-06"')
        for attempt in (months.closing.close(JUNE, "Lan"), months.closing.close_due()):
            with pytest.raises(ConflictError, match="state of 2023-06 is damaged"):
                await attempt
        assert (await months.client.get("/v1/months")).status_code == 409


async def test_the_routes_answer_with_the_status_of_the_error(june: System) -> None:
    async with month_closing(june, FakeClock(at(GRACE_OVER, 0))) as months:
        client = months.client
        answers = [
            await client.get("/v1/months/2023-13/snapshot"),
            await client.post("/v1/months/2023-07/close", params={"by": "Lan"}),
            await client.get("/v1/months/2023-06/snapshot"),
            await client.post("/v1/months/2023-06/reopen", params={"by": "Lan", "reason": "why not"}),
            await client.post("/v1/months/2023-06/close", params={"by": "Lan"}),
            await client.post("/v1/months/2023-06/close", params={"by": "Lan"}),
            await client.get("/v1/months/2023-06/snapshot", params={"revision": 3}),
            await client.get("/v1/months/2023-06/verification"),
        ]
    assert [answer.status_code for answer in answers] == [422, 422, 404, 404, 200, 409, 404, 200]
    problems = [answer for answer in answers if answer.is_error]
    assert {answer.headers["content-type"] for answer in problems} == {"application/problem+json"}
