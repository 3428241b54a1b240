"""A store written by an earlier release goes on being used: its closed months are shown, verified and reopened."""

import datetime as dt

import pytest

from services.metrics.months.repository import AUDIT, SINCE, STATE
from shared.contracts.months import digest_of
from shared.domain.months import Month
from tests.support import stored_months
from tests.support.clock import FakeClock, at
from tests.support.month_closing import month_closing
from tests.support.processes import System

pytestmark = pytest.mark.time_sensitive

JUNE = Month(2023, 6)


async def test_a_month_closed_by_an_earlier_release(tmp_path_factory: pytest.TempPathFactory) -> None:
    digest = digest_of(stored_months.SNAPSHOT)
    with System(tmp_path_factory.mktemp("stored")) as system:
        system.valkey.start()
        with system.valkey.client() as client:
            client.set("{months}:since", "2023-06-10")
            client.hset("{months}:state", "2023-06", stored_months.STATE)
            client.set(f"{{months}}:snapshot:{digest}", stored_months.SNAPSHOT)
            client.xadd("{months}:audit", {"entry": stored_months.AUDIT_ENTRY})
        assert (SINCE, STATE, AUDIT) == ("{months}:since", "{months}:state", "{months}:audit")
        async with month_closing(system, FakeClock(at(dt.date(2023, 7, 20), 0))) as months:
            assert await months.closing.close_due() is None, "it is final already"
            closed = await months.repository.closed(JUNE)
            assert (closed.by, closed.digest, closed.snapshot.value("t1.an-nhon.achieved")) == ("Lan", digest, 40)
            assert (await months.closing.verification(JUNE)).digest_holds
            await months.closing.reopen(JUNE, "Minh", "a list came late")
            again = await months.closing.close(JUNE, "Minh")
            assert (again.snapshot.revision, await months.repository.closed(JUNE, 0)) == (1, closed)
            assert (await months.client.get(f"/v1/snapshots/{digest}")).content == stored_months.SNAPSHOT
            trail = await months.repository.audit()
    assert [(entry.who, entry.what, entry.revision) for entry in trail] == [
        ("Lan", "close", 0),
        ("Minh", "reopen", 0),
        ("Minh", "close", 1),
    ]
