"""A module that calls itself pure is held to it by import-linter."""

import ast
import tomllib
from collections.abc import Iterator

from shared.runtime.settings import ROOT


def pure_modules() -> Iterator[str]:
    """The modules whose docstring says "Pure."."""
    for folder in ("services", "shared"):
        for path in (ROOT / folder).rglob("*.py"):
            if "Pure." in (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""):
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_every_module_that_says_it_is_pure_is_in_a_contract_that_forbids_io() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    held = [
        module
        for contract in contracts
        if contract["type"] == "forbidden" and {"httpx", "redis", "faststream"} <= set(contract["forbidden_modules"])
        for module in contract["source_modules"]
    ]
    pure = list(pure_modules())
    assert len(pure) > 20
    assert [name for name in pure if not any(name == module or name.startswith(f"{module}.") for module in held)] == []
