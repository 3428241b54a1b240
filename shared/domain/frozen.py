"""The base of every immutable model."""

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """Immutable, and strict about its fields: an unknown one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
