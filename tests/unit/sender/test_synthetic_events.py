"""The generated events, recounted with plain code, are the figures of the notice."""

import csv
import datetime as dt
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from services.sender.batches import Event
from services.sender.cumulative_counts import CumulativeCounts, read_cumulative_counts
from services.sender.synthetic_events import count_events, make_events

NOTICE = Path("data/notice-434")
AS_OF = {
    "as_of_2023_05_01": "2023-05-01",
    "as_of_2023_06_01": "2023-06-01",
    "as_of_2023_07_01": "2023-07-01",
}


@pytest.fixture(scope="module")
def cumulative() -> CumulativeCounts:
    return read_cumulative_counts(NOTICE)


@pytest.fixture(scope="module")
def events(cumulative: CumulativeCounts) -> list[Event]:
    return list(make_events(cumulative))


def kind(event: Event) -> str:
    return str(event["type"]).removeprefix("vn.gov.binhdinh.dean5299.")


def recount(events: list[Event], before: str) -> Counter[tuple[str, str]]:
    """(measure, unit) -> count over the events of days before `before`, written from the rules and nothing else."""
    counts: Counter[tuple[str, str]] = Counter()
    opened_by: dict[str, str] = {}
    for event in events:
        if event["time"][:10] >= before:
            continue
        data = event.get("data", {})
        match kind(event):
            case "account.opened":
                opened_by[event["subject"]] = data["unit"]
                counts[f"{data['holder']}_accounts", data["unit"]] += 1
            case "account.transacted":
                counts["transacted_accounts", opened_by[event["subject"]]] += 1
            case "dossier.filed" if data["filer"] == "member":
                counts["member_dossiers", data["unit"]] += 1
                counts["member_dossiers_online", data["unit"]] += data["channel"] == "online"
            case "dossier.filed":
                counts["supported_dossiers", data["unit"]] += data["channel"] == "online" and data["supported"]
            case "article.published":
                counts["articles", data["unit"]] += 1
            case "household.informed":
                counts["households", data["unit"]] += 1
    return counts


@pytest.mark.parametrize("column", AS_OF)
def test_every_row_of_the_notice_comes_back(events: list[Event], column: str) -> None:
    counts = recount(events, AS_OF[column])
    with (NOTICE / "cumulative.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 160
    assert {(row["measure"], row["unit"]): int(row[column]) for row in rows} == {
        (row["measure"], row["unit"]): counts[row["measure"], row["unit"]] for row in rows
    }


def test_as_many_events_and_entities_as_the_notice_has(events: list[Event], cumulative: CumulativeCounts) -> None:
    assert count_events(cumulative) == len(events) == 225_486
    assert len({event["subject"] for event in events}) == 196_046
    assert Counter(kind(event) for event in events) == {
        "account.opened": 90_471,
        "account.transacted": 29_440,
        "dossier.filed": 57_518,
        "article.published": 801,
        "household.informed": 47_256,
    }


def test_ids_are_unique_and_tell_nothing_of_the_subject(events: list[Event]) -> None:
    assert len({event["id"] for event in events}) == len(events)
    assert not any(event["subject"] in event["id"] for event in events)


def test_in_order_of_time_within_working_hours_of_vietnam(events: list[Event]) -> None:
    times = [dt.datetime.fromisoformat(event["time"]) for event in events]
    assert all(before <= after for before, after in pairwise(times))
    assert {time.utcoffset() for time in times} == {dt.timedelta(hours=7)}
    clocks = [time.time() for time in times]
    assert dt.time(7) <= min(clocks)
    assert max(clocks) <= dt.time(17)
    assert not any(dt.time(11, 30) < clock < dt.time(13, 30) for clock in clocks)
    assert min(times).date() >= dt.date(2023, 1, 1)


def test_a_transaction_comes_after_its_account_was_opened(events: list[Event]) -> None:
    opened: dict[str, str] = {}
    seen: set[str] = set()
    for event in events:
        if kind(event) == "account.opened":
            opened[event["subject"]] = event["time"]
        elif kind(event) == "account.transacted":
            assert opened[event["subject"]] < event["time"]
            assert event["subject"] not in seen
            seen.add(event["subject"])


def test_both_members_and_residents_transact(events: list[Event]) -> None:
    holder = {event["subject"]: event["data"]["holder"] for event in events if kind(event) == "account.opened"}
    transacted = Counter(holder[event["subject"]] for event in events if kind(event) == "account.transacted")
    assert min(transacted["member"], transacted["resident"]) > 5_000


def test_the_same_seed_gives_the_same_events_and_another_seed_others(
    events: list[Event], cumulative: CumulativeCounts
) -> None:
    assert list(make_events(cumulative)) == events
    other = list(make_events(cumulative, seed=435))
    assert other != events
    assert recount(other, "2023-06-01") == recount(events, "2023-06-01")
    assert not {event["id"] for event in events} & {event["id"] for event in other}


def test_weekends_and_holidays_are_quieter(events: list[Event]) -> None:
    per_day = Counter(event["time"][:10] for event in events if event["time"][:7] in ("2023-01", "2023-02"))
    workdays = [per_day[f"2023-02-{day:02}"] for day in (1, 2, 3, 6, 7, 8, 9, 10)]
    usual = sum(workdays) / len(workdays)
    assert per_day["2023-02-04"] == pytest.approx(0.3 * usual, rel=0.25)
    assert per_day["2023-02-05"] == pytest.approx(0.1 * usual, rel=0.4)
    assert per_day["2023-01-23"] == pytest.approx(0.1 * usual, rel=0.4)


def test_accounts_that_all_transact_on_the_last_day_still_count_in_their_period() -> None:
    cumulative = CumulativeCounts(
        (dt.date(2023, 1, 2), dt.date(2023, 1, 3)),
        ("hoai-an",),
        {("member_accounts", "hoai-an"): (40, 80), ("transacted_accounts", "hoai-an"): (40, 80)},
    )
    made = list(make_events(cumulative))
    for before, count in (("2023-01-02", 40), ("2023-01-03", 80)):
        assert recount(made, before)["transacted_accounts", "hoai-an"] == count
