"""One count by day, quick to add to and quick to sum up to a day. Pure."""

from bisect import bisect_left
from itertools import accumulate


class Series:
    """Changes by day number; sums are kept until the next change."""

    __slots__ = ("_changes", "_days", "_sums")

    def __init__(self) -> None:
        self._changes: dict[int, int] = {}
        self._days: list[int] | None = None
        self._sums: list[int] = []

    def add(self, day: int, change: int) -> None:
        self._changes[day] = self._changes.get(day, 0) + change
        self._days = None

    @property
    def last(self) -> int | None:
        """The latest day with a change; None without any."""
        return max((day for day, change in self._changes.items() if change), default=None)

    def on(self, day: int) -> int:
        """The change on one day."""
        return self._changes.get(day, 0)

    def before(self, day: int) -> int:
        """The sum of all changes on days before `day`: the state at its first moment."""
        if self._days is None:
            self._days = sorted(self._changes)
            self._sums = [0, *accumulate(self._changes[known] for known in self._days)]
        return self._sums[bisect_left(self._days, day)]


NOTHING = Series()
