"""Flags posted to a webhook, each raised and each cleared once, signed so that their origin can be proved."""

import hashlib
import hmac
import json
from typing import Literal

import httpx

from services.notifier.outbox.http_outcome import post
from services.notifier.outbox.messages import Message
from shared.contracts.flags import Flag
from shared.domain.clock import Clock, system_clock

Change = Literal["raised", "cleared"]


def webhook_message(flag: Flag, link: str) -> Message:
    """The message that tells of `flag` as it stands: cleared when it has `cleared_on`, else raised.

    The key holds the day, and is the delivery's id: the same change is one message however often it is
    recorded.
    """
    change: Change = "raised" if flag.cleared_on is None else "cleared"
    day = flag.cleared_on or flag.raised_on
    key = f"webhook:{flag.key}:{change}:{day}"
    body = {"id": key, "change": change, "flag": flag.model_dump(mode="json"), "link": link}
    return Message(key, "webhook", json.dumps(body, ensure_ascii=False, sort_keys=True).encode())


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """`sha256=` and HMAC-SHA-256 (RFC 2104) of "TIMESTAMP.BODY" in hex.

    The timestamp is signed too: a receiver that refuses old ones cannot be fooled by a copy sent again.
    """
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class WebhookSender:
    """Sends messages of the channel `webhook`. `client` carries the timeouts."""

    def __init__(self, client: httpx.AsyncClient, url: str, secret: bytes, clock: Clock = system_clock) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._clock = clock

    async def send(self, message: Message) -> str:
        """Post one message, stamped and signed anew at each attempt, as `Sender` has it."""
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Pulse-Delivery": message.key,
            "X-Pulse-Timestamp": timestamp,
            "X-Pulse-Signature": signature(self._secret, timestamp, message.body),
        }
        return await post(self._client, self._url, message.body, headers)
