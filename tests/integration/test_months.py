"""Closing months on a real Valkey and a real metrics process, with the clock in the test's hand."""

import asyncio
import datetime as dt
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli.main import main
from services.metrics.months.repository import STATE
from shared.contracts.months import digest_of
from shared.domain.errors import ConflictError, NotFoundError, UnavailableError
from shared.domain.months import Month, MonthError
from tests.support import clocked_metrics
from tests.support.clock import FakeClock, at
from tests.support.load import HEADERS
from tests.support.month_closing import month_closing
from tests.support.notifier_harness import send, wait_counted
from tests.support.processes import Service, System, forked
from tests.support.recount import PREFIX, Event
from tests.support.waiting import wait_until

JUNE = Month(2023, 6)
JULY, GRACE_OVER, MUCH_LATER = dt.date(2023, 7, 1), dt.date(2023, 7, 6), dt.date(2023, 9, 20)
NOW = "m.member_accounts.{unit}.now"


def account(number: int, day: str, unit: str = "an-nhon", **more: str) -> Event:
    return {
        "specversion": "1.0",
        "id": f"e{number}-{day}",
        "source": "urn:dean5299:reporting",
        "type": f"{PREFIX}account.opened",
        "subject": f"account-{number}",
        "time": f"{day}T09:00:00+07:00",
        "data": {"unit": unit, "holder": "member"} | more,
    }


EVENTS = [account(n, f"2023-06-{1 + n % 30:02}", "an-nhon" if n % 3 else "quy-nhon") for n in range(60)]


@pytest.fixture
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Sixty accounts of June: forty of An Nhon, twenty of Quy Nhon."""
    with System(tmp_path_factory.mktemp("closing")) as system:
        system.start()
        send(system, EVENTS)
        yield system


@dataclass
class Clocked:
    """The same events counted by a metrics whose clock is a file, so that its schedule is in the test's hand."""

    system: System
    file: Path

    def set(self, moment: dt.datetime) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(moment.isoformat())
        new.rename(self.file)

    def process(self) -> Service:
        """One more metrics process on the same clock, not started."""
        process = self.system.service("metrics", forked("tests.support.clocked_metrics"))
        process.environment["CLOCK_FILE"] = str(self.file)
        return process


@pytest.fixture
def clocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clocked]:
    """The clock stands at 10 June."""
    with System(tmp_path_factory.mktemp("clocked")) as system:
        clocked = Clocked(system, system.folder / "clock")
        clocked.set(at(dt.date(2023, 6, 10), 9))
        system.metrics = clocked.process()
        system.start()
        send(system, EVENTS)
        yield clocked


async def test_provisional_then_final_then_never_again(system: System) -> None:
    clock = FakeClock(at(dt.date(2023, 6, 30), 23, 59))
    async with month_closing(system, clock) as months:
        closing = months.closing
        with pytest.raises(MonthError, match="2023-06 is not over"):
            await closing.close(JUNE, "Lan")
        clock.now = at(JULY, 0)
        first = await closing.close(JUNE, "Lan")
        assert (first.snapshot.status, first.snapshot.revision) == ("provisional", 0)
        assert first.snapshot.value(NOW.format(unit="an-nhon")) == 40
        send(system, [account(100, "2023-06-30")])
        clock.now = at(GRACE_OVER, 0)
        second = await closing.close(JUNE, "Minh")
        assert (second.snapshot.status, second.snapshot.revision) == ("final", 0)
        assert second.snapshot.value(NOW.format(unit="an-nhon")) == 41
        with pytest.raises(ConflictError, match="reopen it with a reason"):
            await closing.close(JUNE, "Minh")
        assert await months.repository.closed(JUNE) == second
        trail = (await months.client.get("/v1/audit")).json()
        statuses = [(await months.client.get(f"/v1/snapshots/{entry['digest']}")).json()["status"] for entry in trail]
        assert (await months.client.get("/v1/snapshots/none")).status_code == 404
    assert [(entry["who"], entry["what"], entry["status"], entry["digest"]) for entry in trail] == [
        ("Lan", "close", "provisional", first.digest),
        ("Minh", "close", "final", second.digest),
    ]
    assert statuses == ["provisional", "final"], "the provisional snapshot stays too, byte for byte"


async def test_a_late_event_is_a_restatement_and_never_a_changed_snapshot(system: System) -> None:
    """One event for June after the close of June: old, new, the event, the verdict it changes; July's is none."""
    async with month_closing(system, FakeClock(at(GRACE_OVER, 0))) as months:
        closed = await months.closing.close(JUNE, "Lan")
        assert (await months.closing.restatement(JUNE)).cells == []
        send(system, [account(200, "2023-06-12", "van-canh"), account(201, "2023-07-02", "van-canh")])
        restatement = await months.closing.restatement(JUNE)
        assert await months.repository.closed(JUNE) == closed
        assert (await months.closing.verification(JUNE)).holds
    changes = {figure.ref: (figure.old, figure.new) for figure in restatement.cells}
    assert changes[NOW.format(unit="van-canh")] == (0, 1)
    assert changes["t1.van-canh.achieved"] == (0, 1)
    assert changes[NOW.format(unit="province")] == (60, 61)
    assert [(event.id, event.day.isoformat(), event.type) for event in restatement.events] == [
        ("e200-2023-06-12", "2023-06-12", "account.opened")
    ]
    assert ("van-canh", 1, "no change", "under way") in {
        (verdict.unit, verdict.target, verdict.old, verdict.new) for verdict in restatement.verdicts
    }
    assert restatement.complete


async def test_a_correction_sent_in_july_that_moves_an_account_of_june_names_its_event(system: System) -> None:
    """It belongs to July by its own time, and yet changes June: the account counts where its latest opening says."""
    async with month_closing(system, FakeClock(at(GRACE_OVER, 0))) as months:
        await months.closing.close(JUNE, "Lan")
        send(system, [account(1, "2023-07-03", "van-canh"), account(300, "2023-07-03", "van-canh")])
        restatement = await months.closing.restatement(JUNE)
    changes = {figure.ref: (figure.old, figure.new) for figure in restatement.cells}
    assert changes[NOW.format(unit="van-canh")] == (0, 1)
    assert changes[NOW.format(unit="an-nhon")] == (40, 39)
    assert [event.id for event in restatement.events] == ["e1-2023-07-03"]


async def test_reopening_needs_a_reason_and_makes_a_revision(system: System) -> None:
    async with month_closing(system, FakeClock(at(GRACE_OVER, 0))) as months:
        closing = months.closing
        with pytest.raises(NotFoundError, match="2023-06 was never closed"):
            await closing.reopen(JUNE, "Lan", "why not")
        original = await closing.close(JUNE, "Lan")
        with pytest.raises(MonthError, match="for a reason"):
            await closing.reopen(JUNE, "Lan", "  ")
        await closing.reopen(JUNE, "Lan", "An Nhon sent a list late")
        with pytest.raises(ConflictError, match="open already"):
            await closing.reopen(JUNE, "Lan", "once more")
        send(system, [account(400, "2023-06-12")])
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


async def test_of_racing_closes_one_stands(system: System) -> None:
    clock = FakeClock(at(GRACE_OVER, 0))
    async with month_closing(system, clock) as months, month_closing(system, clock) as other:
        ended = await asyncio.gather(
            *(each.closing.close(JUNE, who) for each, who in ((months, "Lan"), (other, "Minh")) for _ in range(4)),
            return_exceptions=True,
        )
        stands = await months.repository.closed(JUNE)
        trail = (await months.client.get("/v1/audit")).json()
    assert [outcome for outcome in ended if not isinstance(outcome, BaseException)] == [stands]
    assert {type(error) for error in ended if isinstance(error, BaseException)} == {ConflictError}
    assert [entry["digest"] for entry in trail] == [stands.digest]


async def test_a_tampered_snapshot_does_not_verify(system: System) -> None:
    """Changed in place; and changed with all that names it but the audit trail."""
    async with month_closing(system, FakeClock(at(GRACE_OVER, 0))) as months:
        closed = await months.closing.close(JUNE, "Lan")
        assert (await months.closing.verification(JUNE)).holds
        forged = closed.snapshot.model_dump_json().replace('"achieved":40', '"achieved":41', 1).encode()
        with system.valkey.client() as client:
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


async def test_a_month_closed_on_a_wrong_counter_does_not_verify(system: System) -> None:
    with system.valkey.client() as client:
        hashes = list(client.scan_iter("counts:accounts:*"))
        field = next(name for name in client.hkeys(hashes[0]) if name.startswith(b"reporting|member_accounts|an-nhon|"))
        client.hincrby(hashes[0], field, 5)
    system.metrics.kill()
    system.metrics.start()
    system.metrics.wait_ready()
    wait_counted(system)
    async with month_closing(system, FakeClock(at(GRACE_OVER, 0))) as months:
        await months.closing.close(JUNE, "Lan")
        verification = await months.closing.verification(JUNE)
    assert (verification.holds, verification.digest_holds) == (False, True)
    assert (NOW.format(unit="an-nhon"), 45, 40) in {
        (figure.ref, figure.old, figure.new) for figure in verification.cells
    }


async def test_the_schedule_closes_every_month_it_lived_through(clocked: Clocked) -> None:
    """Provisionally, then for good; none from before it began; a reopened one is left to people."""
    clock = FakeClock(at(dt.date(2023, 6, 10), 9))
    async with month_closing(clocked.system, clock) as months:

        async def closes() -> list[tuple[str, str]]:
            closes_made: list[tuple[str, str]] = []
            while closed := await months.closing.close_due():
                closes_made.append((closed.snapshot.month, closed.snapshot.status))
            return closes_made

        assert await closes() == []
        clock.now = at(JULY, 0)
        assert await closes() == [("2023-06", "provisional")]
        clock.now = at(GRACE_OVER, 0)
        assert await closes() == [("2023-06", "final")]
        await months.closing.reopen(JUNE, "Lan", "a list came late")
        clock.now = at(MUCH_LATER, 0)
        assert await closes() == [("2023-07", "final"), ("2023-08", "final")]


async def test_a_mid_month_cut_off_has_its_own_figures(system: System) -> None:
    async with month_closing(system, FakeClock(at(dt.date(2023, 6, 15), 0)), cutoff="mid-month") as months:
        closed = await months.closing.close(JUNE, "Lan")
    june_1_to_14 = sum(event["time"] < "2023-06-15" for event in EVENTS)
    assert closed.snapshot.as_of == dt.date(2023, 6, 15)
    assert closed.snapshot.value(NOW.format(unit="province")) == june_1_to_14


def test_the_console_closes_verifies_restates_reopens_and_writes_the_notice(system: System) -> None:
    """The commands against the metrics process; a month of long ago is final at once."""
    url = system.metrics.url

    def pulse(*arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments, "--url", url])

    def notice(*options: str) -> Result:
        form = ("--format", "json", "--out", "-", "--url", url)
        return CliRunner().invoke(main, ["notice", "2023-07-01", *form, *options])

    never = pulse("close", "2023-06", "--verify")
    assert (never.exit_code, "2023-06 was never closed: `pulse5299 close 2023-06` does it" in never.output) == (1, True)
    closing = pulse("close", "2023-06", "--by", "Lan")
    assert closing.exit_code == 0, closing.output
    assert "2023-06 closed as of 2023-07-01: final, revision 0" in closing.output
    twice = pulse("close", "2023-06", "--by", "Lan")
    assert (twice.exit_code, "reopen it with a reason" in twice.output) == (1, True)
    assert pulse("close", "2023-06", "--verify").output == "2023-06 revision 0 holds\n"
    send(system, [account(500, "2023-06-12", "van-canh")])
    late = pulse("close", "2023-06", "--restatement")
    assert "m.member_accounts.van-canh.now: 0 -> 1" in late.output
    assert "2023-06-12 account.opened e500-2023-06-12" in late.output
    assert "van-canh, target 1: no change -> under way" in late.output
    assert "1 later events" in late.output

    snapshot = json.loads(notice().stdout)["snapshot"]
    assert (snapshot["status"], snapshot["revision"]) == ("final", 0)
    assert next(row["achieved"] for row in snapshot["rows"] if (row["unit"], row["target"]) == ("van-canh", 1)) == 0
    assert json.loads(notice("--provisional").stdout)["snapshot"]["status"] == "provisional"
    assert "(R)" not in notice().stdout

    reopened = pulse("close", "2023-06", "--by", "Lan", "--reopen", "--reason", "Van Canh sent a list late")
    assert reopened.output == "2023-06 is open again; revision 0 stays as it was\n"
    assert "revision 1" in pulse("close", "2023-06", "--by", "Lan").output
    reissue = notice("--lang", "en")
    assert json.loads(reissue.stdout)["snapshot"]["revision"] == 1
    assert "(R)" in reissue.stdout
    changes = json.loads(reissue.stdout)["changes"]
    figures = {
        (change["units"][0], ref): f["value"] for change in changes for f in change["figures"] for ref in f["refs"]
    }
    assert figures["van-canh", "t1.van-canh.achieved"] == 1
    assert figures["province", "t1.province.achieved"] == 61


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["2023-13"], "write it like 2023-06"),
        (["2023-06", "--verify", "--restatement"], "give one of"),
        (["2023-06", "--reopen"], "give --reopen and --reason together"),
        (["2023-06", "--reason", "because"], "give --reopen and --reason together"),
        (["2023-06", "--url", "metrics"], "give --url"),
        (["2023-06", "--url", "http://127.0.0.1:9"], "start the service, or give --url"),
    ],
)
def test_a_wrong_use_of_the_console_is_one_clear_line(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(main, ["close", *arguments])
    assert result.exit_code in (1, 2)
    assert words in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


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


async def test_nothing_is_closed_on_counters_of_another_catalogue(system: System) -> None:
    with system.valkey.client() as client:
        counters = next(iter(client.scan_iter("counts:accounts:*")))
        client.hset(counters, "rules", "another")
    async with month_closing(system, FakeClock(at(GRACE_OVER, 0))) as months:
        with pytest.raises(UnavailableError, match="recounted for another catalogue"):
            await months.queries.wait_until_counted(0.3)


async def test_a_damaged_state_is_said_and_closes_nothing(system: System) -> None:
    async with month_closing(system, FakeClock(at(GRACE_OVER, 0))) as months:
        with system.valkey.client() as client:
            client.hset(STATE, "2023-06", '{"month": "2023-06"')
        for attempt in (months.closing.close(JUNE, "Lan"), months.closing.close_due()):
            with pytest.raises(ConflictError, match="state of 2023-06 is damaged"):
                await attempt
        assert (await months.client.get("/v1/months")).status_code == 409


async def test_the_routes_answer_with_the_status_of_the_error(system: System) -> None:
    async with month_closing(system, FakeClock(at(GRACE_OVER, 0))) as months:
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


def test_of_two_metrics_processes_one_closes_when_their_clock_says_so(clocked: Clocked) -> None:
    """The schedule runs in metrics: nothing in June, provisional on 1 July, final on 6 July, each once."""
    second = clocked.process()
    second.start()
    second.wait_ready()

    def trail() -> list[tuple[str, str, str]]:
        entries = clocked.system.metrics.get("/v1/audit")
        return [(entry["who"], entry["month"], entry["status"]) for entry in entries]

    provisional, final = ("schedule", "2023-06", "provisional"), ("schedule", "2023-06", "final")
    clocked.set(at(dt.date(2023, 6, 30), 23, 59))
    time.sleep(100 * clocked_metrics.PAUSE)
    assert trail() == []
    clocked.set(at(JULY, 0))
    wait_until(trail, "June is closed")
    time.sleep(100 * clocked_metrics.PAUSE)
    assert trail() == [provisional]
    clocked.set(at(GRACE_OVER, 0))
    wait_until(lambda: len(trail()) > 1, "June is final")
    time.sleep(100 * clocked_metrics.PAUSE)
    assert trail() == [provisional, final]
    outputs = clocked.system.metrics.output + second.output
    assert outputs.count('"closed"') == 2, outputs
