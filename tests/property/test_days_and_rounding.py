"""Days are those of the zone database, and rounding is half up on exact numbers."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.admission import nanoseconds
from shared.domain.clock import LOCAL, day_number, day_of, local_day, number_of
from shared.domain.formatting import half_up, percent
from shared.domain.months import month_before

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SPAN = dt.timedelta(days=6 * 365), dt.timedelta(days=130 * 365)
MOMENTS = st.timedeltas(*SPAN).map(EPOCH.__add__)
DAYS = st.dates(dt.date(1976, 1, 1), dt.date(2100, 1, 1))


@given(MOMENTS)
def test_day_number_is_the_day_of_the_zone_database(moment: dt.datetime) -> None:
    instant = (moment - EPOCH) // dt.timedelta(microseconds=1) * 1000
    assert day_of(day_number(instant)) == local_day(moment) == moment.astimezone(LOCAL).date()


@given(DAYS)
def test_a_day_begins_at_its_first_moment(day: dt.date) -> None:
    midnight = dt.datetime.combine(day, dt.time(), LOCAL)
    instant = (midnight - EPOCH) // dt.timedelta(microseconds=1) * 1000
    assert (day_number(instant), day_number(instant - 1)) == (number_of(day), number_of(day) - 1)


@given(MOMENTS, st.integers(-14 * 60, 14 * 60), st.integers(0, 999))
def test_nanoseconds_are_exact_whatever_the_offset(moment: dt.datetime, offset: int, finer: int) -> None:
    local = moment.astimezone(dt.timezone(dt.timedelta(minutes=offset)))
    written = f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond:06d}{finer:03d}{_offset(offset)}"
    assert nanoseconds("time", written) == (moment - EPOCH) // dt.timedelta(microseconds=1) * 1000 + finer


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


@given(DAYS)
def test_a_month_before_is_in_the_month_before(day: dt.date) -> None:
    before = month_before(day)
    assert (day.year * 12 + day.month) - (before.year * 12 + before.month) == 1
    assert before.day == day.day or (before + dt.timedelta(days=1)).month == day.month


@given(st.fractions(), st.integers(0, 6))
def test_half_up_is_the_nearest_and_away_from_zero_on_a_tie(value: Fraction, digits: int) -> None:
    rounded = half_up(value, digits)
    step = Fraction(1, 10**digits)
    distance = abs(Fraction(rounded) - value)
    assert distance <= step / 2
    assert (Fraction(rounded) / step).denominator == 1
    if distance == step / 2:
        assert abs(Fraction(rounded)) > abs(value)


@given(st.decimals(-(10**9), 10**9, places=8), st.integers(0, 6))
def test_half_up_takes_a_number_in_any_form(value: Decimal, digits: int) -> None:
    assert half_up(value, digits) == half_up(Fraction(value), digits)


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), st.integers(0, 4))
def test_percent_is_exact(part: int, whole: int, digits: int) -> None:
    expected = None if whole == 0 else half_up(Fraction(100 * part, whole), digits)
    assert percent(part, whole, digits) == expected
