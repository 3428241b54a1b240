"""Flags in Debian's real Alertmanager: raised, posted again, resolved, and told to a receiver."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.notifier.outbox.http_senders import AlertmanagerSender, alertmanager_message
from services.notifier.outbox.messages import Message, PermanentDeliveryError, TransientDeliveryError
from shared.contracts.flags import Flag
from tests.support.http_receiver import Receiver, running_receiver
from tests.support.programs import free_port, require_program
from tests.support.sample_flags import LAG, OTHER_UNIT, PROVINCE
from tests.support.waiting import eventually

CONFIGURATION = """
route:
  receiver: hook
  group_by: [unit]
  group_wait: 10ms
  group_interval: 100ms
receivers:
  - name: hook
    webhook_configs:
      - url: {url}
        send_resolved: true
"""
TODAY = dt.date(2023, 7, 21)

UNTIL = dt.date(9000, 1, 1)
"""When Alertmanager, which has the machine's clock, may resolve a flag by itself."""


def link(flag: Flag, day: dt.date) -> str:
    return f"https://pulse.example.vn/units/{flag.unit}?as_of={day}"


def today(flag: Flag, **changes: object) -> Flag:
    return flag.model_copy(update={"raised_on": TODAY - dt.timedelta(days=2)} | changes)


def message(flags: Sequence[Flag]) -> Message:
    made = alertmanager_message(flags, TODAY, UNTIL, link)
    assert made is not None
    return made


@asynccontextmanager
async def alertmanager(folder: Path, hook: str) -> AsyncIterator[tuple[str, httpx.AsyncClient]]:
    program = require_program("prometheus-alertmanager")
    (folder / "alertmanager.yml").write_text(CONFIGURATION.format(url=hook))
    url = f"http://127.0.0.1:{free_port()}"
    command = [program, "--config.file", str(folder / "alertmanager.yml"), "--storage.path", str(folder)]
    command += ["--web.listen-address", url.removeprefix("http://"), "--cluster.listen-address", ""]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                await eventually(lambda: _ready(client, url))
                yield url, client
        finally:
            process.terminate()
            await process.wait()


async def _ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/-/ready")).is_success
    except httpx.TransportError:
        return False


async def standing(client: httpx.AsyncClient, url: str) -> dict[tuple[str, str, str], Any]:
    alerts = (await client.get(f"{url}/api/v2/alerts")).raise_for_status().json()
    return {tuple(alert["labels"][name] for name in ("unit", "target", "kind")): alert for alert in alerts}


async def test_raised_posted_again_and_resolved(tmp_path: Path) -> None:
    receiver = Receiver([200])
    with running_receiver(receiver) as hook:
        async with alertmanager(tmp_path, hook) as (url, client):
            sender = AlertmanagerSender(client, url)
            lag, surge, province = today(LAG), today(OTHER_UNIT), today(PROVINCE)
            assert (await sender.send(message([lag, surge, province]))).startswith("200")
            alerts = await standing(client, url)
            assert alerts.keys() == {
                ("phu-my", "2", "lag"), ("an-nhon", "5", "surge"), ("province", "6", "lag")
            }  # fmt: skip
            alert = alerts["phu-my", "2", "lag"]
            assert alert["labels"]["alertname"] == "PulseFlag"
            assert alert["annotations"] == {"sentence_vi": lag.sentence_vi, "sentence_en": lag.sentence_en}
            assert alert["generatorURL"] == link(lag, TODAY)
            assert alert["status"]["state"] == "active"
            await sender.send(message([lag, today(OTHER_UNIT, cleared_on=TODAY), province]))
            assert ("an-nhon", "5", "surge") not in await standing(client, url)

            async def reported() -> bool:
                return _reported(receiver) >= {
                    ("an-nhon", "resolved"),
                    ("phu-my", "firing"),
                    ("province", "firing"),
                }

            await eventually(reported)


def _reported(receiver: Receiver) -> set[tuple[str, str]]:
    return {
        (alert["labels"]["unit"], alert["status"])
        for _, _, body in receiver.seen
        for alert in json.loads(body)["alerts"]
    }


async def test_a_late_old_post_is_put_right_by_the_next_run(tmp_path: Path) -> None:
    async with alertmanager(tmp_path, "http://127.0.0.1:9/") as (url, client):
        sender = AlertmanagerSender(client, url)
        old, new = message([today(LAG)]), message([today(LAG, cleared_on=TODAY)])
        for late in (old, new, old, new):
            await sender.send(late)
        assert await standing(client, url) == {}


async def test_what_alertmanager_cannot_read_is_refused_and_a_closed_port_is_not(tmp_path: Path) -> None:
    async with alertmanager(tmp_path, "http://127.0.0.1:9/") as (url, client):
        with pytest.raises(PermanentDeliveryError, match="400"):
            await AlertmanagerSender(client, url).send(Message("alertmanager:x", "alertmanager", b"{}"))
    async with httpx.AsyncClient(timeout=5) as client:
        with pytest.raises(TransientDeliveryError):
            await AlertmanagerSender(client, url).send(message([today(LAG)]))


def test_the_same_result_is_the_same_message_and_another_is_another() -> None:
    assert message([LAG]) == message([LAG])
    assert message([LAG]).key != message([LAG, OTHER_UNIT]).key
    assert alertmanager_message([], TODAY, TODAY, link) is None


def test_a_flag_cleared_on_the_day_it_was_raised_ends_after_it_starts() -> None:
    [alert] = json.loads(message([LAG.model_copy(update={"cleared_on": LAG.raised_on})]).body)
    assert alert["startsAt"] == "2023-07-21T00:00:00+07:00"
    assert alert["endsAt"] == "2023-07-21T00:00:01+07:00"
