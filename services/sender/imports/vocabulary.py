"""The words of units, of vocabulary.toml, in the forms they are compared in."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from services.sender.imports.cells import plain, word_of

Known = dict[str, frozenset[str]]
"""A name -> the plain forms it is known by."""


@dataclass(frozen=True)
class Words:
    """`subject` by kind, `time` and `types` by type, `attributes` by attribute; `values` by attribute and value."""

    subject: Known
    person: Known
    time: Known
    attributes: Known
    types: Known
    values: dict[str, Known]
    units: Known
    remarks: Known
    ids: Known
    abbreviations: Known
    short_headings: Known
    ends: frozenset[str]


@cache
def load_words() -> Words:
    """The words of vocabulary.toml in their plain forms."""
    tables = tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text(encoding="utf-8"))
    values, ends = tables.pop("values"), tables.pop("ends")
    known = {name: _forms_of(table, plain) for name, table in tables.items()}
    return Words(
        values={name: _forms_of(table, word_of) for name, table in values.items()}, ends=frozenset(ends), **known
    )


def _forms_of(table: dict[str, list[str]], form: Callable[[str], str]) -> Known:
    return {name: frozenset(map(form, words)) for name, words in table.items()}
