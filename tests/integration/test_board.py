"""The board as a real process serves it: pages, policy, live events, errors, and an end within seconds."""

import asyncio
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import docx
import httpx
import pytest
from faststream.redis import RedisBroker

from shared.contracts.flags import FlagChanged
from shared.log.keys import FLAGS
from tests.support.as_of import suite_day, suite_now
from tests.support.board_figures import LAG
from tests.support.board_system import inform_household, start_board
from tests.support.html_page import Page
from tests.support.processes import Service, System
from tests.support.waiting import wait_until

JULY = {"as_of": "2023-07-01", "lang": "en"}
FOLLOWS_WITHIN = 2.0
"""Seconds after which a board that is ready has subscribed."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Ingest, metrics and board without a notifier, with one household counted."""
    with System(tmp_path_factory.mktemp("board")) as system:
        system.start()
        started = start_board(system, "http://127.0.0.1:9")
        inform_household(system.ingest, "2023-06-30T08:00:00+07:00")
        wait_until(lambda: households(started) == 1, "the household is counted")
        yield system


@pytest.fixture(scope="module")
def board(system: System) -> Service:
    return system.services[-1]


def households(board: Service, **state: str) -> int:
    text = Page(board.client.get("/", params=JULY | state).text).text
    found = re.search(r"([\d,]+) / 400,000 households", text)
    assert found, text
    return int(found.group(1).replace(",", ""))


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/", "The whole province"),
        ("/units/van-canh", "Van Canh District Union"),
        ("/units/province", "The whole province"),
        ("/units/van-canh?target=3", "Accounts with an actual transaction, of all accounts"),
        ("/flags", "Flags"),
        ("/units", "Units"),
    ],
)
def test_every_page_is_served_under_the_policy(board: Service, path: str, heading: str) -> None:
    answer = board.client.get(httpx.URL(path).copy_merge_params(JULY))
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert heading in Page(answer.text).text
    assert answer.headers["Content-Encoding"] == "gzip"


def test_without_a_notifier_the_rest_is_shown_and_the_lack_said(system: System, board: Service) -> None:
    for path in ("/", "/units/van-canh", "/flags"):
        assert "Flags cannot be read at the moment" in board.client.get(path, params=JULY).text


def test_language_follows_the_browser_and_is_named_in_the_answer(system: System, board: Service) -> None:
    answer = board.client.get("/", headers={"Accept-Language": "en-GB"})
    assert (answer.headers["Content-Language"], "Accept-Language" in answer.headers["Vary"]) == ("en", True)
    assert board.client.get("/").headers["Content-Language"] == "vi"


@pytest.mark.parametrize(
    ("path", "parameters", "status", "complaint"),
    [
        ("/", {"as_of": "soon"}, 400, "“soon” is not a day since 1 January 2022"),
        ("/units/van-canh", {"target": "99"}, 400, "There is no target “99”"),
        ("/units/atlantis", {}, 404, "There is no unit “atlantis”"),
    ],
)
def test_what_cannot_be_shown_is_said_on_a_page(
    board: Service, path: str, parameters: dict[str, str], status: int, complaint: str
) -> None:
    answer = board.client.get(path, params={"lang": "en"} | parameters)
    assert answer.status_code == status
    assert complaint in Page(answer.text).text


def test_a_search_leads_to_the_unit(system: System, board: Service) -> None:
    answer = board.client.get("/units", params={"q": "phu my", **JULY})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/units/phu-my?as_of=2023-07-01&lang=en")
    several = board.client.get("/units", params={"q": "hoai", **JULY})
    assert "Hoai Nhon Town Union" in several.text
    assert "An Lao" not in Page(several.text).text.replace("Huyện đoàn An Lão", "").split("Units that match")[1]
    nobody = board.client.get("/units", params={"q": "atlantis", **JULY})
    assert "No unit is called “atlantis”" in Page(nobody.text).text


def test_assets_are_cached_for_ever_under_names_of_their_content(system: System, board: Service) -> None:
    page = board.client.get("/").text
    for address in re.findall(r'"(/assets/[^"]+)"', page):
        answer = board.client.get(address)
        assert answer.status_code == httpx.codes.OK
        assert "immutable" in answer.headers["Cache-Control"]
    assert board.status("/assets/board.css") == httpx.codes.NOT_FOUND


def test_a_change_is_told_to_those_who_listen(system: System, board: Service) -> None:
    version = re.search(r'data-version="([^"]+)"', board.client.get("/", params=JULY).text)
    assert version
    before = households(board)
    with board.client.stream("GET", "/events", params={"seen": version.group(1)}, timeout=10) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines).startswith("retry:")
        inform_household(system.ingest, "2023-06-29T08:00:00+07:00")
        event = next(line for line in lines if line.startswith("id:"))
    assert event != f"id: {version.group(1)}"
    assert households(board) == before + 1


def test_a_visitor_who_missed_a_change_is_told_at_once(system: System, board: Service) -> None:
    headers = {"Last-Event-ID": "another-run"}
    with board.client.stream("GET", "/events", headers=headers, timeout=5) as stream:
        assert next(line for line in stream.iter_lines() if line.startswith("event:")) == "event: figures"


def test_a_page_of_the_past_is_not_live(system: System, board: Service) -> None:
    assert "data-version" not in board.client.get("/", params={"as_of": "2023-06-01"}).text


def test_what_came_today_is_shown_today(system: System, board: Service) -> None:
    board.client.get("/")
    inform_household(system.ingest, suite_now().isoformat())
    today = {"as_of": suite_day().isoformat(), "lang": "en"}
    wait_until(
        lambda: "Today so far: +1 households" in board.client.get("/", params=today).text,
        "today's household is shown",
    )


def test_the_notice_of_a_closed_month_is_linked_and_downloaded(system: System, board: Service) -> None:
    address = "/months/2023-06/notice.docx"
    never = board.client.get(address)
    assert (never.status_code, never.headers["Content-Type"]) == (404, "application/problem+json")
    assert board.status("/months/june/notice.docx") == httpx.codes.UNPROCESSABLE_ENTITY
    closed = system.metrics.client.post("/v1/months/2023-06/close", params={"by": "Lan"}, timeout=60)
    assert closed.status_code == httpx.codes.OK, closed.text
    wait_until(lambda: f"{address}?lang=en" in board.client.get("/", params=JULY).text, "the month is listed", 10)
    notice = board.client.get(address, params={"lang": "en"})
    assert notice.headers["Content-Disposition"] == 'attachment; filename="notice-2023-07-01-en.docx"'
    paragraphs = docx.Document(io.BytesIO(notice.content)).paragraphs
    assert any("households" in paragraph.text for paragraph in paragraphs)
    page = board.client.get("/months/2023-06/notice.html", params={"lang": "vi"})
    assert page.headers["Content-Language"] == "vi"
    assert "CHÁNH VĂN PHÒNG" in page.text


def test_redis_away_is_a_page_that_says_so_and_events_go_on(system: System, board: Service) -> None:
    with board.client.stream("GET", "/events", timeout=10) as stream:
        system.valkey.stop()
        try:
            wait_until(lambda: board.client.get("/", params=JULY).status_code == 503, "the page says so")
            answer = board.client.get("/", params=JULY)
            assert "The figures cannot be read at the moment" in Page(answer.text).text
            wait_until(lambda: board.metric("pulse_board_redis_up") == 0, "its metrics say so", 10)
        finally:
            system.valkey.start()
        system.metrics.wait_ready()
        inform_household(system.ingest, "2023-06-28T08:00:00+07:00")
        lines = (line for line in stream.iter_lines() if line.startswith("event:"))
        assert next(lines) == "event: figures"
        wait_until(lambda: board.metric("pulse_board_redis_up") == 1, "its metrics say that Redis is back", 10)


def test_the_process_ends_at_once_although_visitors_listen(system: System, board: Service) -> None:
    with board.client.stream("GET", "/events", timeout=10) as stream:
        lines = stream.iter_lines()
        next(lines)
        began = time.monotonic()
        board.stop()
        took = time.monotonic() - began
        assert not [line for line in lines if line.startswith("event:")][1:]
    assert took < 1
    assert "board stopped" in board.output


def test_the_notice_says_that_metrics_is_away(system: System) -> None:
    board = system.service("board", metrics_url="http://127.0.0.1:9", notifier_url="http://127.0.0.1:9")
    board.start()
    wait_until(lambda: board.status("/livez") == httpx.codes.OK, "the board answers")
    answer = board.client.get("/months/2023-06/notice.docx")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    board.stop()


def test_metrics_has_no_pages(system: System) -> None:
    answer = system.metrics.client.get("/")
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_it_starts_without_redis_and_misses_nothing_when_redis_comes_and_goes(tmp_path: Path) -> None:
    with System(tmp_path) as system:
        board = system.service("board", metrics_url=system.metrics.url, notifier_url="http://127.0.0.1:9")
        board.start()
        wait_until(lambda: "redis is unavailable" in board.output, "the board looks for Redis")
        assert board.status("/livez") == httpx.codes.OK
        system.start()
        board.wait_ready()
        time.sleep(FOLLOWS_WITHIN)
        system.valkey.stop()
        system.valkey.start()
        asyncio.run(publish_flag(system))
        wait_until(lambda: board.metric("pulse_board_changes_total") == 1, "the flag is read", 15)


def test_a_flag_that_changed_is_told(system: System) -> None:
    board = start_board(system, "http://127.0.0.1:9")
    time.sleep(FOLLOWS_WITHIN)
    with board.client.stream("GET", "/events", timeout=10) as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("id:"))
        first = next(lines)
        asyncio.run(publish_flag(system))
        assert next(lines) != first


async def publish_flag(system: System) -> None:
    """Publish an entry of `flags`, as the notifier does."""
    async with RedisBroker(host="127.0.0.1", port=system.valkey.port) as broker:
        await broker.publish(FlagChanged(change="raised", day=LAG.raised_on, flag=LAG), stream=FLAGS)
