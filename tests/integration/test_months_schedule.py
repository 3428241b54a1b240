"""The schedule of month closing, on metrics processes whose clock is a file."""

import datetime as dt
import time

import pytest

from tests.support import clocked_metrics
from tests.support.clock import FakeClock, at
from tests.support.june_accounts import GRACE_OVER, JULY, JUNE, MUCH_LATER, Clocked
from tests.support.month_closing import month_closing
from tests.support.waiting import wait_until

pytestmark = pytest.mark.time_sensitive


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
