"""Sixty accounts of June 2023, forty of An Nhon and twenty of Quy Nhon, and the moments around the month's closing."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from shared.domain.months import Month
from tests.support.processes import Service, System, forked
from tests.support.recount import PREFIX, Event

JUNE = Month(2023, 6)
JULY, GRACE_OVER, MUCH_LATER = dt.date(2023, 7, 1), dt.date(2023, 7, 6), dt.date(2023, 9, 20)


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
