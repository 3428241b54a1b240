"""The board asks the notifier sparingly, and an answer that is late, wrong or missing is no flags, never an error."""

import datetime as dt
from collections.abc import Callable

import httpx
import pytest

from services.board.board_data import MAX_DAYS, FlagSource
from services.board.page_cache import MAX_AGE
from shared.clients.notifier import NotifierClient
from tests.support.board_figures import FLAGS_RESPONSE
from tests.support.notice434 import JULY


class Notifier:
    """Answers requests and counts them."""

    def __init__(self, status: int = 200, body: str = FLAGS_RESPONSE.model_dump_json()) -> None:
        self.status = status
        self.body = body
        self.requested: list[str] = []
        self.now = 0.0
        self.while_answering: Callable[[], None] = lambda: None

    def reader(self) -> FlagSource:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return FlagSource(NotifierClient(client, "http://notifier/"), lambda: self.now)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requested.append(str(request.url))
        self.while_answering()
        return httpx.Response(self.status, text=self.body)


async def test_an_answer_is_remembered_for_a_few_seconds() -> None:
    notifier = Notifier()
    reader = notifier.reader()
    assert await reader.on(JULY) == FLAGS_RESPONSE
    notifier.now = MAX_AGE - 0.1
    assert await reader.on(JULY) == FLAGS_RESPONSE
    assert notifier.requested == ["http://notifier/v1/flags?as_of=2023-07-01"]
    notifier.now = MAX_AGE
    await reader.on(JULY)
    assert len(notifier.requested) == 2


@pytest.mark.parametrize(("status", "body"), [(503, "{}"), (200, "{}"), (200, "not json"), (404, "")])
async def test_what_is_not_an_answer_is_no_flags_for_a_while(status: int, body: str) -> None:
    notifier = Notifier(status, body)
    reader = notifier.reader()
    assert await reader.on(JULY) is None
    assert await reader.on(JULY) is None
    assert len(notifier.requested) == 1


async def test_a_notifier_that_is_away_is_no_flags() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    reader = FlagSource(NotifierClient(httpx.AsyncClient(transport=httpx.MockTransport(refuse)), "http://notifier"))
    assert await reader.on(JULY) is None


async def test_answers_of_many_days_do_not_pile_up() -> None:
    notifier = Notifier()
    reader = notifier.reader()
    for number in range(MAX_DAYS + 1):
        await reader.on(JULY + dt.timedelta(days=number))
    await reader.on(JULY)
    assert len(notifier.requested) == MAX_DAYS + 2


async def test_the_same_answer_again_is_the_same_object_so_that_pages_made_from_it_still_hold() -> None:
    notifier = Notifier()
    reader = notifier.reader()
    first = await reader.on(JULY)
    notifier.now = MAX_AGE
    assert await reader.on(JULY) is first
    notifier.body = FLAGS_RESPONSE.model_copy(update={"flags": []}).model_dump_json()
    notifier.now = 2 * MAX_AGE
    fresh = await reader.on(JULY)
    assert fresh is not first
    assert fresh is not None
    assert fresh.flags == []


async def test_changed_flags_are_asked_for_again() -> None:
    notifier = Notifier()
    source = notifier.reader()
    await source.on(JULY)
    source.invalidate()
    await source.on(JULY)
    assert len(notifier.requested) == 2


async def test_an_answer_that_a_change_overtook_is_not_remembered() -> None:
    notifier = Notifier()
    source = notifier.reader()
    notifier.while_answering = source.invalidate
    await source.on(JULY)
    await source.on(JULY)
    assert len(notifier.requested) == 2
