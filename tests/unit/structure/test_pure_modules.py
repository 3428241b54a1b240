"""Purity: a module that says "Pure." stands in an import contract that forbids I/O."""

import re
import tomllib

from shared.runtime.settings import ROOT
from tests.support.source_tree import PRODUCT, modules

IO = frozenset({"httpx", "redis", "faststream", "fastapi"})
"""What every such contract forbids; most forbid more."""


def pure_modules() -> list[str]:
    return [module.name for module in modules(*PRODUCT) if re.search(r"\bPure[.:]", module.docstring)]


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
