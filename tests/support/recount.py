"""The independent recount: the rules of counting (records 0008, 0138) as plain lines, on CloudEvents as they were sent.

It shares nothing with the service: times are read by `datetime`, days by `zoneinfo`, ties are decided by canonical
JSON after the digest of the id, and everything is recounted from all events at once, without states, merging or
differences.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

Event = dict[str, Any]
Counts = dict[tuple[str, str, str, dt.date], int]
"""(role, measure, unit, day) -> count, without zeros. What both roles speak of is counted once more, as "matched" on
the day the reporting source gives and as "matched-record" on the day the record gives."""

PREFIX = "vn.gov.binhdinh.dean5299."
ROLES = {"urn:dean5299:reporting": "reporting", "urn:igate:binhdinh": "record"}
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
SECRET = "a secret for tests"
"""The pseudonym secret of every system that is compared with a recount."""

KINDS = {
    "account": ("account.opened", "account.transacted", "account.closed"),
    "dossier": ("dossier.filed", None, "dossier.withdrawn"),
    "article": ("article.published", None, "article.withdrawn"),
    "household": ("household.informed", None, None),
}


def recount(events: Iterable[Event]) -> Counts:
    """The counts all of `events` come to, in whatever order and however often each is given."""
    entities: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
    for event in events:
        name = event["type"].removeprefix(PREFIX)
        kind = next(kind for kind, types in KINDS.items() if name in types)
        entities[ROLES[event["source"]], kind, event["subject"]].append(event)
    counts: Counter[tuple[str, str, str, dt.date]] = Counter()
    for (role, kind, _), history in entities.items():
        for measure, unit, day, change in contributions(kind, history):
            counts[role, measure, unit, day] += change
    for kind, subject in {(kind, subject) for _, kind, subject in entities}:
        reported, recorded = (standing(kind, entities.get((role, kind, subject), [])) for role in ROLES.values())
        for measure, unit in reported.keys() & recorded.keys():
            counts["matched", measure, unit, reported[measure, unit]] += 1
            counts["matched-record", measure, unit, recorded[measure, unit]] += 1
    return {place: count for place, count in counts.items() if count}


def standing(kind: str, history: list[Event]) -> dict[tuple[str, str], dt.date]:
    """(measure, unit) -> since when one entity counts in it, for an entity that has not ended."""
    counted = list(contributions(kind, history))
    if any(change < 0 for _, _, _, change in counted):
        return {}
    return {(measure, unit): day for measure, unit, day, _ in counted}


def contributions(kind: str, history: list[Event]) -> Iterable[tuple[str, str, dt.date, int]]:
    """What one entity counts: (measure, unit, day, change)."""
    begin_type, step_type, end_type = KINDS[kind]
    begins, steps, ends = (
        sorted((event for event in history if event["type"] == f"{PREFIX}{name}"), key=order)
        for name in (begin_type, step_type, end_type)
    )
    if not begins:
        return
    latest = begins[-1]["data"]
    began = instant(begins[0])
    ended = instant(ends[-1]) if ends and said(ends[-1]) >= said(begins[-1]) else None
    counted = [(measure, began) for measure in measures(kind, latest)]
    if steps:
        counted.append(("transacted_accounts", max(began, instant(steps[0]))))
    for measure, since in counted:
        yield measure, latest["unit"], day_of(since), 1
        if ended:
            yield measure, latest["unit"], day_of(ended), -1


def measures(kind: str, data: dict[str, Any]) -> Iterable[str]:
    """The measures an entity with a begin counts in, by the attributes of its latest begin."""
    if kind == "account":
        yield f"{data['holder']}_accounts"
    elif kind == "dossier" and data["filer"] == "member":
        yield "member_dossiers"
        if data["channel"] == "online":
            yield "member_dossiers_online"
    elif kind == "dossier" and data["channel"] == "online" and data["supported"]:
        yield "supported_dossiers"
    elif kind in ("article", "household"):
        yield f"{kind}s"


def order(event: Event) -> tuple[dt.datetime, dt.datetime, bytes, str]:
    """What "first" and "latest" go by: when it happened, when it was said, the id's digest, the data."""
    data = json.dumps(event.get("data"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    key = hmac.new(SECRET.encode(), b"digests of event ids", "sha256").digest()
    return *said(event), hashlib.blake2b(event["id"].encode(), key=key, digest_size=8).digest(), data


def said(event: Event) -> tuple[dt.datetime, dt.datetime]:
    """When it happened and when that was said; at one moment of both an end comes after a begin."""
    return instant(event), instant(event, "recordedtime" if "recordedtime" in event else "time")


def instant(event: Event, name: str = "time") -> dt.datetime:
    return dt.datetime.fromisoformat(event[name]).astimezone(dt.UTC)


def day_of(moment: dt.datetime) -> dt.date:
    return moment.astimezone(LOCAL).date()


def as_of(counts: Counts, role: str, day: dt.date) -> dict[tuple[str, str], int]:
    """(measure, unit) -> the state at the first moment of `day`, without zeros."""
    totals: Counter[tuple[str, str]] = Counter()
    for (counted_role, measure, unit, counted_on), count in counts.items():
        if counted_role == role and counted_on < day:
            totals[measure, unit] += count
    return {place: total for place, total in totals.items() if total}
