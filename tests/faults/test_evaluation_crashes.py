"""kill -9 of the notifier at each step of an evaluation: after a restart every message arrives, none twice."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest

from shared.contracts.flags import Flag
from tests.support.bearer import WITH_KEY
from tests.support.clock import NOW, at
from tests.support.lagging_history import LAGGARD, RUN_DAY
from tests.support.mail_server import Behaviour, running_mail_server
from tests.support.notifier_harness import flag_entries, forget, running_lagging_system
from tests.support.processes import Service, System, forked
from tests.support.waiting import eventually

pytestmark = pytest.mark.time_sensitive

MESSAGES = {f"digest.{LAGGARD}.{RUN_DAY}", f"overview.{RUN_DAY}.vi", f"overview.{RUN_DAY}.en"}
POINTS = (
    "before an evaluation is stored",
    "after an evaluation is stored",
    "before the outbox",
    "between messages",
    "before the day is marked",
    "after the day is marked",
)


SUNDAY = at(RUN_DAY + dt.timedelta(days=5), 9)
"""No working day: the notifier evaluates when asked, and only then reaches a crash point."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_lagging_system(tmp_path_factory.mktemp("crashes")) as system:
        yield system


@pytest.mark.parametrize("point", POINTS)
async def test_a_crash_loses_no_message_and_sends_none_twice(system: System, point: str, tmp_path: Path) -> None:
    forget(system)
    behaviour = Behaviour()
    async with running_mail_server(behaviour) as port, httpx.AsyncClient(timeout=20, headers=WITH_KEY) as client:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_security": "none"}
        service = system.service(
            "notifier", forked("tests.support.crashing_notifier"), metrics_url=system.metrics.url, **mail
        )
        service.environment |= {"BREAK_AT": point, "BREAK_TALLY": str(tmp_path / "tally"), NOW: SUNDAY.isoformat()}
        service.start()
        await eventually(lambda: ready(client, service))
        with pytest.raises(httpx.TransportError):
            await ask(client, service)
        await eventually(lambda: ended(service))
        with system.valkey.client() as redis:
            redis.delete("{flags}:lease")
        service.start()
        await eventually(lambda: ready(client, service))
        first = await ask(client, service)
        assert first.status_code == httpx.codes.OK, first.text
        assert (await ask(client, service)).json() == first.json(), "asking again changes nothing"
        await eventually(lambda: delivered(client, service))
        service.stop()
    arrived = Counter(
        str(message_from_bytes(mail)["Message-ID"]).strip("<>").partition("@")[0] for mail in behaviour.accepted
    )
    assert arrived == Counter(MESSAGES)
    assert {flag["unit"] for flag in first.json()["flags"]} == {LAGGARD, None}
    raised = Counter(entry.flag.key for entry in await flag_entries(system) if entry.change == "raised")
    assert {Flag.model_validate(flag).key for flag in first.json()["flags"]} <= raised.keys()
    assert set(raised.values()) == {1}, "each flag is raised in the stream once"


async def ask(client: httpx.AsyncClient, service: Service) -> httpx.Response:
    return await client.post(f"{service.url}/v1/evaluations", params={"day": str(RUN_DAY), "letters": True})


async def ready(client: httpx.AsyncClient, service: Service) -> bool:
    try:
        return (await client.get(f"{service.url}/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def ended(service: Service) -> bool:
    return service.ended


async def delivered(client: httpx.AsyncClient, service: Service) -> bool:
    pending: int = (await client.get(f"{service.url}/v1/outbox")).json()["pending"]["mail"]
    return not pending
