"""The base of every immutable model, and of those that hold for a time."""

import datetime as dt

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """Immutable, and strict about its fields: an unknown one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dated(FrozenModel):
    """There from `valid_from` on and before `valid_until`; without them for ever."""

    valid_from: dt.date | None = None
    valid_until: dt.date | None = None

    def valid_on(self, day: dt.date) -> bool:
        """Whether it is there on `day`."""
        return self.begun_by(day) and not self.gone_by(day)

    def begun_by(self, day: dt.date) -> bool:
        """Whether it is there on `day` or was before."""
        return self.valid_from is None or self.valid_from <= day

    def gone_by(self, day: dt.date) -> bool:
        """Whether it is there no longer on `day`."""
        return self.valid_until is not None and self.valid_until <= day
