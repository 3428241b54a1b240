"""The benchmark measures what it says: every contender ends in the counts of what was sent."""

import pytest

from benchmarks import pipeline, rival
from benchmarks.databases import sqlite
from benchmarks.load import paced
from benchmarks.spreadsheets import spreadsheet
from benchmarks.workload import build, notice434
from services.sender.synthetic_events import count_events


def test_the_pipeline_counts_all_it_was_sent_and_the_clock_covers_it() -> None:
    race = pipeline.run(build(3_000))
    assert race.events == 3_000
    assert 0 < race.answered <= race.counted
    assert race.memory["log"] > 0
    assert race.memory["state"] > 0


def test_the_idiomatic_version_ends_in_the_same_counts() -> None:
    race = rival.run(build(300))
    assert race.events == 300
    assert 0 < race.answered <= race.counted


def test_sqlite_ends_in_the_same_counts() -> None:
    assert sqlite(build(1_500)) > 0


def test_every_row_of_the_spreadsheet_becomes_an_event() -> None:
    assert spreadsheet(100) > 0


def test_a_workload_beyond_the_notice_repeats_it_with_other_entities() -> None:
    whole = count_events(notice434())
    workload = build(whole + 700)
    assert workload.events == whole + 700
    assert workload.entities > build(whole).entities


def test_counts_that_differ_are_an_error() -> None:
    with pytest.raises(pipeline.WrongCountsError, match="'articles', 'an-lao'"):
        pipeline.compare({("articles", "an-lao"): 1}, {("articles", "an-lao"): 2})


def test_a_paced_request_waits_for_the_events_before_it() -> None:
    requests = paced([(b"a", 500), (b"b", 500), (b"c", 100)], 1_000)
    assert [due for _, _, due in requests] == [0.0, 0.5, 1.0]
