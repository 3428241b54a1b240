"""CSV rows: a text with a header, read as rows of a pydantic model. Pure.

What is wrong is said with the line, the column and the remedy. A model with `extra="allow"` takes every other column
too, as text; its rows need as many fields as the header. Otherwise other columns are not read.
"""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError

from shared.domain.errors import InvalidError

M = TypeVar("M", bound=BaseModel)


class CsvError(InvalidError):
    """The text cannot be used; the message names the line, the column and the remedy."""


def day(text: str | None) -> dt.date:
    """An ISO date; spaces around it do not matter."""
    try:
        return dt.date.fromisoformat((text or "").strip())
    except ValueError:
        raise ValueError(f"{text!r} is no date; write 2023-07-01") from None


def whole_number(text: str | None) -> int:
    """A whole number; spaces around it do not matter."""
    try:
        return int((text or "").strip())
    except ValueError:
        raise ValueError(f"{text!r} is no whole number; write 31") from None


Day = Annotated[dt.date, BeforeValidator(day)]
WholeNumber = Annotated[int, BeforeValidator(whole_number)]


def read_csv(lines: Iterable[str], model: type[M]) -> Iterator[tuple[int, M]]:
    """Each row with the number of its (last) line, from 2; empty lines are passed over.

    Raises:
        CsvError: no CSV, a column is missing, or a row does not fit `model`.
    """
    reader = csv.DictReader(lines, strict=True)
    try:
        _check_header(reader.fieldnames or (), model)
        for record in reader:
            yield reader.line_num, _parsed(record, reader.line_num, model)
    except csv.Error as error:
        raise CsvError(f"after line {reader.line_num}: {error}; save the file as plain CSV in UTF-8") from error


def _check_header(columns: Iterable[str], model: type[BaseModel]) -> None:
    needed = [name for name, field in model.model_fields.items() if field.is_required()]
    missing = [repr(name) for name in needed if name not in columns]
    if missing:
        optional = "".join(f"[,{name}]" for name in model.model_fields if name not in needed)
        header = ",".join(needed) + optional
        raise CsvError(f"line 1: no column {', '.join(missing)}; the header must read {header}")


def _parsed(record: dict[str | Any, str | Any], line: int, model: type[M]) -> M:
    values = record
    if model.model_config.get("extra") != "allow":
        # A row that is too short has None for a column, which an optional one takes as not given.
        fields = model.model_fields.items()
        values = {name: record.get(name) for name, field in fields if record.get(name) or field.is_required()}
    elif None in record or None in record.values():
        raise CsvError(f"line {line}: needs as many fields as the header")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        reason = first.get("ctx", {}).get("error", first["msg"])
        raise CsvError(f"line {line}, column {'.'.join(map(str, first['loc']))}: {reason}") from error
