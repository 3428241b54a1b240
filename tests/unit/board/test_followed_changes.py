"""Changes that the board follows: which pages and answers are dropped, and what open pages are told."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from faststream.redis import RedisBroker, TestRedisBroker

from services.board.api import Board, board_routes
from services.board.app import subscribe
from services.board.board_data import BoardData, FlagSource
from services.board.events import Live
from services.board.instruments import Instruments
from services.board.page_cache import PageCache
from services.board.pages.frame import Frame
from services.board.rendering import Assets, PageRenderer
from shared.clients.metrics import MetricsClient
from shared.clients.notifier import NotifierClient
from shared.contracts.metrics import ContestedResponse, DailyResponse, ProgressChanged, Reconciliation
from shared.log.keys import PROGRESS
from tests.support.board_figures import FLAGS_RESPONSE, progress, unit_data
from tests.support.clock import at
from tests.support.notice434 import JULY, catalogue
from tests.support.progress_entries import AN_LAO, entry

PAGES = ("/", "/units/an-lao", "/units/phu-my", "/units/phu-my?target=2", "/flags")


class Metrics:
    """Metrics with Notice 434's figures, and what it was asked; `damaged`: its record of months cannot be read."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.damaged = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        parameters = dict(request.url.params)
        topic = request.url.path.removeprefix("/v1/")
        self.requests[f"{topic} {parameters.get('unit', '')}".strip()] += 1
        if topic == "months" and self.damaged:
            return httpx.Response(409, json={"detail": "the state of 2023-06 is damaged"})
        return httpx.Response(200, text=self._body(topic, parameters))

    def _body(self, topic: str, parameters: dict[str, str]) -> str:
        if topic == "progress":
            return progress().model_dump_json()
        if topic == "months":
            return "[]"
        if topic == "flags":
            return FLAGS_RESPONSE.model_dump_json()
        if topic == "contested":
            return ContestedResponse(rows=[]).model_dump_json()
        if topic == "reconciliation":
            return Reconciliation(month="2023-06", since=JULY, until=JULY, has_record=False, rows=[]).model_dump_json()
        target, unit = int(parameters["target"]), parameters["unit"]
        rows: Any = unit_data(unit).days[target]
        return DailyResponse(target=target, unit=unit, rows=rows, goal_changes=[]).model_dump_json()


class CountedPages(PageRenderer):
    """The templates, and the paths of the pages rendered."""

    def __init__(self) -> None:
        super().__init__(Assets())
        self.rendered: list[str] = []

    def html(self, name: str, frame: Frame, **content: object) -> str:
        self.rendered.append(frame.path)
        return super().html(name, frame, **content)


class OpenBoard:
    """A board in this process, whose metrics and stream are in the test's hand; the pages are of today."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.broker = RedisBroker()
        self.pages = CountedPages()
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.metrics.answer))
        cache = PageCache(lambda: 0.0)
        data = BoardData(catalogue(), MetricsClient(http, "http://metrics"), cache, lambda: at(JULY, 8))
        flags = FlagSource(NotifierClient(http, "http://notifier"), lambda: 0.0)
        self.live = Live(lambda: data.day, "run")
        instruments = Instruments()
        subscribe(self.broker, cache, flags, self.live, instruments)
        app = FastAPI()
        app.include_router(board_routes(Board(data, cache, flags, self.live, self.pages, instruments), Assets()))
        self._visitor = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://board")

    async def publish(self, message: ProgressChanged) -> None:
        await self.broker.publish(message, stream=PROGRESS)

    async def open(self, *paths: str) -> None:
        """Open the pages one after the other, with the record of what that takes begun anew."""
        self.pages.rendered.clear()
        self.metrics.requests.clear()
        for path in paths:
            answer = await self._visitor.get(path)
            assert answer.status_code == httpx.codes.OK, answer.text
            if "as_of=" not in path:
                assert f'data-version="{self.live.version}"' in answer.text


@pytest.fixture
async def board() -> AsyncIterator[OpenBoard]:
    """A board that has read entry 0 and remembers what PAGES show."""
    board = OpenBoard()
    async with TestRedisBroker(board.broker):
        await board.publish(entry(0))
        await board.open(*PAGES)
        yield board


async def test_a_change_of_one_unit_leaves_other_units_pages_and_answers_remembered(board: OpenBoard) -> None:
    await board.publish(entry(1, AN_LAO))
    await board.open(*PAGES)
    # the units' pages of target 1 show their share of the province, which changed
    assert board.pages.rendered == ["/", "/units/an-lao", "/units/phu-my"]
    assert {request for request in board.metrics.requests if "phu-my" in request} == set()
    assert board.metrics.requests["daily an-lao"] == 2, "target 1: the days of the curve, and today"
    assert board.metrics.requests["progress"] == 1


async def test_an_entry_that_does_not_list_its_changes_drops_every_page(board: OpenBoard) -> None:
    version = board.live.version
    await board.publish(entry(1, complete=False))
    assert board.live.version != version
    await board.open(*PAGES)
    assert board.pages.rendered == [path.partition("?")[0] for path in PAGES]


async def test_a_lost_entry_drops_every_page_and_open_pages_are_told(board: OpenBoard) -> None:
    version = board.live.version
    await board.publish(entry(2, AN_LAO))
    assert board.live.version != version
    await board.open(*PAGES)
    assert board.pages.rendered == [path.partition("?")[0] for path in PAGES]
    assert board.metrics.requests["daily phu-my"] == 14


async def test_a_repeated_entry_is_not_told_to_open_pages(board: OpenBoard) -> None:
    await board.publish(entry(1, AN_LAO))
    await board.open(*PAGES)
    version = board.live.version
    await board.publish(entry(1, AN_LAO))
    assert board.live.version == version
    await board.open(*PAGES)
    assert board.pages.rendered == []


async def test_a_change_later_in_the_reconciled_month_makes_an_earlier_day_anew(board: OpenBoard) -> None:
    """Reconciliation covers the whole month that the day before the page's lies in."""
    await board.open("/units/an-lao?as_of=2023-06-15")
    await board.publish(entry(1, AN_LAO))
    await board.open("/units/an-lao?as_of=2023-06-15")
    assert board.pages.rendered == ["/units/an-lao"]
    assert board.metrics.requests["reconciliation an-lao"] == 1


async def test_a_damaged_record_of_months_hides_no_figure() -> None:
    board = OpenBoard()
    board.metrics.damaged = True
    await board.open("/")
    assert board.pages.rendered == ["/"]
