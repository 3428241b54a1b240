"""What holds of every module: its size and its names."""

import ast
import re
from collections import defaultdict

from tests.support.source_tree import PRODUCT, defined_names, modules

LONGEST = 250
"""Lines of a module."""

FORBIDDEN = {"door", "letterbox", "letterboxes", "mornings", "morning", "correspondence", "asked", "gathering", "kept"}
FORBIDDEN |= {"told", "written", "usual", "mark", "marks", "cell", "cells", "ledger", "ledgers"}
"""Words that docs/glossary.md has another word for."""

CONTRACT = {"shared.contracts.months": {"cells"}}
"""Names that are fields of answers other systems read."""

PER_SERVICE = {"Instruments", "Parts"}
"""Classes that are the same idea in several services."""

TABLES = ("services.sender.imports", "services.reports")
"""Where a cell is one of a spreadsheet or of a table in a document."""


def words_of(name: str) -> set[str]:
    return {word.lower() for part in name.split("_") for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", part)}


def test_no_module_is_longer_than_a_concept_takes() -> None:
    lengths = {
        module.name: len(module.path.read_text(encoding="utf-8").splitlines())
        for module in modules(*PRODUCT, "benchmarks", "tests")
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_names_follow_the_glossary() -> None:
    wrong: dict[str, set[str]] = defaultdict(set)
    for module in modules(*PRODUCT, "benchmarks"):
        allowed = {"cell", "cells"} if module.name.startswith(TABLES) else CONTRACT.get(module.name, set())
        for name in (*defined_names(module.tree), module.name.rpartition(".")[2]):
            if words_of(name) & (FORBIDDEN - allowed):
                wrong[module.name].add(name)
    assert wrong == {}


def test_no_two_classes_share_a_name() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for module in modules(*PRODUCT):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and node.name not in PER_SERVICE:
                places[node.name].append(module.name)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
