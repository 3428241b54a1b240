"""What is in flight: a fixed amount of something, shared by the keys that ask for it. Pure but for waiting.

One key alone gets all but a reserve of an eighth, which is for keys that hold less than an equal share: no key can
keep the others out.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

RESERVE = 8
"""The part of the whole that is kept for keys that hold less than an equal share: one eighth."""


class NoRoomError(Exception):
    """The amount is not to be had now."""


class InFlight:
    """An amount that keys hold parts of."""

    def __init__(self, amount: int) -> None:
        self._amount = amount
        self._taken = 0
        self._held: Counter[str] = Counter()
        self._waiting: deque[tuple[str, int, asyncio.Future[None]]] = deque()

    @contextmanager
    def taken(self, key: str, amount: int = 1) -> Iterator[None]:
        """Hold `amount` for `key` during the block.

        Raises:
            NoRoomError: too much of it is held already, by `key` or by all.
        """
        if not self._fits(key, amount):
            raise NoRoomError
        self._take(key, amount)
        try:
            yield
        finally:
            self._give_back(key, amount)

    @asynccontextmanager
    async def awaited(self, key: str, amount: int, within: float) -> AsyncIterator[None]:
        """Hold `amount` for `key` during the block; it is waited for, in order of arrival, at most `within` seconds.

        Raises:
            NoRoomError: it was not to be had in time.
        """
        if self._waiting or not self._fits(key, amount):
            await self._turn(key, amount, within)
        else:
            self._take(key, amount)
        try:
            yield
        finally:
            self._give_back(key, amount)

    async def _turn(self, key: str, amount: int, within: float) -> None:
        turn = asyncio.get_running_loop().create_future()
        waiting = (key, amount, turn)
        self._waiting.append(waiting)
        self._serve_waiting()
        try:
            async with asyncio.timeout(within):
                await turn
        except BaseException as error:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            else:
                self._give_back(key, amount)
            if isinstance(error, TimeoutError):
                raise NoRoomError from error
            raise

    def _fits(self, key: str, amount: int) -> bool:
        """An amount larger than the whole is given when nothing else is in flight."""
        after = self._taken + amount
        if not self._taken or after <= self._amount - self._amount // RESERVE:
            return True
        holders = max(2, len(self._held) + (key not in self._held))
        return after <= self._amount and self._held[key] + amount <= self._amount // holders

    def _take(self, key: str, amount: int) -> None:
        self._taken += amount
        self._held[key] += amount

    def _give_back(self, key: str, amount: int) -> None:
        self._taken -= amount
        self._held[key] -= amount
        if not self._held[key]:
            del self._held[key]
        self._serve_waiting()

    def _serve_waiting(self) -> None:
        """Whoever waits and fits is served: one key's wait for its share does not hold up the others."""
        for waiting in list(self._waiting):
            key, amount, turn = waiting
            if not turn.done() and self._fits(key, amount):  # done: given up, but not yet gone
                self._waiting.remove(waiting)
                self._take(key, amount)
                turn.set_result(None)
