"""SQLite keeping the same live counters durably, without HTTP: what one file on one machine gives."""

import sqlite3
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.pipeline import compare
from benchmarks.workload import Workload, measures_of
from services.ingest.envelope import ENVELOPES, Envelope
from services.sender.synthetic_events import TYPE_PREFIX

SCHEMA = """
CREATE TABLE seen (source TEXT, id TEXT, PRIMARY KEY (source, id)) WITHOUT ROWID;
CREATE TABLE accounts (subject TEXT PRIMARY KEY, unit TEXT) WITHOUT ROWID;
CREATE TABLE counts (measure TEXT, unit TEXT, day TEXT, count INTEGER, PRIMARY KEY (measure, unit, day)) WITHOUT ROWID;
"""
COUNT = "INSERT INTO counts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"


def sqlite(workload: Workload) -> float:
    """Events per second: one transaction per batch with synchronous=full, duplicates kept out by a key."""
    with tempfile.TemporaryDirectory(prefix="pulse-bench-") as name:
        database = sqlite3.connect(Path(name) / "counts.db", isolation_level=None)
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + SCHEMA)
        began = time.monotonic()
        for body in workload.bodies:
            _take(database, ENVELOPES.validate_json(body))
        seconds = time.monotonic() - began
        found = database.execute("SELECT measure, unit, sum(count) FROM counts GROUP BY 1, 2").fetchall()
        compare({(measure, unit): count for measure, unit, count in found}, workload.expected)
        database.close()
    return workload.events / seconds


def _take(database: sqlite3.Connection, events: list[Envelope]) -> None:
    database.execute("BEGIN")
    new = [event for event in events if _is_new(database, event)]
    opened = [(event["subject"], event["data"]["unit"]) for event in new if event["type"].endswith("account.opened")]
    database.executemany("INSERT OR REPLACE INTO accounts VALUES (?, ?)", opened)
    deltas: Counter[tuple[str, str, str]] = Counter()
    for event in new:
        kind = event["type"].removeprefix(TYPE_PREFIX)
        if kind == "account.transacted":
            row = database.execute("SELECT unit FROM accounts WHERE subject = ?", (event["subject"],)).fetchone()
            deltas["transacted_accounts", row[0], event["time"][:10]] += 1
            continue
        for measure in measures_of(kind, event["data"]):
            deltas[measure, event["data"]["unit"], event["time"][:10]] += 1
    database.executemany(COUNT, [(*key, count) for key, count in deltas.items()])
    database.execute("COMMIT")


def _is_new(database: sqlite3.Connection, event: Envelope) -> bool:
    found = database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (event["source"], event["id"]))
    return found.rowcount == 1
