"""Page cache: rendered pages, each rendered once until figures or flags change."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from shared.contracts.notifier import FlagsResponse

MAX_PAGES = 256


class PageCache:
    """HTML by page query; dropped when the version of the figures, or the flags it was made from, are others."""

    def __init__(self) -> None:
        self._version = ""
        self._pages: dict[Hashable, tuple[FlagsResponse | None, str]] = {}
        self._rendering: dict[Hashable, asyncio.Lock] = {}

    async def html(
        self, query: Hashable, version: str, flags: FlagsResponse | None, render: Callable[[], Awaitable[str]]
    ) -> str:
        """The page of `query`, by `render` unless it was rendered at this `version` from these flags.

        Visitors who ask for the same page at the same time wait for one rendering.
        """
        if version != self._version or len(self._pages) >= MAX_PAGES:
            self._version = version
            self._pages.clear()
            self._rendering.clear()
        async with self._rendering.setdefault(query, asyncio.Lock()):
            page = self._pages.get(query)
            if page is not None and page[0] is flags:
                return page[1]
            html = await render()
            if version == self._version:
                self._pages[query] = (flags, html)
            return html
