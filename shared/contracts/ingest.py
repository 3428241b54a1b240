"""What ingest answers to `POST /v1/events`."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, Field


class Code(StrEnum):
    """One code per reason; docs/sending-events.md explains each with its remedy."""

    NOT_AN_EVENT = "not_an_event"
    UNREADABLE_EVENT = "unreadable_event"
    MISSING_ATTRIBUTE = "missing_attribute"
    EMPTY_ATTRIBUTE = "empty_attribute"
    INVALID_ATTRIBUTE = "invalid_attribute"
    ATTRIBUTE_TOO_LONG = "attribute_too_long"
    UNSUPPORTED_SPECVERSION = "unsupported_specversion"
    UNKNOWN_SOURCE = "unknown_source"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_UNIT = "unknown_unit"
    UNIT_NOT_VALID = "unit_not_valid"
    INVALID_VALUE = "invalid_value"
    INVALID_DATA = "invalid_data"
    INVALID_TIME = "invalid_time"
    TIME_WITHOUT_OFFSET = "time_without_offset"
    TIME_IN_FUTURE = "time_in_future"
    TIME_BEFORE_PROJECT = "time_before_project"
    FORBIDDEN_SOURCE = "forbidden_source"
    FORBIDDEN_TYPE = "forbidden_type"
    FORBIDDEN_UNIT = "forbidden_unit"


class EventRejection(BaseModel):
    """One event that was not admitted, as a sender reads it: a code that it does not know is no error."""

    index: int = Field(description="Place in the batch, from 0.")
    id: str | None
    code: str
    detail: str = Field(description="The attribute at fault and the remedy.")


class EventsReceipt(BaseModel):
    """What a sender reads of the answer: every event is accepted or listed with the reason."""

    accepted: int = Field(description="Events that are durable now.")
    rejected: Sequence[EventRejection]


class Rejection(EventRejection):
    """One event that was not admitted."""

    code: Code


class EventsResponse(EventsReceipt):
    """The accepted events are durable; every other event is listed with the reason."""

    rejected: list[Rejection]
