"""`pulse5299 rebuild`, and the recount a changed catalogue brings: identical counters, also while events arrive."""

import datetime as dt
import shutil
from pathlib import Path

import httpx
import pytest

from shared.runtime.settings import ROOT
from tests.support.load import UNITS, Load, Upstream, assert_exact, counters
from tests.support.processes import Service, System, console
from tests.support.recount import PREFIX

IDENTITY = """
[kinds.identity]
stream = "accounts"
begin = { type = "identity.activated", data = { unit = "unit" } }

[measures.identities]
kind = "identity"

[[targets]]
number = 8
name_vi = "Tài khoản định danh điện tử mức độ 2"
name_en = "Level-2 electronic identities"
noun_vi = "tài khoản"
noun_en = "identities"
measures = ["identities"]
[targets.goals."2023-07-01"]
an-nhon = 40
"""


def rebuild(system: System) -> tuple[int, str]:
    """`pulse5299 rebuild` as an operator runs it: exit code, and what it said."""
    command = system.service("rebuild", console)
    command.start()
    return command.exit_code(), command.output


def corrupt(system: System, pattern: str, fields: dict[str, str | int]) -> None:
    with system.valkey.client() as redis:
        keys = list(redis.scan_iter(pattern))
        assert keys
        for key in keys:
            redis.hset(key, mapping=fields)


def test_an_unchanged_catalogue_gives_identical_counters(system: System, upstream: Upstream) -> None:
    for _ in range(20):
        upstream.send(upstream.batch(50))
    assert_exact(system.metrics, upstream.acknowledged)
    code, said = rebuild(system)
    assert code == 0, said
    assert "accounts:{0}: 0 counts differed" in said
    upstream.send(upstream.batch(50))
    assert_exact(system.metrics, upstream.acknowledged)


def test_rebuilding_while_events_arrive(system: System, upstream: Upstream) -> None:
    load = Load(upstream)
    load.start()
    for _ in range(3):
        code, said = rebuild(system)
        assert code == 0, said
    load.finish()
    assert_exact(system.metrics, upstream.acknowledged)


def test_corrupted_counters_are_found_and_repaired(system: System, upstream: Upstream) -> None:
    for _ in range(10):
        upstream.send(upstream.batch(50))
    assert_exact(system.metrics, upstream.acknowledged)
    right = counters(system.metrics, "reporting", dt.date(2030, 1, 1))
    corrupt(system, "counts:outreach:{0}", {"reporting|articles|an-nhon|19500": 7777})
    system.metrics.kill()
    system.metrics.start()
    system.metrics.wait_ready()
    assert counters(system.metrics, "reporting", dt.date(2030, 1, 1)) != right
    code, said = rebuild(system)
    assert code == 1
    assert "outreach:{0}: 1 count differed" in said
    assert "articles, an-nhon, 2023-05-23" in said
    assert_exact(system.metrics, upstream.acknowledged)
    assert rebuild(system)[0] == 0


def test_recounting_one_log_leaves_the_others_alone(system: System, upstream: Upstream) -> None:
    for _ in range(10):
        upstream.send(upstream.batch(50))
    assert_exact(system.metrics, upstream.acknowledged)
    system.metrics.kill()
    corrupt(system, "counts:accounts:{0}", {"rules": "others"})
    system.metrics.start()
    for _ in range(10):
        upstream.send(upstream.batch(50))
    assert_exact(system.metrics, upstream.acknowledged)


def test_a_log_with_deleted_entries_is_not_recounted(system: System, upstream: Upstream) -> None:
    """A recount of what is left would lose what was deleted."""
    for _ in range(10):
        upstream.send(upstream.batch(50))
    assert_exact(system.metrics, upstream.acknowledged)
    with system.valkey.client() as redis:
        redis.xtrim("dossiers:{1}", maxlen=2)
    code, said = rebuild(system)
    assert code == 2
    assert "dossiers:{1}" in said
    assert "Traceback" not in said
    assert_exact(system.metrics, upstream.acknowledged)


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A catalogue like the one in force, with Target 8 beside it."""
    folder = tmp_path / "catalogue"
    shutil.copytree(ROOT / "deploy" / "catalogue", folder)
    (folder / "target-8.toml").write_text(IDENTITY, encoding="utf-8")
    return folder


def restart_with(service: Service, catalogue: Path) -> None:
    service.kill()
    service.environment["PULSE_CATALOGUE"] = str(catalogue)
    service.start()
    service.wait_ready()


def test_target_8_is_a_change_to_the_catalogue_alone(system: System, upstream: Upstream, catalogue: Path) -> None:
    """Identities that arrived before metrics knew of them are counted once it does; nothing else changes."""
    upstream.send(upstream.batch(200))
    restart_with(system.ingest, catalogue)
    identities = [
        {
            "specversion": "1.0",
            "id": f"activation-{number}",
            "source": "urn:dean5299:reporting",
            "type": f"{PREFIX}identity.activated",
            "subject": f"citizen-{number % 30}",
            "time": "2023-06-10T09:00:00+07:00",
            "data": {"unit": "an-nhon" if number % 30 < 12 else "military"},
        }
        for number in range(40)
    ]
    assert httpx.post(f"{system.ingest.url}/v1/events").status_code == 401
    for event in identities[:20]:
        assert upstream.post([event]).json() == {"accepted": 1, "rejected": []}
    upstream.send(upstream.batch(200))
    assert_exact(system.metrics, upstream.acknowledged)
    restart_with(system.metrics, catalogue)
    assert upstream.post(identities[20:]).json() == {"accepted": 20, "rejected": []}
    upstream.send(upstream.batch(200))

    def without_identities(role: str, day: dt.date) -> dict[tuple[str, str], int]:
        found = counters(system.metrics, role, day)
        return {place: value for place, value in found.items() if place[0] != "identities"}

    assert_exact(system.metrics, upstream.acknowledged, read=without_identities)
    found = counters(system.metrics, "reporting", dt.date(2023, 7, 1))
    assert {unit: found.get(("identities", unit)) for unit in ("an-nhon", "military", *UNITS[2:3])} == {
        "an-nhon": 12,
        "military": 18,
        "van-canh": None,
    }
    rows = system.metrics.get("/v1/units/an-nhon", as_of="2023-07-01")["rows"]
    assert [(row["achieved"], row["goal"], row["attainment"]) for row in rows if row["target"] == 8] == [(12, 40, 0.3)]
