"""The clock: only a service's wiring and the console name the system's, everything else is given one."""

import ast
from collections.abc import Iterator

import pytest

from shared.runtime.settings import ROOT
from tests.support.source_tree import PRODUCT, modules

CLOCK = "shared/domain/clock.py"
READERS = frozenset({CLOCK, "services/metrics/consumer.py"})  # a span begins at a time of the machine, in nanoseconds

WIRING = frozenset(
    {
        "services/board/app.py",
        "services/ingest/app.py",
        "services/metrics/app.py",
        "services/notifier/app.py",
        "services/cli/main.py",
        "services/sender/client.py",  # called by upstream teams' scripts, which have no wiring
    }
)
"""Where the system's clock may be named, to be handed on."""

NOW = frozenset({"now", "utcnow", "today"})
"""Methods of `datetime` and `date` that read the system's clock."""


def trees() -> Iterator[tuple[str, ast.Module]]:
    return ((module.path.relative_to(ROOT).as_posix(), module.tree) for module in modules(*PRODUCT))


def reads_the_time(tree: ast.Module) -> list[int]:
    """Lines that call datetime.now, datetime.utcnow, date.today or time.time, or import `time` from time."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            lines += [node.lineno for name in node.names if name.name in ("time", "time_ns")]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
            if (owner in ("datetime", "date") and node.attr in NOW) or (
                owner == "time" and node.attr in ("time", "time_ns")
            ):
                lines.append(node.lineno)
    return lines


def names_the_system_clock(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.alias) and node.name == "system_clock")
        or (isinstance(node, ast.Attribute) and node.attr == "system_clock")
        for node in ast.walk(tree)
    )


def test_only_the_clock_reads_the_time() -> None:
    assert {path: lines for path, tree in trees() if (lines := reads_the_time(tree)) and path not in READERS} == {}


def test_only_the_wiring_names_the_system_clock() -> None:
    assert {path for path, tree in trees() if names_the_system_clock(tree)} <= WIRING


@pytest.mark.parametrize(
    "code",
    [
        "dt.datetime.now(dt.UTC)",
        "datetime.utcnow()",
        "dt.date.today()",
        "time.time()",
        "time.time_ns()",
        "from time import time",
        "field(default_factory=datetime.now)",
    ],
)
def test_each_way_to_read_the_time_is_seen(code: str) -> None:
    assert reads_the_time(ast.parse(code)) == [1]


def test_a_monotonic_clock_is_no_time_of_day() -> None:
    assert reads_the_time(ast.parse("time.monotonic(); moment.time(); from_time = local.time()")) == []


def test_the_clock_itself_reads_the_time() -> None:
    tree = ast.parse((ROOT / CLOCK).read_text(encoding="utf-8"))
    assert len(reads_the_time(tree)) == 1
