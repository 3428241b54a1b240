"""Flags as alerts of Alertmanager's v2 API, raised and resolved.

Alertmanager forgets an alert that is not posted again, so every run posts all flags of the month: those that
stand with an end in the future, those that were cleared with the end they had. An attempt that arrives late
and brings an old alert back is thereby put right by the next run.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence

import httpx

from services.notifier.outbox.http_outcome import post
from services.notifier.outbox.messages import Message
from shared.contracts.flags import Flag
from shared.domain.catalogue import PROVINCE
from shared.domain.clock import LOCAL

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
            "kind": flag.kind,
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
        """Post one batch of alerts, as `Sender` has it."""
        return await post(self._client, self._url, message.body, {"Content-Type": "application/json"})
