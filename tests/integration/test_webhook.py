"""Flags posted to a real HTTP server: signed, retried, each change once."""

import datetime as dt
import hashlib
import hmac
import itertools
import json

import httpx
import pytest
from redis.asyncio import Redis

from services.notifier.outbox.delivery import Delivery
from services.notifier.outbox.http_senders import WebhookSender, webhook_message
from services.notifier.outbox.messages import PermanentDeliveryError, TransientDeliveryError
from services.notifier.outbox.outbox import Outbox
from shared.contracts.flags import Flag
from shared.domain.clock import system_clock
from tests.support.http_receiver import Receiver, running_receiver
from tests.support.outcomes import Outcomes
from tests.support.programs import free_port
from tests.support.sample_flags import LAG, NOW, RESOLVED

SECRET = b"shared secret"
LINK = "https://pulse.example.vn/units/phu-my?as_of=2023-07-21&lang=vi"


async def sent(receiver: Receiver, flag: Flag = LAG, at: dt.datetime = NOW) -> str:
    with running_receiver(receiver) as url:
        async with httpx.AsyncClient(timeout=5) as client:
            sender = WebhookSender(client, f"{url}/hook", SECRET, lambda: at)
            return await sender.send(webhook_message(flag, LINK))


async def test_the_receiver_can_read_it_and_prove_who_sent_it_and_when() -> None:
    receiver = Receiver()
    assert await sent(receiver) == "204 No Content"
    [(path, headers, body)] = receiver.seen
    assert path == "/hook"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Pulse-Timestamp"] == str(int(NOW.timestamp()))
    stamped = headers["X-Pulse-Timestamp"].encode() + b"." + body
    assert headers["X-Pulse-Signature"] == "sha256=" + hmac.new(SECRET, stamped, hashlib.sha256).hexdigest()
    reported = json.loads(body)
    assert (reported["change"], reported["link"], reported["id"]) == ("raised", LINK, headers["X-Pulse-Delivery"])
    assert Flag.model_validate(reported["flag"]) == LAG


async def test_a_copy_sent_later_bears_another_signature_but_the_same_id() -> None:
    receiver = Receiver()
    await sent(receiver)
    await sent(receiver, at=NOW + dt.timedelta(seconds=1))
    (_, first, body), (_, second, again) = receiver.seen
    assert body == again
    assert first["X-Pulse-Delivery"] == second["X-Pulse-Delivery"]
    assert first["X-Pulse-Signature"] != second["X-Pulse-Signature"]


def test_raised_and_cleared_are_two_messages_each_with_one_key() -> None:
    raised, cleared = webhook_message(LAG, LINK), webhook_message(RESOLVED, LINK)
    assert raised.key == "webhook:phu-my:2:lag:2023-07:raised:2023-07-21"
    assert cleared.key == "webhook:phu-my:1:lag:2023-07:cleared:2023-07-21"
    assert json.loads(cleared.body)["change"] == "cleared"
    assert webhook_message(LAG, LINK) == raised


@pytest.mark.parametrize("code", [500, 502, 503, 401, 403, 404, 405, 408, 429])
async def test_not_now(code: int) -> None:
    with pytest.raises(TransientDeliveryError, match=str(code)):
        await sent(Receiver([code]))


@pytest.mark.parametrize("code", [400, 410, 422])
async def test_never(code: int) -> None:
    receiver = Receiver([code])
    with pytest.raises(PermanentDeliveryError, match=str(code)):
        await sent(receiver)
    assert len(receiver.seen) == 1


async def test_a_redirect_is_a_matter_of_settings_and_not_followed() -> None:
    with pytest.raises(TransientDeliveryError, match="302"):
        await sent(Receiver([302]))


async def test_nobody_there() -> None:
    async with httpx.AsyncClient(timeout=5) as client:
        sender = WebhookSender(client, f"http://127.0.0.1:{free_port()}", SECRET, system_clock)
        with pytest.raises(TransientDeliveryError, match="no answer"):
            await sender.send(webhook_message(LAG, LINK))


async def test_the_outbox_retries_it(valkey: Redis) -> None:
    hours = itertools.count()
    outbox = Outbox(valkey, clock=lambda: NOW + dt.timedelta(hours=next(hours)))
    message = webhook_message(LAG, LINK)
    assert await outbox.record(message)
    assert not await outbox.record(message)
    outcomes, receiver = Outcomes(), Receiver([503, 500, 200])
    with running_receiver(receiver) as url:
        async with httpx.AsyncClient(timeout=5) as client:
            delivery = Delivery(outbox, "webhook", WebhookSender(client, url, SECRET, system_clock), outcomes)
            for _ in range(3):
                assert await delivery.deliver_one()
            assert not await delivery.deliver_one()
    assert outcomes == {"failed": 2, "sent": 1}
    assert len({body for _, _, body in receiver.seen}) == 1
