"""docs/architecture.md names every key and stream of Redis, and docs name only modules and records that exist."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from shared.log import keys
from shared.runtime.settings import ROOT

DOCS = ROOT / "docs"
ROWS = re.findall(
    r"^\| `([^`]+)` \| (?:hash|stream|string|integer|sorted set)", (DOCS / "architecture.md").read_text(), re.M
)
NAMES = [re.sub(r"[A-Z]+", "p", row) for row in ROWS]
"""The table's keys, each value in them as `p`."""


def literal(node: ast.AST, constants: dict[str, str]) -> str:
    """A string of the code, with `*` for what is only known at run time; empty for other nodes."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                constants.get(ast.unparse(part.value), "*")
                if isinstance(part, ast.FormattedValue)
                else literal(part, {})
                for part in parts
            )
    return ""


def literals(module: Path) -> Iterator[str]:
    """Every string of a module, its own constants put in."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    constants: dict[str, str] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and (text := literal(statement.value, constants)):
            constants[ast.unparse(statement.targets[0])] = text
    return (literal(node, constants) for node in ast.walk(tree))


def key_patterns() -> set[str]:
    """Every key the code names: strings with a hash tag, the constants of `shared/log/keys.py`, and key suffixes."""
    modules = [path for top in ("services", "shared") for path in (ROOT / top).rglob("*.py")]
    texts = {text for module in modules for text in literals(module)}
    tagged = {text for text in texts if re.fullmatch(r"([a-z*]+:)*\{[a-z*]+\}(:[a-z*]+)*", text) and ":" in text}
    suffixes = {f"*{text}" for text in texts if re.fullmatch(r":[a-z]+", text)}
    plain = {value for name, value in vars(keys).items() if name.isupper() and isinstance(value, str)}
    return tagged | suffixes | plain


PATTERNS = key_patterns()


def test_the_scan_sees_every_way_a_key_is_named() -> None:
    seen = {
        "pulse:store",
        "counts:*:{*}",
        "{months}:snapshot:*",
        "{outbox}:due:*",
        "{*}:fence",
        "*:rebuild",
        "progress",
    }
    assert seen <= PATTERNS


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_a_key_is_in_the_table(pattern: str) -> None:
    assert any(fnmatchcase(name, pattern) for name in NAMES), f"{pattern} needs a row in docs/architecture.md"


@pytest.mark.parametrize("name", NAMES)
def test_a_row_of_the_table_is_a_key(name: str) -> None:
    assert any(fnmatchcase(name, pattern) for pattern in PATTERNS), f"nothing in the code names {name}"


def test_no_key_has_two_rows() -> None:
    assert len(set(ROWS)) == len(ROWS)


@pytest.mark.parametrize("page", ["architecture.md", "glossary.md"])
def test_a_page_names_what_exists(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:services|shared|docs|deploy)/[^`]*)`", text)
    linked = re.findall(r"\]\(([^)#:]+)\)", text)
    assert len(named) > 5
    missing = [path for path in named if not (ROOT / path).exists()]
    missing += [path for path in linked if not (DOCS / path).exists()]
    assert missing == []
