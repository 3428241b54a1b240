"""What the notifier's API answers."""

import datetime as dt

from pydantic import BaseModel

from shared.contracts.flags import Flag, Verdict


class FlagsResponse(BaseModel):
    """The flags that stand, and what the detector said of every unit and target, when it last ran before `as_of`."""

    as_of: dt.date
    evaluated_on: dt.date | None
    flags: list[Flag]
    verdicts: list[Verdict]

    @property
    def standing(self) -> list[Flag]:
        return [flag for flag in self.flags if flag.cleared_on is None]


class OutboxEntry(BaseModel):
    key: str
    channel: str
    to: str
    attempts: int
    note: str
    settled_at: dt.datetime | None


class OutboxResponse(BaseModel):
    """Messages that wait, by channel, and those that were given up."""

    pending: dict[str, int]
    dead: list[OutboxEntry]
