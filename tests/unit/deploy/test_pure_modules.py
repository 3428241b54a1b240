"""Purity: a module that says "Pure." stands in an import contract that forbids I/O."""

import ast
import tomllib
from collections.abc import Iterator

from shared.runtime.settings import ROOT

IO = frozenset({"httpx", "redis", "faststream", "fastapi"})
"""What every such contract forbids; most forbid more."""


def pure_modules() -> Iterator[str]:
    for folder in ("services", "shared"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            if "Pure." in docstring or "Pure:" in docstring:
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def contracted() -> set[str]:
    """The modules and packages that an import contract keeps from I/O."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return {
        name
        for contract in contracts
        if set(contract.get("forbidden_modules", [])) >= IO
        for name in contract["source_modules"]
    }


def test_every_pure_module_is_in_a_contract() -> None:
    covered = contracted()
    assert [
        name for name in pure_modules() if not any(name == each or name.startswith(f"{each}.") for each in covered)
    ] == []


def test_there_are_pure_modules() -> None:
    assert "services.ingest.admission" in set(pure_modules())
