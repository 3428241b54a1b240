"""The notice of a closed month as a file: its format, language and name, and what is said where there is none."""

import datetime as dt
import io

import docx
import httpx
import pytest
from fastapi import FastAPI

from services.board.api import notice_routes
from services.board.pages.overview import closed_month_lines
from shared.clients.metrics import MetricsClient
from shared.contracts.months import ClosedMonth, MonthState
from shared.http.problems import install_problem_handlers, problem_response
from tests.support.clock import at
from tests.support.notice434 import JULY, catalogue
from tests.support.notices import july, july_reissued

CLOSED = dt.datetime(2023, 7, 5, 8, tzinfo=dt.UTC)


def metrics(request: httpx.Request) -> httpx.Response:
    """Metrics where June 2023 was closed twice, and May once."""
    if request.url.host == "away":
        raise httpx.ConnectError("refused", request=request)
    snapshots = {"/v1/months/2023-06/snapshot": july_reissued(), "/v1/months/2023-05/snapshot": july()}
    snapshot = july() if request.url.query == b"revision=0" else snapshots.get(request.url.path)
    if snapshot is None:
        answer = problem_response(404, "Not found", f"{request.url.path} was never closed")
        return httpx.Response(404, content=bytes(answer.body))
    closed = ClosedMonth(snapshot=snapshot, closed_at=CLOSED, by="Lan", digest="0" * 64)
    return httpx.Response(200, text=closed.model_dump_json())


async def download(path: str, host: str = "metrics", accept_language: str = "") -> httpx.Response:
    app = FastAPI()
    async with httpx.AsyncClient(transport=httpx.MockTransport(metrics)) as client:
        app.include_router(notice_routes(MetricsClient(client, f"http://{host}"), catalogue(), lambda: at(JULY, 8)))
        install_problem_handlers(app)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://board") as visitor:
            return await visitor.get(path, headers={"Accept-Language": accept_language})


async def test_the_office_gets_a_word_file_named_as_the_console_names_it() -> None:
    answer = await download("/months/2023-05/notice.docx")
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["Content-Type"].endswith("wordprocessingml.document")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="notice-2023-07-01-vi.docx"'
    assert "40.676" in " ".join(each.text for each in docx.Document(io.BytesIO(answer.content)).paragraphs)


@pytest.mark.parametrize(
    ("query", "accepted", "lang", "figure"),
    [("", "", "vi", "40.676"), ("?lang=en", "vi", "en", "40,676"), ("", "en-GB", "en", "40,676")],
)
async def test_the_language_is_chosen_as_on_every_page(query: str, accepted: str, lang: str, figure: str) -> None:
    answer = await download(f"/months/2023-05/notice.html{query}", accept_language=accepted)
    assert answer.headers["Content-Language"] == lang
    assert figure in answer.text


async def test_an_html_notice_is_shown_with_its_own_styles_and_nothing_else() -> None:
    answer = await download("/months/2023-05/notice.html")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("inline;")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'; ")


async def test_a_later_revision_says_what_changed() -> None:
    changed = (await download("/months/2023-06/notice.json")).json()["changes"]
    assert changed
    assert (await download("/months/2023-05/notice.json")).json()["changes"] == []


@pytest.mark.parametrize(
    ("path", "host", "status", "detail"),
    [
        ("/months/June/notice.docx", "metrics", 422, "'June' is not a month: write it like 2023-06"),
        ("/months/2023-13/notice.docx", "metrics", 422, "'2023-13' is not a month: write it like 2023-06"),
        ("/months/2023-04/notice.docx", "metrics", 404, "2023-04/snapshot was never closed"),
        ("/months/2023-05/notice.pdf", "metrics", 404, "no notice is written as 'pdf': there are docx, html, json"),
        ("/months/2023-05/notice.docx", "away", 503, "metrics at http://away does not answer"),
    ],
)
async def test_what_cannot_be_written_is_a_problem(path: str, host: str, status: int, detail: str) -> None:
    answer = await download(path, host)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert detail in answer.json()["detail"]


def test_closed_months_are_listed_with_their_notices() -> None:
    states = [
        MonthState(month="2023-05", revision=0, status="final", taken=()),
        MonthState(month="2023-06", revision=1, status="reopened", taken=()),
    ]
    latest, earlier = closed_month_lines(states, "en")
    assert (latest.name, latest.status, earlier.name, earlier.status) == ("06/2023", "reopened", "05/2023", "final")
    assert latest.notices == [
        ("DOCX", "/months/2023-06/notice.docx?lang=en"),
        ("HTML", "/months/2023-06/notice.html?lang=en"),
    ]
    assert [line.status for line in closed_month_lines(states, "vi")] == ["đã mở lại", "chính thức"]
