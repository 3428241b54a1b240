"""`pulse5299 notice` against a real HTTP server that answers as metrics does."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import docx
import pytest
from click.testing import CliRunner, Result

from services.cli.main import main
from services.cli.options import ask_metrics
from services.reports.documents import TEMPLATE
from services.reports.snapshots import closed_snapshots
from shared.contracts.months import ClosedMonth
from shared.domain.clock import Clock
from tests.support.clock import FakeClock, at
from tests.support.notice434 import JULY, measures_on
from tests.support.notices import july, july_reissued

pytestmark = pytest.mark.time_sensitive

CLOSED = dt.datetime(2023, 7, 5, 8, tzinfo=dt.UTC)
PUBLISHED = Path(__file__).parent.parent / "data" / "notice-434-published.txt"


class Measures(BaseHTTPRequestHandler):
    """`GET /v1/measures?as_of=` for the three dates of Notice 434."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        day = dt.date.fromisoformat(parse_qs(url.query)["as_of"][0])
        rows = [{"measure": m, "unit": u, "value": value} for (m, u), value in measures_on(day).items()]
        answer = {"as_of": day.isoformat(), "role": "reporting", "rows": rows}
        self._answer(200 if url.path == "/v1/measures" else 404, json.dumps(answer))

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's signature
        """Keep the test output quiet."""


class Reissued(Measures):
    """June was closed twice: `GET /v1/months/2023-06/snapshot`."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/v1/months/2023-06/snapshot":
            snapshot = july() if "revision=0" in url.query else july_reissued()
            closed = ClosedMonth(snapshot=snapshot, closed_at=CLOSED, by="Lan", digest="0" * 64)
            self._answer(200, closed.model_dump_json())
        else:
            super().do_GET()


class NeverClosed(Measures):
    def do_GET(self) -> None:
        if self.path.startswith("/v1/months/"):
            self._answer(404, json.dumps({"title": "Not found", "status": 404, "detail": "never closed"}))
        else:
            super().do_GET()


class Broken(Measures):
    def do_GET(self) -> None:
        self._answer(503, "busy")


class Other(Measures):
    def do_GET(self) -> None:
        self._answer(200, "<html>")


@contextmanager
def serving(handler: type[Measures]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(Measures) as address:
        yield address


def pulse(*arguments: str, clock: Clock | None = None) -> Result:
    return CliRunner().invoke(main, ["notice", "--provisional", *arguments], obj=clock)


def test_a_docx_is_written(url: str, tmp_path: Path) -> None:
    out = tmp_path / "notice.docx"
    done = pulse("2023-07-01", "--url", url, "--out", str(out))
    assert (done.exit_code, done.output) == (0, f"{out} written\n")
    text = "\n".join(paragraph.text for paragraph in docx.Document(str(out)).paragraphs)
    assert "40.676/66.000 tài khoản, đạt 61,6% chỉ tiêu" in text
    assert "Số liệu tạm tính" in text


def test_a_notice_that_is_there_is_not_overwritten_without_force(url: str, tmp_path: Path) -> None:
    out = tmp_path / "notice.html"
    out.write_text("edited by the office")
    again = pulse("2023-07-01", "--url", url, "--format", "html", "--out", str(out))
    assert (again.exit_code, out.read_text()) == (1, "edited by the office")
    assert "may have been edited: give another --out, or --force to overwrite it" in again.output
    forced = pulse("2023-07-01", "--url", url, "--format", "html", "--out", str(out), "--force")
    assert forced.exit_code == 0
    assert "Phụ lục" in out.read_text(encoding="utf-8")


def test_a_closed_month_is_printed_with_what_its_reissue_changes() -> None:
    with serving(Reissued) as address:
        options = ("--url", address, "--format", "json", "--lang", "en", "--out", "-")
        closed = json.loads(CliRunner().invoke(main, ["notice", "2023-07-01", *options]).stdout)
        now = json.loads(pulse("2023-07-01", *options).stdout)
    assert (closed["kind"], closed["snapshot"]["revision"], closed["snapshot"]["status"]) == ("NOTICE", 1, "final")
    assert "Target 6, the province, achieved: 801 → 803." in [change["text"] for change in closed["changes"]]
    assert (now["kind"], now["snapshot"]["status"], now["changes"]) == ("NOTICE", "provisional", [])


def test_a_month_that_was_never_closed_is_printed_as_provisional() -> None:
    with serving(NeverClosed) as address:
        options = ("--url", address, "--format", "json", "--lang", "en", "--out", "-")
        document = json.loads(CliRunner().invoke(main, ["notice", "2023-07-01", *options]).stdout)
    assert document["remarks"] == ["Provisional figures: month 06/2023 has not been closed."]


def test_a_closed_month_is_not_that_of_another_day_of_it() -> None:
    with serving(Reissued) as address:
        client = partial(ask_metrics, address)
        assert client(lambda metrics: closed_snapshots(metrics, JULY - dt.timedelta(days=1))) is None
        assert client(lambda metrics: closed_snapshots(metrics, JULY)) == (july_reissued(), july())


def test_a_template_of_the_office_is_used(url: str, tmp_path: Path) -> None:
    document = docx.Document(str(TEMPLATE))
    document.paragraphs[0].insert_paragraph_before("KHẨN")
    document.save(str(tmp_path / "office.docx"))
    out = tmp_path / "notice.docx"
    done = pulse("2023-07-01", "--url", url, "--template", str(tmp_path / "office.docx"), "--out", str(out))
    assert (done.exit_code, docx.Document(str(out)).paragraphs[0].text) == (0, "KHẨN")
    refused = pulse("2023-07-01", "--url", url, "--template", str(PUBLISHED), "--out", str(tmp_path / "none.docx"))
    assert (refused.exit_code, "is no DOCX document" in refused.output) == (1, True)


def test_json_on_standard_output(url: str) -> None:
    done = pulse("2023-07-01", "--url", url, "--format", "json", "--lang", "en", "--out", "-")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["snapshot"]["status"] == "provisional"


def test_html_and_its_own_check_of_the_json(url: str, tmp_path: Path) -> None:
    page, figures = tmp_path / "n.html", tmp_path / "n.json"
    assert pulse("2023-07-01", "--url", url, "--format", "html", "--out", str(page)).exit_code == 0
    assert page.read_text(encoding="utf-8").count("<data ") > 80
    assert pulse("2023-07-01", "--url", url, "--format", "json", "--out", str(figures)).exit_code == 0
    checked = pulse("--check", str(figures), "--lang", "en")
    assert checked.exit_code == 0
    assert checked.output.endswith("WRONG 0, DOUBTFUL 0\n")


def test_the_check_of_the_published_notice_exits_with_1() -> None:
    done = pulse("--check", str(PUBLISHED), "--lang", "en")
    assert done.exit_code == 1
    assert "printed 62.6\u00a0%, should be 61.6\u00a0%" in done.output
    assert done.output.endswith("WRONG 1, DOUBTFUL 1\n")


def test_a_check_of_a_bad_file_names_the_place(tmp_path: Path) -> None:
    table = tmp_path / "figures.csv"
    table.write_text("target,achieved\n2,many\n", encoding="utf-8")
    done = pulse("--check", str(table))
    assert done.exit_code == 1
    assert done.output.startswith("Error: figures.csv: line 2, achieved: 'many' is not a whole number")


def test_a_check_that_checks_nothing_is_no_success(tmp_path: Path) -> None:
    mail = tmp_path / "letter.txt"
    mail.write_text("Dear all, 7/20 units are over 100 %.", encoding="utf-8")
    done = pulse("--check", str(mail))
    assert (done.exit_code, "no figures recognised" in done.output) == (1, True)


def test_neither_date_nor_file_is_a_usage_error() -> None:
    done = pulse()
    assert done.exit_code == 2
    assert "give the DATE of the notice" in done.output


def test_a_day_that_has_not_come_is_refused(url: str) -> None:
    clock = FakeClock(at(JULY, 0))
    assert pulse(str(JULY), "--url", url, "--out", "-", clock=clock).exit_code == 0
    done = pulse(str(JULY + dt.timedelta(days=1)), "--url", url, clock=clock)
    assert done.exit_code == 2
    assert "has not come yet" in done.output


@pytest.mark.parametrize(
    ("handler", "message"), [(Broken, "/v1/measures answered 503"), (Other, "does not answer as metrics does")]
)
def test_a_server_that_gives_no_measures(handler: type[Measures], message: str, tmp_path: Path) -> None:
    with serving(handler) as address:
        done = pulse("2023-07-01", "--url", address, "--out", str(tmp_path / "n.docx"))
    assert done.exit_code == 1
    assert message in done.output
    assert not list(tmp_path.iterdir())


def test_no_server_and_no_address(tmp_path: Path) -> None:
    with serving(Measures) as address:
        gone = address
    out = str(tmp_path / "n.docx")
    assert "start the service, or give --url" in pulse("2023-07-01", "--url", gone, "--out", out).output
    assert "give --url" in pulse("2023-07-01", "--url", "metrics", "--out", out).output


def test_a_place_that_cannot_be_written(url: str, tmp_path: Path) -> None:
    done = pulse("2023-07-01", "--url", url, "--out", str(tmp_path / "none" / "n.docx"))
    assert done.exit_code == 1
    assert "give another --out" in done.output


def test_a_catalogue_that_is_not_there(tmp_path: Path) -> None:
    done = pulse("2023-07-01", "--catalogue", str(tmp_path))
    assert done.exit_code == 1
    assert "PULSE_CATALOGUE" in done.output
