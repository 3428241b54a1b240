"""What the streams between services carry, as JSON: `progress` from metrics, `flags` from the notifier."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel

from shared.contracts.flags import Flag


class ChangedCount(BaseModel):
    """A unit's figures of one target changed on `day`: a day's addition, and so every cumulative figure from it on."""

    unit: str
    target: int
    day: dt.date


class ProgressChanged(BaseModel):
    """An entry of `progress`: what changed since the entry before, and the `version` the figures now stand at.

    `previous` is the version of the entry before, None in the first of a run: a reader that stands at another one has
    missed an entry. `complete` is False where the changes are unknown or too many to list (a rebuild, a restart):
    everything may differ. `reconciliation_changed`: counts changed that no target shows, but reconciliation does.
    `months_changed`: a month was closed or reopened.
    """

    version: str
    previous: str | None = None
    complete: bool
    changes: list[ChangedCount]
    reconciliation_changed: bool = False
    months_changed: bool = False


class FlagChanged(BaseModel):
    """An entry of `flags`: an evaluation of `day` raised, changed or cleared a flag."""

    change: Literal["raised", "changed", "cleared"]
    day: dt.date
    flag: Flag
