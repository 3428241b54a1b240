"""Pages made since the figures last changed: when a thousand visitors are told of a change, each page is made once."""

from collections.abc import Callable, Hashable

from services.board.flag_source import Findings

MOST_PAGES = 256


class PageCache:
    """HTML by what was asked for; gone when the figures or the findings it was made from are no longer the same."""

    def __init__(self) -> None:
        self._version = ""
        self._pages: dict[Hashable, tuple[Findings | None, str]] = {}

    def html(self, asked: Hashable, version: str, findings: Findings | None, make: Callable[[], str]) -> str:
        """The page of `asked`, by `make` unless it was made at this `version` of the figures from these findings."""
        if version != self._version or len(self._pages) >= MOST_PAGES:
            self._version = version
            self._pages.clear()
        kept = self._pages.get(asked)
        if kept is None or kept[0] is not findings:
            kept = self._pages[asked] = (findings, make())
        return kept[1]
