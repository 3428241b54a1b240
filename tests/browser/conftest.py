"""Headless Chromium in front of the whole system with Notice 434 loaded."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright

from tests.support.board_system import board_system
from tests.support.processes import Service, System
from tests.support.programs import require_program

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP, PHONE = (1280, 800), (390, 844)
AXE_OPTIONS: dict[str, dict[str, list[str]]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
}
"""What axe looks at: in the dark the same pages have other colours, and no more."""


@dataclass
class Visit:
    """A browser's window on the board, and what it complained of or asked other hosts for."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self._said(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request))

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    async def open(self, path: str) -> None:
        await self.page.goto(self.url + path)

    def assert_clean(self) -> None:
        """Nothing in the console (a breach of the policy would be there), nothing asked of another host."""
        assert self.complaints == []
        hosts = {urlsplit(request.url).netloc for request in self.requests}
        assert hosts == {urlsplit(self.url).netloc}


class Chromium:
    """Opens windows on the board."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url

    @asynccontextmanager
    async def visit(self, size: tuple[int, int] = DESKTOP, **options: Any) -> AsyncIterator[Visit]:
        viewport: Any = {"width": size[0], "height": size[1]}
        context = await self._browser.new_context(viewport=viewport, **({"locale": "vi-VN"} | options))
        yield Visit(await context.new_page(), self._url)
        await context.close()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return require_program("chromium")


@pytest.fixture(scope="session")
def running(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, Service]]:
    with board_system(tmp_path_factory.mktemp("board")) as running:
        yield running


@pytest.fixture(scope="session")
def system(running: tuple[System, Service]) -> System:
    return running[0]


@pytest.fixture(scope="session")
def board(running: tuple[System, Service]) -> Service:
    return running[1]


@pytest.fixture
async def chromium(chromium_path: str, board: Service, tmp_path: Path) -> AsyncIterator[Chromium]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=list(QUIET), downloads_path=str(tmp_path)
        )
        yield Chromium(browser, board.url)
        await browser.close()
