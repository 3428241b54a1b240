"""Mapping files: what a sheet cannot tell by itself."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

EVERY_SHEET = "*"


class MappingError(ValueError):
    """The mapping file cannot be used; the message says where and why."""


class SheetMapping(BaseModel):
    """For one sheet: its event type (without prefix), the row of its header, field -> header, field -> value.

    Fields are `subject`, `time` and the names of the type's attributes. A constant stands in every row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str | None = None
    header_row: int | None = Field(None, ge=1)
    columns: dict[str, str] = {}
    constants: dict[str, str | bool] = {}


class Mapping(BaseModel):
    """Sheet mappings by the sheet's name; that of "*" is for every sheet that has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sheets: dict[str, SheetMapping] = {}

    def for_sheet(self, sheet: str) -> SheetMapping:
        return self.sheets.get(sheet) or self.sheets.get(EVERY_SHEET) or SheetMapping()


def read_mapping(file: Path) -> Mapping:
    """The mapping of a TOML file.

    Raises:
        MappingError: no TOML, or something in it that is no mapping.
    """
    try:
        return Mapping.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{file} is not readable TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MappingError(f"{file}: {where}: {first['msg']}; docs/importing.md shows a mapping file") from error
