"""What a change concerns is asked for and rendered anew, what it does not concern is not, and nothing old is kept."""

import asyncio
import datetime as dt
from collections.abc import Callable

import pytest

from services.board.page_cache import MAX_AGE, NO_CHANGE, PageCache, Scope
from shared.contracts.metrics import ProgressChanged
from tests.support.board_figures import FLAGS_RESPONSE
from tests.support.progress_entries import AN_LAO, JUNE_30, entry


class Numbers:
    """Makes 0, 1, 2, ...; `meanwhile` happens while it does."""

    def __init__(self) -> None:
        self.made = 0
        self.meanwhile: Callable[[], object] = lambda: None

    async def __call__(self) -> int:
        number, self.made = self.made, self.made + 1
        await asyncio.sleep(0)
        self.meanwhile()
        await asyncio.sleep(0)
        return number


@pytest.fixture
def cache() -> PageCache:
    """A cache that has read entry 0."""
    cache = PageCache()
    cache.follow(entry(0))
    return cache


@pytest.mark.parametrize(
    ("scope", "concerned"),
    [
        (None, True),
        (Scope(), True),
        (NO_CHANGE, False),
        (Scope(units=frozenset({"an-lao", "phu-my"})), True),
        (Scope(units=frozenset({"phu-my"})), False),
        (Scope(targets=frozenset({1, 2})), True),
        (Scope(targets=frozenset({2})), False),
        (Scope(until=JUNE_30), True),
        (Scope(until=JUNE_30 - dt.timedelta(days=1)), False),
    ],
)
async def test_a_change_drops_what_it_concerns(cache: PageCache, scope: Scope | None, concerned: bool) -> None:
    numbers = Numbers()
    await cache.remembered("key", scope, numbers)
    assert cache.follow(entry(1, AN_LAO))
    assert await cache.remembered("key", scope, numbers) == concerned


async def test_what_only_reconciliation_shows_concerns_only_what_shows_it(cache: PageCache) -> None:
    numbers = Numbers()
    reconciled = Scope(units=frozenset({"phu-my"}), reconciliation=True)
    await cache.remembered("reconciled", reconciled, numbers)
    await cache.remembered("daily", Scope(), numbers)
    cache.follow(entry(1, reconciliation_changed=True))
    assert await cache.remembered("daily", Scope(), numbers) == 1
    assert await cache.remembered("reconciled", reconciled, numbers) == 2


@pytest.mark.parametrize(
    "unsure",
    [
        entry(1, complete=False),
        entry(2, AN_LAO),
        entry(1, AN_LAO, previous=None, version="other-0"),
        entry(1, AN_LAO, previous="other-0", version="other-1"),
    ],
    ids=["incomplete", "after a lost entry", "the first of another run", "of another run"],
)
async def test_everything_is_dropped_where_not_all_changes_are_known(cache: PageCache, unsure: ProgressChanged) -> None:
    numbers = Numbers()
    for key, scope in {"page": Scope(units=frozenset({"phu-my"})), "flags": NO_CHANGE}.items():
        await cache.remembered(key, scope, numbers)
    assert cache.follow(unsure)
    assert [await cache.remembered(key, Scope(), numbers) for key in ("page", "flags")] == [2, 3]


async def test_after_a_lost_entry_the_next_ones_are_followed_again(cache: PageCache) -> None:
    numbers = Numbers()
    cache.follow(entry(5, AN_LAO))
    await cache.remembered("key", Scope(units=frozenset({"phu-my"})), numbers)
    cache.follow(entry(6, AN_LAO))
    assert await cache.remembered("key", Scope(), numbers) == 0


async def test_a_repeated_entry_changes_nothing(cache: PageCache) -> None:
    numbers = Numbers()
    assert cache.follow(entry(1, AN_LAO))
    await cache.remembered("key", None, numbers)
    assert not cache.follow(entry(1, AN_LAO))
    assert await cache.remembered("key", None, numbers) == 0


async def test_a_value_that_a_change_overtook_is_answered_but_not_remembered(cache: PageCache) -> None:
    numbers = Numbers()
    numbers.meanwhile = lambda: cache.follow(entry(1, AN_LAO))
    assert await cache.remembered("concerned", Scope(), numbers) == 0
    assert await cache.remembered("concerned", Scope(), numbers) == 1


async def test_a_change_of_something_else_does_not_overtake_it(cache: PageCache) -> None:
    numbers = Numbers()
    numbers.meanwhile = lambda: cache.follow(entry(1, AN_LAO))
    scope = Scope(units=frozenset({"phu-my"}))
    assert [await cache.remembered("key", scope, numbers) for _ in range(2)] == [0, 0]


async def test_who_asks_after_a_change_is_not_answered_from_before_it(cache: PageCache) -> None:
    numbers = Numbers()
    before = asyncio.create_task(cache.remembered("key", None, numbers))
    await asyncio.sleep(0)
    cache.follow(entry(1, AN_LAO))
    assert await cache.remembered("key", None, numbers) == 1
    assert await before == 0
    assert await cache.remembered("key", None, numbers) == 1


async def test_those_who_ask_together_share_one_answer_and_one_error(cache: PageCache) -> None:
    numbers = Numbers()
    assert await asyncio.gather(*(cache.remembered("key", None, numbers) for _ in range(50))) == [0] * 50

    async def refuse() -> int:
        await numbers()
        raise ConnectionError

    both = await asyncio.gather(*(cache.remembered("refused", None, refuse) for _ in range(2)), return_exceptions=True)
    assert [type(error) for error in both] == [ConnectionError] * 2
    assert numbers.made == 2
    assert await cache.remembered("refused", None, numbers) == 2


async def test_a_visitor_who_leaves_takes_nothing_from_the_others(cache: PageCache) -> None:
    numbers = Numbers()
    leaving, waiting = (asyncio.create_task(cache.remembered("key", None, numbers)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await waiting == 0
    assert leaving.cancelled()


async def test_a_page_made_from_other_flags_is_made_again(cache: PageCache) -> None:
    numbers = Numbers()
    other = FLAGS_RESPONSE.model_copy()
    made = [
        await cache.remembered("/", Scope(), numbers, flags) for flags in (FLAGS_RESPONSE, FLAGS_RESPONSE, other, other)
    ]
    assert made == [0, 0, 1, 1]


async def test_nothing_is_older_than_a_few_seconds() -> None:
    now, numbers = 0.0, Numbers()
    cache = PageCache(lambda: now)
    await cache.remembered("key", NO_CHANGE, numbers)
    for now, expected in ((MAX_AGE, 0), (MAX_AGE + 0.1, 1)):  # noqa: B007 - the cache reads `now`
        cache.expire()
        assert await cache.remembered("key", NO_CHANGE, numbers) == expected
