"""The notifier as a process: how it stops, and what ends it."""

import asyncio
import signal
import time
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis

from services.notifier.outbox.outbox import Outbox
from tests.support.as_of import suite_now
from tests.support.mail_server import Behaviour, running_mail_server
from tests.support.processes import Service, System, forked
from tests.support.sample_digests import digest_to
from tests.support.waiting import wait_until

pytestmark = pytest.mark.time_sensitive


@pytest.fixture
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System(tmp_path_factory.mktemp("notifier")) as system:
        system.valkey.start()
        yield system


def started(system: System, mail_port: int, module: str = "tests.support.pulse5299", **environment: str) -> Service:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": str(mail_port), "smtp_security": "none"}
    service = system.service("notifier", forked(module), metrics_url=system.metrics.url, **mail)
    service.environment |= environment
    service.start()
    return service


async def test_it_stops_soon_and_gives_up_its_lease(system: System) -> None:
    service = started(system, 9)
    service.wait_ready()
    with system.valkey.client() as client:
        assert client.exists("{flags}:lease")
        began = time.monotonic()
        service.send(signal.SIGTERM)
        assert service.exit_code() == 0, service.output
        assert time.monotonic() - began < 5
        assert not client.exists("{flags}:lease"), "another notifier need not wait for its end"
    assert "notifier stopped" in service.output
    assert "Traceback" not in service.output


async def test_a_mail_server_that_hangs_does_not_keep_it_from_stopping(system: System) -> None:
    """The attempt under way is cut off; its letter is not lost: it waits for the next attempt."""
    behaviour = Behaviour(hang=True)
    reached = asyncio.Event()
    behaviour.on_data = reached.set
    async with running_mail_server(behaviour) as port:
        service = started(system, port)
        await asyncio.to_thread(service.wait_ready)
        await record(system)
        await asyncio.wait_for(reached.wait(), 20)
        began = time.monotonic()
        service.send(signal.SIGTERM)
        assert await asyncio.to_thread(service.exit_code) == 0, service.output
        assert time.monotonic() - began < 8, "a supervisor would have killed it"
    with system.valkey.client() as client:
        assert client.zcard("{outbox}:pending:mail") == 1
        assert not client.exists("{flags}:lease"), "it had time to leave in good order"
    assert behaviour.accepted == []


async def test_a_sender_that_breaks_is_logged_and_ends_no_delivery(system: System) -> None:
    """The attempt has failed and is made again; the process goes on with what else is due."""
    service = started(system, 9, "tests.support.crashing_notifier", BREAK_AT="delivery")
    await asyncio.to_thread(service.wait_ready)
    await record(system)
    broken = "an unexpected error of a sender"
    await asyncio.to_thread(wait_until, lambda: service.output.count(broken) >= 1, "the fault is in its log")
    assert not service.ended
    assert service.status("/livez") == 200


async def test_a_wrong_address_is_one_line(system: System) -> None:
    service = system.service("notifier", mail_from="no address")
    service.start()
    assert service.exit_code() == 2
    wait_until(lambda: "no address" in service.output, "the address is named")
    assert "Traceback" not in service.output


async def record(system: System) -> None:
    """Put a letter into the outbox."""
    async with Redis.from_url(system.valkey.url) as redis:
        assert await Outbox(redis, suite_now).record(digest_to())
