"""The vocabulary of vocabulary.toml, ready for comparing."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from services.sender.imports.cells import plain

Known = dict[str, frozenset[str]]
"""A name -> the plain forms it is known by."""


@dataclass(frozen=True)
class Words:
    """`subject` by kind, `time` and `types` by type, `attributes` by attribute; `values` by attribute and value."""

    subject: Known
    time: Known
    attributes: Known
    types: Known
    values: dict[str, Known]
    units: Known


@cache
def load_words() -> Words:
    """The words of vocabulary.toml in their plain forms."""
    tables = tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text(encoding="utf-8"))
    values = tables.pop("values")
    known = {name: _known(table) for name, table in tables.items()}
    return Words(values={name: _known(table) for name, table in values.items()}, **known)


def _known(table: dict[str, list[str]]) -> Known:
    return {name: frozenset(plain(word) for word in words) for name, words in table.items()}
