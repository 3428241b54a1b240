"""The board asks the notifier sparingly, and an answer that is late, wrong or missing is no flags, never an error."""

import datetime as dt

import httpx
import pytest

from services.board.flag_source import KEPT, MOST_DAYS, Findings, FlagsReader
from services.board.page_cache import PageCache
from tests.support.board_figures import FINDINGS
from tests.support.notice434 import JULY


class Notifier:
    """Answers requests and counts them."""

    def __init__(self, status: int = 200, body: str = FINDINGS.model_dump_json()) -> None:
        self.status = status
        self.body = body
        self.asked: list[str] = []
        self.now = 0.0

    def reader(self) -> FlagsReader:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return FlagsReader(client, "http://notifier/", lambda: self.now)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return httpx.Response(self.status, text=self.body)


async def test_an_answer_is_kept_for_a_few_seconds() -> None:
    notifier = Notifier()
    reader = notifier.reader()
    assert await reader.on(JULY) == FINDINGS
    notifier.now = KEPT - 0.1
    assert await reader.on(JULY) == FINDINGS
    assert notifier.asked == ["http://notifier/v1/flags?as_of=2023-07-01"]
    notifier.now = KEPT
    await reader.on(JULY)
    assert len(notifier.asked) == 2


@pytest.mark.parametrize(("status", "body"), [(503, "{}"), (200, "{}"), (200, "not json"), (404, "")])
async def test_what_is_not_an_answer_is_no_flags_for_a_while(status: int, body: str) -> None:
    notifier = Notifier(status, body)
    reader = notifier.reader()
    assert await reader.on(JULY) is None
    assert await reader.on(JULY) is None
    assert len(notifier.asked) == 1


async def test_a_notifier_that_is_away_is_no_flags() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    reader = FlagsReader(httpx.AsyncClient(transport=httpx.MockTransport(refuse)), "http://notifier")
    assert await reader.on(JULY) is None


async def test_days_asked_for_do_not_pile_up() -> None:
    notifier = Notifier()
    reader = notifier.reader()
    for number in range(MOST_DAYS + 1):
        await reader.on(JULY + dt.timedelta(days=number))
    await reader.on(JULY)
    assert len(notifier.asked) == MOST_DAYS + 2


async def test_the_same_answer_again_is_the_same_object_so_that_pages_made_from_it_still_hold() -> None:
    notifier = Notifier()
    reader = notifier.reader()
    first = await reader.on(JULY)
    notifier.now = KEPT
    assert await reader.on(JULY) is first
    notifier.body = FINDINGS.model_copy(update={"flags": []}).model_dump_json()
    notifier.now = 2 * KEPT
    fresh = await reader.on(JULY)
    assert fresh is not first
    assert fresh is not None
    assert fresh.flags == []


def test_a_page_is_made_once_until_figures_or_findings_change() -> None:
    kept, made = PageCache(), iter(range(10))

    def page(asked: str, version: str, findings: Findings | None) -> str:
        return kept.html(asked, version, findings, lambda: str(next(made)))

    other = FINDINGS.model_copy()
    assert [page("/", "1", FINDINGS), page("/", "1", FINDINGS), page("/flags", "1", FINDINGS)] == ["0", "0", "1"]
    assert [page("/", "1", other), page("/", "1", other), page("/", "2", other)] == ["2", "2", "3"]
    assert page("/flags", "2", FINDINGS) == "4"
