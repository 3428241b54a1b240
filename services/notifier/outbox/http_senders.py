"""Delivery over HTTP: flags posted to a webhook, and as alerts to Alertmanager.

The webhook gets each flag once raised and once cleared, signed so that the origin can be proved. Alertmanager (v2 API)
forgets an alert that is not posted again, so every run posts all flags of the month: those that stand with an end in
the future, those that were cleared with the end they had. An attempt that arrives late and brings an old alert back is
corrected by the next run.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from typing import Literal

import httpx

from services.notifier.outbox.messages import (
    DeliverySettingsError,
    Message,
    PermanentDeliveryError,
    TransientDeliveryError,
)
from shared.contracts.flags import Flag
from shared.domain.catalogue import PROVINCE
from shared.domain.clock import LOCAL, Clock

TRANSIENT_STATUSES = frozenset({408, 425, 429})
"""4xx codes caused by the moment."""

SETTINGS_STATUSES = frozenset({401, 403, 404, 405})
"""4xx codes caused by our settings, not by this message: a wrong secret or address; a redirect says the same."""


async def post(client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]) -> str:
    """POST `body` and return the status line of a 2xx answer. Redirects are not followed.

    Raises:
        DeliverySettingsError: a redirect, or one of SETTINGS_STATUSES.
        TransientDeliveryError: no answer, a server error, or one of TRANSIENT_STATUSES.
        PermanentDeliveryError: any other answer.
    """
    try:
        response = await client.post(url, content=body, headers=headers, follow_redirects=False)
    except httpx.RequestError as error:
        raise TransientDeliveryError(f"no answer: {type(error).__name__}: {error}") from error
    status = f"{response.status_code} {response.reason_phrase}"
    if response.is_success:
        return status
    if response.is_redirect or response.status_code in SETTINGS_STATUSES:
        raise DeliverySettingsError(status)
    if response.is_server_error or response.status_code in TRANSIENT_STATUSES:
        raise TransientDeliveryError(status)
    raise PermanentDeliveryError(f"{status}: {response.text[:200]}")


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

    The timestamp is signed too: a receiver that refuses old ones refuses a replayed copy.
    """
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class WebhookSender:
    """Sends messages of the channel `webhook`. `client` carries the timeouts."""

    def __init__(self, client: httpx.AsyncClient, url: str, secret: bytes, clock: Clock) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._clock = clock

    async def send(self, message: Message) -> str:
        """Post one message, stamped and signed anew at each attempt, as `ChannelSender` has it."""
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Pulse-Delivery": message.key,
            "X-Pulse-Timestamp": timestamp,
            "X-Pulse-Signature": signature(self._secret, timestamp, message.body),
        }
        return await post(self._client, self._url, message.body, headers)


ALERT = "PulseFlag"
PATH = "/api/v2/alerts"
ONE_SECOND = dt.timedelta(seconds=1)

Link = Callable[[Flag, dt.date], str]
"""The address of the board's page for a flag as of a day."""


def alertmanager_message(flags: Sequence[Flag], day: dt.date, valid_until: dt.date, link: Link) -> Message | None:
    """One message with every flag as of `day`; None without flags.

    A standing flag ends by itself at the first moment of `valid_until`: choose the day after the run after
    next, so that one missed run resolves nothing. The key ends with a digest of the body: a second evaluation
    of the day with the same result is the same message, one with another result is another.
    """
    if not flags:
        return None
    alerts = [_alert(flag, day, valid_until, link) for flag in flags]
    body = json.dumps(alerts, ensure_ascii=False, sort_keys=True).encode()
    return Message(f"alertmanager:{day}:{hashlib.sha256(body).hexdigest()[:16]}", "alertmanager", body)


def _alert(flag: Flag, day: dt.date, valid_until: dt.date, link: Link) -> dict[str, object]:
    starts = _midnight(flag.raised_on)
    ends = _midnight(flag.cleared_on or valid_until)
    return {
        "labels": {
            "alertname": ALERT,
            "unit": flag.unit or PROVINCE,
            "target": str(flag.target),
            "kind": flag.direction,
        },
        "annotations": {"sentence_vi": flag.sentence_vi, "sentence_en": flag.sentence_en},
        "generatorURL": link(flag, day),
        "startsAt": starts.isoformat(),
        "endsAt": max(ends, starts + ONE_SECOND).isoformat(),
    }


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), LOCAL)


class AlertmanagerSender:
    """Sends messages of the channel `alertmanager`. `base_url` is Alertmanager's own, without a path."""

    def __init__(self, client: httpx.AsyncClient, base_url: str) -> None:
        self._client = client
        self._url = base_url.rstrip("/") + PATH

    async def send(self, message: Message) -> str:
        """Post one batch of alerts, as `ChannelSender` has it."""
        return await post(self._client, self._url, message.body, {"Content-Type": "application/json"})
