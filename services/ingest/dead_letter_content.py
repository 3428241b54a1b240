"""What a dead letter keeps of a rejected event: nothing a person could be known by, in time linear in the event. Pure.

Source, type, times and the attributes of data that the catalogue names, as far as their values are known or look like
codes; the subject as its pseudonym, the id as its digest. docs/decisions/0139-no-personal-data-at-rest.md.
"""

import re
from collections.abc import Callable, Container
from typing import Any, NamedTuple

from services.ingest.envelope import TIMES, is_date_and_time
from services.ingest.http_binding import decode_base64
from services.ingest.pseudonyms import Pseudonymiser
from services.ingest.rejections import NotAdmittedError
from shared.domain.catalogue import Attribute, Catalogue

PSEUDONYM = "pseudonym:"
DIGEST = "digest:"
WITHHELD = "(withheld)"
"""Stands for a text that is not stored."""

MOST_DIGITS = 6
"""Of a code; numbers of phones and people have more."""

LONGEST_CODE = 120

_source = re.compile(r"[A-Za-z][A-Za-z0-9+]*(?:[-._:/]+[A-Za-z0-9]+)*").fullmatch
_type = re.compile(r"[a-z][a-z0-9]*(?:\.[a-z0-9]+)*").fullmatch
_unit = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*").fullmatch


class Content(NamedTuple):
    """`event`: what is stored, an event as far as it was one; `shown`: the texts of the sender in it."""

    event: dict[str, Any] | None
    shown: frozenset[str]

    def conceal(self, value: Any) -> Any:
        """`value` where it is stored anyway."""
        return value if isinstance(value, str) and value in self.shown else WITHHELD


class ContentFilter:
    """Filters under one catalogue and pseudonym secret."""

    def __init__(self, catalogue: Catalogue, pseudonymise: Pseudonymiser) -> None:
        self._pseudonymise = pseudonymise
        self._sources = frozenset(source.source for source in catalogue.sources)
        self._units = frozenset(unit.code for unit in catalogue.units)
        self._attributes: dict[str, dict[str, Attribute]] = {}
        self._names: dict[str, Attribute] = {}
        for kind in catalogue.kinds.values():
            for event in filter(None, (kind.begin, kind.step, kind.end)):
                self._attributes[catalogue.project.type_prefix + event.type] = event.data
                self._names |= event.data

    def filter(self, raw: Any) -> Content:
        """What may be stored of `raw`; of what is no JSON object nothing is."""
        if not isinstance(raw, dict):
            return Content(None, frozenset())
        texts = _TextFilter([raw.get("subject"), raw.get("id")], self._units)
        data = _data_of(raw)
        kind = texts.text(raw.get("type"), self._attributes, _type)
        event = {
            "specversion": "1.0" if raw.get("specversion") == "1.0" else None,
            "id": _replaced(raw.get("id"), DIGEST, self._pseudonymise.digest_of_id),
            "source": texts.text(raw.get("source"), self._sources, _source),
            "type": kind,
            "subject": _replaced(raw.get("subject"), PSEUDONYM, self._pseudonymise),
            **{name: texts.time(raw.get(name)) for name in sorted(TIMES)},
            "data": self._data(data, self._attributes.get(kind or "", self._names), texts),
        }
        return Content({name: value for name, value in event.items() if value is not None}, frozenset(texts.shown))

    def _data(self, data: Any, attributes: dict[str, Attribute], texts: "_TextFilter") -> Any:
        if not isinstance(data, dict):
            return None if data is None else WITHHELD
        return {
            name: texts.value(data[name], allowed) for name, allowed in attributes.items() if data.get(name) is not None
        }


class _TextFilter:
    """Collects the texts of the sender that are stored; none that contains one of `secrets` is, unless it is known."""

    def __init__(self, secrets: list[Any], units: Container[str]) -> None:
        self._secrets = [secret for secret in secrets if isinstance(secret, str) and secret]
        self._units = units
        self.shown: set[str] = set()

    def text(self, value: Any, known: Container[str], looks_right: Callable[[str], object]) -> str | None:
        """`value` where it is one of `known` or harmless and `looks_right`; None where there is none."""
        if value is None:
            return None
        if not isinstance(value, str) or not (value in known or (self._harmless(value) and looks_right(value))):
            return WITHHELD
        self.shown.add(value)
        return value

    def time(self, value: Any) -> str | None:
        """A date and time, with or without an offset; whether there is such a day does not matter."""
        return self.text(value, (value,) if isinstance(value, str) and is_date_and_time(value) else (), _nothing)

    def value(self, value: Any, allowed: Attribute) -> Any:
        """The value of an attribute of data; of free text none."""
        if allowed == "unit":
            return self.text(value, self._units, _unit)
        if isinstance(value, bool) and value in allowed:
            return value
        choices = [choice for choice in allowed if isinstance(choice, str)] if allowed != "*" else []
        return self.text(value, choices, _nothing)

    def _harmless(self, value: str) -> bool:
        if len(value) > LONGEST_CODE or sum(character.isdigit() for character in value) > MOST_DIGITS:
            return False
        return not any(secret in value for secret in self._secrets)


def _nothing(_: str) -> bool:
    return False


def _replaced(value: Any, prefix: str, replace: Callable[[str], bytes]) -> str | None:
    if value is None:
        return None
    return prefix + replace(value).hex() if isinstance(value, str) and value else WITHHELD


def _data_of(raw: dict[str, Any]) -> Any:
    if raw.get("data_base64") is None:
        return raw.get("data")
    try:
        return decode_base64(raw["data_base64"])
    except NotAdmittedError:
        return WITHHELD
