"""Closing months on a real Valkey and a real metrics process, with the clock in the test's hand."""

import asyncio
import datetime as dt
import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from services.cli.main import main
from services.metrics.months.closing import ConflictError
from services.metrics.months.repository import STATE
from shared.contracts.months import digest_of
from shared.domain.months import MonthError
from tests.support.notifier_harness import FakeClock, asked, at, notifier, send, wait_counted
from tests.support.processes import System
from tests.support.recount import PREFIX, Event

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


async def test_provisional_then_final_then_never_again(system: System) -> None:
    clock = FakeClock(at(dt.date(2023, 6, 30), 23, 59))
    async with notifier(system, clock) as parts:
        closing = parts.closing
        with pytest.raises(MonthError, match="2023-06 is not over"):
            await closing.close("2023-06", "Lan")
        clock.now = at(JULY, 0)
        first = await closing.close("2023-06", "Lan")
        assert (first.snapshot.status, first.snapshot.revision) == ("provisional", 0)
        assert first.snapshot.cell(NOW.format(unit="an-nhon")) == 40
        send(system, [account(100, "2023-06-30")])
        clock.now = at(GRACE_OVER, 0)
        second = await closing.close("2023-06", "Minh")
        assert (second.snapshot.status, second.snapshot.revision) == ("final", 0)
        assert second.snapshot.cell(NOW.format(unit="an-nhon")) == 41
        with pytest.raises(ConflictError, match="reopen it with a reason"):
            await closing.close("2023-06", "Minh")
        assert await closing.closed("2023-06") == second
        async with asked(parts) as client:
            trail = (await client.get("/v1/audit")).json()
            kept = [(await client.get(f"/v1/snapshots/{entry['digest']}")).json()["status"] for entry in trail]
            assert (await client.get("/v1/snapshots/none")).status_code == 404
    assert [(entry["who"], entry["what"], entry["status"], entry["digest"]) for entry in trail] == [
        ("Lan", "close", "provisional", first.digest),
        ("Minh", "close", "final", second.digest),
    ]
    assert kept == ["provisional", "final"], "the provisional snapshot is kept too, byte for byte"


async def test_a_late_event_is_a_restatement_and_never_a_changed_snapshot(system: System) -> None:
    """One event for June after the close of June: old, new, the event, the verdict it changes; July's is none."""
    async with notifier(system, FakeClock(at(GRACE_OVER, 0))) as parts:
        closed = await parts.closing.close("2023-06", "Lan")
        assert (await parts.closing.restatement("2023-06")).cells == []
        send(system, [account(200, "2023-06-12", "van-canh"), account(201, "2023-07-02", "van-canh")])
        found = await parts.closing.restatement("2023-06")
        assert await parts.closing.closed("2023-06") == closed
        assert (await parts.closing.verification("2023-06")).holds
    cells = {cell.ref: (cell.old, cell.new) for cell in found.cells}
    assert cells[NOW.format(unit="van-canh")] == (0, 1)
    assert cells["t1.van-canh.achieved"] == (0, 1)
    assert cells[NOW.format(unit="province")] == (60, 61)
    assert [(event.id, event.day.isoformat(), event.type) for event in found.events] == [
        ("e200-2023-06-12", "2023-06-12", "account.opened")
    ]
    assert ("van-canh", 1, "no change", "under way") in {
        (verdict.unit, verdict.target, verdict.old, verdict.new) for verdict in found.verdicts
    }
    assert found.complete


async def test_a_correction_sent_in_july_that_moves_an_account_of_june_names_its_event(system: System) -> None:
    """It belongs to July by its own time, and yet changes June: the account counts where its latest opening says."""
    async with notifier(system, FakeClock(at(GRACE_OVER, 0))) as parts:
        await parts.closing.close("2023-06", "Lan")
        send(system, [account(1, "2023-07-03", "van-canh"), account(300, "2023-07-03", "van-canh")])
        found = await parts.closing.restatement("2023-06")
    cells = {cell.ref: (cell.old, cell.new) for cell in found.cells}
    assert cells[NOW.format(unit="van-canh")] == (0, 1)
    assert cells[NOW.format(unit="an-nhon")] == (40, 39)
    assert [event.id for event in found.events] == ["e1-2023-07-03"]


async def test_reopening_needs_a_reason_and_makes_a_revision(system: System) -> None:
    async with notifier(system, FakeClock(at(GRACE_OVER, 0))) as parts:
        closing = parts.closing
        with pytest.raises(ConflictError, match="2023-06 was never closed"):
            await closing.reopen("2023-06", "Lan", "why not")
        original = await closing.close("2023-06", "Lan")
        with pytest.raises(MonthError, match="for a reason"):
            await closing.reopen("2023-06", "Lan", "  ")
        await closing.reopen("2023-06", "Lan", "An Nhon sent a list late")
        with pytest.raises(ConflictError, match="open already"):
            await closing.reopen("2023-06", "Lan", "once more")
        send(system, [account(400, "2023-06-12")])
        again = await closing.close("2023-06", "Minh")
        assert (again.snapshot.revision, again.snapshot.cell(NOW.format(unit="an-nhon"))) == (1, 41)
        assert await closing.closed("2023-06", 0) == original
        assert await closing.closed("2023-06") == again
        with pytest.raises(ConflictError, match="no revision 2"):
            await closing.closed("2023-06", 2)
        async with asked(parts) as client:
            trail = (await client.get("/v1/audit")).json()
    assert [(entry["who"], entry["what"], entry["revision"], entry["reason"]) for entry in trail] == [
        ("Lan", "close", 0, ""),
        ("Lan", "reopen", 0, "An Nhon sent a list late"),
        ("Minh", "close", 1, ""),
    ]


async def test_of_racing_closes_one_stands(system: System) -> None:
    clock = FakeClock(at(GRACE_OVER, 0))
    async with notifier(system, clock) as one, notifier(system, clock) as other:
        ended = await asyncio.gather(
            *(parts.closing.close("2023-06", who) for parts, who in ((one, "Lan"), (other, "Minh")) for _ in range(4)),
            return_exceptions=True,
        )
        stands = await one.closing.closed("2023-06")
        async with asked(one) as client:
            trail = (await client.get("/v1/audit")).json()
    assert [found for found in ended if not isinstance(found, BaseException)] == [stands]
    assert {type(error) for error in ended if isinstance(error, BaseException)} == {ConflictError}
    assert [entry["digest"] for entry in trail] == [stands.digest]


async def test_a_tampered_snapshot_does_not_verify(system: System) -> None:
    """Changed in place; and changed with all that names it but the audit trail."""
    async with notifier(system, FakeClock(at(GRACE_OVER, 0))) as parts:
        closed = await parts.closing.close("2023-06", "Lan")
        assert (await parts.closing.verification("2023-06")).holds
        forged = closed.snapshot.model_dump_json().replace('"achieved":40', '"achieved":41', 1).encode()
        with system.valkey.client() as client:
            client.set(f"{{months}}:snapshot:{closed.digest}", forged)
            found = await parts.closing.verification("2023-06")
            assert not found.holds
            assert [(cell.ref, cell.old, cell.new) for cell in found.cells] == [("t1.an-nhon.achieved", 41, 40)]
            good = closed.snapshot.model_dump_json() + " "
            client.set(f"{{months}}:snapshot:{digest_of(good.encode())}", good)
            state = client.hget(STATE, "2023-06").decode().replace(closed.digest, digest_of(good.encode()))
            client.hset(STATE, "2023-06", state)
            found = await parts.closing.verification("2023-06")
            assert (found.holds, found.digest_holds, found.cells) == (False, False, [])
            client.delete(f"{{months}}:snapshot:{digest_of(good.encode())}")
        with pytest.raises(ConflictError, match="is damaged"):
            await parts.closing.verification("2023-06")


async def test_a_month_closed_on_a_wrong_counter_does_not_verify(system: System) -> None:
    with system.valkey.client() as client:
        hashes = list(client.scan_iter("counts:accounts:*"))
        field = next(name for name in client.hkeys(hashes[0]) if name.startswith(b"reporting|member_accounts|an-nhon|"))
        client.hincrby(hashes[0], field, 5)
    system.metrics.kill()
    system.metrics.start()
    system.metrics.wait_ready()
    wait_counted(system)
    async with notifier(system, FakeClock(at(GRACE_OVER, 0))) as parts:
        await parts.closing.close("2023-06", "Lan")
        found = await parts.closing.verification("2023-06")
    assert (found.holds, found.digest_holds) == (False, True)
    assert (NOW.format(unit="an-nhon"), 45, 40) in {(cell.ref, cell.old, cell.new) for cell in found.cells}


async def test_the_schedule_closes_every_month_it_lived_through(system: System) -> None:
    """Provisionally, then for good; none from before it began; a reopened one is left to people."""
    clock = FakeClock(at(dt.date(2023, 6, 10), 9))
    async with notifier(system, clock) as parts:

        async def closes() -> list[tuple[str, str]]:
            found: list[tuple[str, str]] = []
            while closed := await parts.closing.on_schedule():
                found.append((closed.snapshot.month, closed.snapshot.status))
            return found

        assert await closes() == []
        clock.now = at(JULY, 0)
        assert await closes() == [("2023-06", "provisional")]
        clock.now = at(GRACE_OVER, 0)
        assert await closes() == [("2023-06", "final")]
        await parts.closing.reopen("2023-06", "Lan", "a list came late")
        clock.now = at(MUCH_LATER, 0)
        assert await closes() == [("2023-07", "final"), ("2023-08", "final")]


async def test_a_mid_month_cut_off_has_its_own_figures(system: System) -> None:
    async with notifier(system, FakeClock(at(dt.date(2023, 6, 15), 0)), cutoff="mid-month") as parts:
        closed = await parts.closing.close("2023-06", "Lan")
    june_1_to_14 = sum(event["time"] < "2023-06-15" for event in EVENTS)
    assert closed.snapshot.as_of == dt.date(2023, 6, 15)
    assert closed.snapshot.cell(NOW.format(unit="province")) == june_1_to_14


def test_the_console_closes_verifies_restates_reopens_and_writes_the_notice(system: System) -> None:
    """The commands against a notifier of their own process; a month of long ago is final at once."""
    notifier_process = system.service("notifier", metrics_url=system.metrics.url)
    notifier_process.start()
    notifier_process.wait_ready()
    url = notifier_process.url

    def pulse(*arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments, "--url", url])

    def notice(*options: str) -> Result:
        urls = ("--url", system.metrics.url, "--notifier-url", url)
        return CliRunner().invoke(main, ["notice", "2023-07-01", "--format", "json", "--out", "-", *urls, *options])

    never = pulse("close", "2023-06", "--verify")
    assert (never.exit_code, "2023-06 was never closed: `pulse5299 close 2023-06` does it" in never.output) == (1, True)
    done = pulse("close", "2023-06", "--by", "Lan")
    assert done.exit_code == 0, done.output
    assert "2023-06 closed as of 2023-07-01: final, revision 0" in done.output
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
    figures = {(one["units"][0], ref): f["value"] for one in changes for f in one["figures"] for ref in f["refs"]}
    assert figures["van-canh", "t1.van-canh.achieved"] == 1
    assert figures["province", "t1.province.achieved"] == 61


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["2023-13"], "write it like 2023-06"),
        (["2023-06", "--verify", "--restatement"], "give one of"),
        (["2023-06", "--reopen"], "give --reopen and --reason together"),
        (["2023-06", "--reason", "because"], "give --reopen and --reason together"),
        (["2023-06", "--url", "notifier"], "give --url"),
        (["2023-06", "--url", "http://127.0.0.1:9"], "start the service, or give --url"),
    ],
)
def test_a_wrong_use_of_the_console_is_one_clear_line(arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(main, ["close", *arguments])
    assert done.exit_code in (1, 2)
    assert words in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
