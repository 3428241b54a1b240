"""Dates as people type them, as RFC 3339 in Vietnam. Pure."""

import datetime as dt
import re
from functools import lru_cache

from services.sender.imports.cells import Cell, plain, text
from shared.domain.clock import LOCAL

_SERIALS = range(36_526, 73_051)
"""Days of the years 2000 to 2099 as Excel counts them from 30 December 1899; other numbers are no dates."""
_YEARS = range(2000, 2100)
_EPOCH = dt.datetime(1899, 12, 30, tzinfo=LOCAL)
_DAYS_TO_1904 = 1462

_DAY_FIRST = (
    r"(?:ngay:?\s*)?(?P<d>\d{1,2})(?:[\s,/.-]*(?:thang|thg|th)\.?\s*|\s*[/.-]\s*|\s+)"
    r"(?P<m>\d{1,2})(?:[\s,]*nam\s+|\s*[/.-]\s*|,?\s+)(?P<y>\d{4}|\d\d)"
)
_YEAR_FIRST = r"(?P<y>\d{4})[/.-](?P<m>\d{1,2})[/.-](?P<d>\d{1,2})"
_COMPACT = r"(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)"
_COMPACT_DAY_FIRST = r"(?P<d>\d\d)(?P<m>\d\d)(?P<y>20\d\d)"
_CLOCK = (
    r"(?:luc\s+)?(?P<hour>\d{1,2})\s*(?::|h|gio|g)\s*(?:(?P<minute>\d\d)\s*(?:phut|p)?)?"
    r"(?::(?P<second>\d\d)(?:\.\d+)?)?(?:\s*(?P<half>am|pm|sa|ch))?"
)
_FORMS = [
    re.compile(form)
    for date in (_DAY_FIRST, _YEAR_FIRST)
    for form in (date, rf"{date}[\s,t]+{_CLOCK}", rf"{_CLOCK}[\s,]+{date}")
] + [re.compile(_COMPACT), re.compile(_COMPACT_DAY_FIRST)]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = rf"\b(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_MONTH_NAME_FIRST = re.compile(rf"{_MONTH_NAME}\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<rest>\d{{4}}.*)")
_WEEKDAYS = (
    ("thu hai", "thu 2", "t2", "monday", "mon"),
    ("thu ba", "thu 3", "t3", "tuesday", "tue"),
    ("thu tu", "thu 4", "t4", "wednesday", "wed"),
    ("thu nam", "thu 5", "t5", "thursday", "thu"),
    ("thu sau", "thu 6", "t6", "friday", "fri"),
    ("thu bay", "thu 7", "t7", "saturday", "sat"),
    ("chu nhat", "cn", "sunday", "sun"),
)
_WEEKDAY_OF = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_WEEKDAY = re.compile(rf"({'|'.join(sorted(_WEEKDAY_OF, key=len, reverse=True))})\b[\s,.:-]*(?=\S)")


class NotADateError(ValueError):
    """The cell does not hold a date we can be sure of."""


def moment(cell: Cell, *, since_1904: bool = False) -> str:
    """RFC 3339 of a date cell, an Excel serial number or typed text; a day without a clock is its first moment.

    In typed dates the day comes before the month. `since_1904` is the workbook's date system, for serial numbers.

    Raises:
        NotADateError: none of these, a day that does not exist or is not of this century.
    """
    if isinstance(cell, dt.datetime):
        return _local(cell)
    if isinstance(cell, dt.date):
        return _local(dt.datetime.combine(cell, dt.time()))
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        is_compact = 20_000_101 <= cell <= 20_991_231 and cell == int(cell)
        return _from_text(str(int(cell))) if is_compact else _from_serial(cell, since_1904)
    if isinstance(cell, str):
        typed = text(cell).strip(" .,;")
        return _from_serial(float(typed), since_1904) if re.fullmatch(r"\d{5}(\.\d+)?", typed) else _from_text(typed)
    raise NotADateError


@lru_cache(maxsize=4096)
def _from_text(typed: str) -> str:
    if not re.match(r"\d{4}-\d\d-\d\d", typed):
        return _from_parts(typed)
    try:
        stated = dt.datetime.fromisoformat(typed)
    except ValueError:
        return _from_parts(typed)
    return _local(stated) if stated.tzinfo is None else _of_this_century(stated).isoformat()


def _from_parts(typed: str) -> str:
    spelled = re.sub(r"[^\W\d_]+", lambda found: plain(found.group()), typed).replace("'", "")
    weekday = _WEEKDAY.match(spelled)
    spelled = _with_month_as_number(spelled[weekday.end() :] if weekday else spelled)
    for form in _FORMS:
        if match := form.fullmatch(spelled):
            try:
                when = _assembled(match.groupdict())
            except ValueError:
                continue
            if weekday and when.weekday() != _WEEKDAY_OF[weekday.group(1)]:
                raise NotADateError
            return _local(when)
    raise NotADateError


def _with_month_as_number(spelled: str) -> str:
    """25-jun-23 and jun 25, 2023 as 25-6-23 and 25 6 2023."""
    spelled = _MONTH_NAME_FIRST.sub(lambda found: f"{found['d']} {found['name']} {found['rest']}", spelled, count=1)
    return re.sub(_MONTH_NAME, lambda found: str(_MONTHS.index(found["name"]) + 1), spelled, count=1)


def _assembled(parts: dict[str, str | None]) -> dt.datetime:
    year = int(parts["y"] or 0)
    hour = int(parts.get("hour") or 0)
    half = parts.get("half")
    if half and not 1 <= hour <= 12:
        raise ValueError("no such hour")
    if half:
        hour = hour % 12 + (12 if half in ("pm", "ch") else 0)
    return dt.datetime(
        year if year >= 100 else 2000 + year,
        int(parts["m"] or 0),
        int(parts["d"] or 0),
        hour,
        int(parts.get("minute") or 0),
        int(parts.get("second") or 0),
        tzinfo=LOCAL,
    )


def _from_serial(serial: float, since_1904: bool) -> str:
    serial += _DAYS_TO_1904 if since_1904 else 0
    if not _SERIALS.start <= serial < _SERIALS.stop:
        raise NotADateError
    return _local(_EPOCH + dt.timedelta(seconds=round(serial * 86_400)))


def _local(when: dt.datetime) -> str:
    return _of_this_century(when.replace(tzinfo=LOCAL, microsecond=0)).isoformat()


def _of_this_century(when: dt.datetime) -> dt.datetime:
    if when.year not in _YEARS:
        raise NotADateError
    return when
