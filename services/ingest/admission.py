"""Admission: a valid envelope becomes an event of the log, or is rejected with a code. Pure.

One `TypeSchema` per role and event type is made from the catalogue beforehand. Sets of attribute values that were
accepted once are remembered, so that the common event costs one dictionary look-up.
"""

import datetime as dt
import re
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from services.ingest.envelope import Envelope, check_characters
from services.ingest.rejections import NotAdmittedError
from services.ingest.unit_validity import UnitValidity
from shared.contracts.ingest import Code
from shared.domain.catalogue import Attribute, Catalogue, EventType, Kind
from shared.domain.clock import LOCAL
from shared.http.keys import EVERYTHING, Key
from shared.log.codec import EventShape, SendingKey

FUTURE_TOLERANCE = dt.timedelta(minutes=10)
NANOSECONDS = 1_000_000_000
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_finer_than_microseconds = re.compile(r"\.\d{6}(\d+)").search


class AdmittedEvent(NamedTuple):
    """What is published of an event, besides what stands for its subject and id.

    `time` in nanoseconds since the epoch, `recorded_after` the nanoseconds from it to `recordedtime`.
    """

    shape: EventShape
    stream: str
    time: int
    recorded_after: int


class LoggedEvent(NamedTuple):
    """An admitted event, the pseudonym of its subject, the digest of its id, and the key it came with."""

    admitted: AdmittedEvent
    entity: bytes
    digest: bytes
    key: SendingKey


_admitted = partial(tuple.__new__, AdmittedEvent)
"""An AdmittedEvent of a tuple of its fields, at half the cost of calling the class."""

make_logged_event = partial(tuple.__new__, LoggedEvent)
"""A LoggedEvent likewise."""


class TypeSchema(NamedTuple):
    """What an event type of a role must carry.

    attributes: in name order; `counted` are those the log takes, which free text is not.
    booleans: counted attributes whose values may be booleans, which Python takes for 0 and 1.
    accepted: the shapes of the sets of values accepted before, as `values_of` takes them from an event's data; it is
        None where free text would make every set a new one.
    bare: the one shape of a type that carries nothing.
    bounded: the unit must exist on the event's day; of begin events alone, which are counted under it, and only where
        the catalogue has units that come or go.
    """

    type: str
    role: str
    stream: str
    attributes: tuple[tuple[str, Attribute], ...]
    counted: tuple[str, ...]
    booleans: tuple[str, ...]
    values_of: Callable[[Any], Any] | None
    accepted: dict[Any, EventShape]
    bare: EventShape | None
    bounded: bool


def _schema_of(event: EventType, role: str, stream: str, bounded: bool) -> TypeSchema:
    attributes = tuple(sorted(event.data.items()))
    counted = tuple(name for name, allowed in attributes if allowed != "*")
    booleans = tuple(
        name
        for name, allowed in attributes
        if isinstance(allowed, list) and any(isinstance(choice, bool) for choice in allowed)
    )
    values_of = itemgetter(*counted) if counted and len(counted) == len(attributes) else None
    bare = None if attributes else EventShape(event.type, role, ())
    return TypeSchema(event.type, role, stream, attributes, counted, booleans, values_of, {}, bare, bounded)


class Admission:
    """Admits envelopes under one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._roles = {source.source: source.role for source in catalogue.sources}
        self._units = frozenset(unit.code for unit in catalogue.units if not unit.group)
        self._unit_validity = UnitValidity(catalogue)
        self._prefix = catalogue.project.type_prefix
        began = dt.datetime.combine(catalogue.project.began, dt.time(), LOCAL)
        self._began_on = catalogue.project.began
        self._began = instant_of(began)
        self._schemas = {
            (role, self._prefix + event.type): _schema_of(event, role, kind.stream, self._bounded(kind, event))
            for role in set(self._roles.values())
            for kind in catalogue.kinds.values()
            for event in (kind.begin, kind.step, kind.end)
            if event is not None
        }

    def _bounded(self, kind: Kind, event: EventType) -> bool:
        return bool(self._unit_validity) and event is kind.begin and event.data.get("unit") == "unit"

    def admit(self, event: Envelope, key: Key, latest: int) -> AdmittedEvent:
        """What is logged of `event`, which `key` sent; `latest` is the last instant accepted, in nanoseconds.

        Raises:
            NotAdmittedError: the first rule the event breaks.
        """
        source = event["source"]
        role = self._roles.get(source)
        if role is None:
            raise NotAdmittedError(Code.UNKNOWN_SOURCE, "source {} is not registered: ask the office", source)
        schema = self._schemas.get((role, event["type"]))
        if schema is None:
            raise self._unknown_type(role, event["type"])
        shape = self._shape(schema, event.get("data"))
        if not key.unrestricted:
            _check_scope(key, source, shape, schema)
        instant = self._instant("time", event["time"], latest)
        recorded = event.get("recordedtime")
        after = 0 if recorded is None else self._instant("recordedtime", recorded, latest) - instant
        if schema.bounded:
            self._unit_validity.check(str(dict(shape.data)["unit"]), instant)
        check_characters(event)
        return _admitted((shape, schema.stream, instant, after))

    def _shape(self, schema: TypeSchema, data: Any) -> EventShape:
        if schema.bare is not None:
            return schema.bare
        if schema.values_of is None:
            return self._new_shape(schema, data)
        try:
            known = schema.accepted[schema.values_of(data)]
        except (KeyError, TypeError):
            return self._new_shape(schema, data)
        for name in schema.booleans:
            if type(data[name]) is not bool:
                return self._new_shape(schema, data)
        return known

    def _new_shape(self, schema: TypeSchema, data: Any) -> EventShape:
        if not isinstance(data, dict):
            raise _without_data(schema, data)
        for name, allowed in schema.attributes:
            self._check(name, allowed, data)
        shape = EventShape(schema.type, schema.role, tuple((name, data[name]) for name in schema.counted))
        if schema.values_of is not None:
            schema.accepted[schema.values_of(data)] = shape
        return shape

    def _check(self, name: str, allowed: Attribute, data: dict[str, Any]) -> None:
        value = data.get(name)
        if value is None:
            raise NotAdmittedError(Code.MISSING_ATTRIBUTE, f"data.{name} is missing: every event of this type needs it")
        if value == "":
            raise NotAdmittedError(Code.EMPTY_ATTRIBUTE, f"data.{name} is empty: give it a value")
        if allowed == "unit":
            if not isinstance(value, str) or value not in self._units:
                wording = "data.unit {} is not a unit: GET /v1/catalogue lists them"
                raise NotAdmittedError(Code.UNKNOWN_UNIT, wording, value)
        elif allowed == "*":
            if not isinstance(value, str):
                raise NotAdmittedError(Code.INVALID_VALUE, f"data.{name} must be a string")
        elif not any(_same(value, choice) for choice in allowed):
            choices = ", ".join(str(choice).lower() if isinstance(choice, bool) else choice for choice in allowed)
            wording = f"data.{name} {{}} is not one of: {choices} (JSON type included)"
            raise NotAdmittedError(Code.INVALID_VALUE, wording, value)

    def _instant(self, name: str, time: str, latest: int) -> int:
        instant = nanoseconds(name, time)
        if instant > latest:
            wording = f"{name} {{}} is more than 10 minutes ahead: check the clock and the offset"
            raise NotAdmittedError(Code.TIME_IN_FUTURE, wording, time)
        if instant < self._began:
            wording = f"{name} {{}} is before {self._began_on}, when the project began: check the year and the offset"
            raise NotAdmittedError(Code.TIME_BEFORE_PROJECT, wording, time)
        return instant

    def _unknown_type(self, role: str, name: str) -> NotAdmittedError:
        known = ", ".join(schema.type for schema in self._schemas.values() if schema.role == role)
        return NotAdmittedError(Code.UNKNOWN_TYPE, f"type {{}} is not {self._prefix} and one of: {known}", name)


def _without_data(schema: TypeSchema, data: Any) -> NotAdmittedError:
    if data is not None:
        return NotAdmittedError(Code.INVALID_DATA, "data must be a JSON object")
    needed = ", ".join(name for name, _ in schema.attributes)
    return NotAdmittedError(Code.MISSING_ATTRIBUTE, f"data is missing: type {schema.type} needs {needed}")


def _same(value: object, choice: object) -> bool:
    """Equal and of one type: 1 is not true."""
    return value == choice and type(value) is type(choice)


def _check_scope(key: Key, source: str, shape: EventShape, schema: TypeSchema) -> None:
    if EVERYTHING not in key.sources and source not in key.sources:
        raise NotAdmittedError(Code.FORBIDDEN_SOURCE, f"key {key.name!r} may not send source {{}}", source)
    if EVERYTHING not in key.types and schema.type not in key.types:
        raise NotAdmittedError(Code.FORBIDDEN_TYPE, f"key {key.name!r} may not send type {{}}", schema.type)
    if EVERYTHING in key.units or "unit" not in schema.counted:
        return
    unit = dict(shape.data)["unit"]
    if unit not in key.units:
        raise NotAdmittedError(Code.FORBIDDEN_UNIT, f"key {key.name!r} may not send unit {{}}", unit)


def instant_of(moment: dt.datetime) -> int:
    """Nanoseconds from the epoch to `moment`, exact, which `datetime.timestamp` is not."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * NANOSECONDS + since.microseconds * 1000


def nanoseconds(name: str, time: str) -> int:
    """The instant of an RFC 3339 time in nanoseconds since the epoch, exact to nine digits of a second.

    `name` is that of the attribute.

    Raises:
        NotAdmittedError: not a real date or time, or more than nine digits.
    """
    try:
        instant = instant_of(dt.datetime.fromisoformat(time.upper()))
    except ValueError as error:
        wording = f"{name} {{}} is not a real date and time: write it like 2023-06-30T08:15:00+07:00"
        raise NotAdmittedError(Code.INVALID_TIME, wording, time) from error
    finer = _finer_than_microseconds(time) if len(time) > 32 or (len(time) > 27 and time[-1] in "Zz") else None
    if finer is None:
        return instant
    if len(finer[1]) > 3:
        wording = f"{name} {{}} has more than nine digits of a second: round it"
        raise NotAdmittedError(Code.INVALID_TIME, wording, time)
    return instant + int(finer[1].ljust(3, "0"))
