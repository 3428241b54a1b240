"""What is in flight is shared: no key holds all of it, and what is given back goes to whoever waits and may have it."""

import asyncio
import contextlib

import pytest

from services.ingest.in_flight import InFlight, NoRoomError


def take(places: InFlight, key: str, number: int, held: contextlib.ExitStack) -> int:
    """How many of `number` places `key` was given."""
    for given in range(number):
        try:
            held.enter_context(places.taken(key))
        except NoRoomError:
            return given
    return number


def test_one_key_leaves_a_reserve_and_what_is_given_back_evens_out() -> None:
    places = InFlight(16)
    with contextlib.ExitStack() as first, contextlib.ExitStack() as second:
        assert take(places, "a", 20, first) == 14
        assert take(places, "b", 20, second) == 2
        first.close()
        assert take(places, "b", 20, second) == 12
        assert take(places, "a", 20, first) == 2
    with contextlib.ExitStack() as held:
        assert take(places, "a", 20, held) == 14


def test_all_together_hold_no_more_than_there_is() -> None:
    places = InFlight(16)
    with contextlib.ExitStack() as held:
        assert sum(take(places, str(key), 20, held) for key in range(9)) == 16


@pytest.mark.parametrize("amount", [1, 3])
def test_few_places_are_all_given(amount: int) -> None:
    with contextlib.ExitStack() as held:
        assert take(InFlight(amount), "a", 5, held) == amount


def test_a_fault_gives_back_what_was_held() -> None:
    places = InFlight(1)
    with contextlib.suppress(RuntimeError), places.taken("a"):
        raise RuntimeError
    with places.taken("a"):
        pass


async def hold(amount: InFlight, key: str, number: int, done: asyncio.Event, order: list[str]) -> None:
    async with amount.awaited(key, number, within=20):
        order.append(key)
        await done.wait()


async def test_who_waits_is_served_in_order_but_not_held_up_by_a_key_at_its_share() -> None:
    amount, order = InFlight(80), list[str]()
    ends = [asyncio.Event() for _ in range(4)]
    wanted = [("a", 60), ("a", 30), ("b", 10), ("c", 30)]
    holders = [asyncio.create_task(hold(amount, *each, end, order)) for each, end in zip(wanted, ends, strict=True)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert order == ["a", "b"]
    ends[0].set()
    await holders[0]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert order == ["a", "b", "a", "c"]
    for end in ends:
        end.set()
    await asyncio.gather(*holders)
    async with amount.awaited("d", 70, within=0):
        pass


async def test_what_does_not_come_in_time_is_given_up() -> None:
    amount = InFlight(10)
    async with amount.awaited("a", 8, within=0):
        with pytest.raises(NoRoomError):
            async with amount.awaited("a", 5, within=0.01):
                pass
    async with amount.awaited("a", 100, within=0):  # larger than the whole, while nothing else is there
        pass


async def test_what_is_given_up_is_not_given() -> None:
    amount = InFlight(8)
    with amount.taken("a", 7):
        waiter = asyncio.create_task(hold(amount, "b", 7, asyncio.Event(), []))
        await asyncio.sleep(0)
        waiter.cancel()  # what "a" gives back now comes before the waiter has gone
    await asyncio.gather(waiter, return_exceptions=True)
    with amount.taken("c", 7):
        pass


async def test_a_wait_that_is_cancelled_takes_nothing() -> None:
    amount, done = InFlight(8), asyncio.Event()
    holder = asyncio.create_task(hold(amount, "a", 7, done, []))
    waiter = asyncio.create_task(hold(amount, "b", 7, done, []))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    done.set()
    await holder  # has given its amount to the waiter, which is cancelled before it goes on
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    async with amount.awaited("c", 7, within=0):
        pass
