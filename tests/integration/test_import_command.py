"""`pulse5299 import` as a person runs it, against a real HTTP server."""

import asyncio
import csv
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pytest

from tests.support.fake_ingest import KEY, FakeIngest, running
from tests.support.spreadsheets import Rows, write_workbook

PULSE = Path(sys.executable).with_name("pulse5299")
HEADER = ["TT", "Mã tài khoản", "Đơn vị", "Đối tượng", "Ngày mở", "Số định danh"]


@pytest.fixture
async def ingest() -> AsyncIterator[FakeIngest]:
    async with running() as server:
        yield server


async def started(ingest: FakeIngest, file: Path, *more: str) -> asyncio.subprocess.Process:
    (file.parent / "dev-key").write_text(KEY, encoding="ascii")
    return await asyncio.create_subprocess_exec(
        *(PULSE, "import", str(file), "--source", "urn:dean5299:reporting"),
        *("--url", ingest.url, "--var", str(file.parent), *more),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def imported(ingest: FakeIngest, file: Path, *more: str) -> tuple[int, str]:
    """The exit code and all that was printed."""
    process = await started(ingest, file, *more)
    out, _ = await process.communicate()
    assert process.returncode is not None
    assert "Traceback" not in out.decode()
    return process.returncode, out.decode()


def left_in(folder: Path) -> list[str]:
    """All files but the record of what was sent."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("sent-"))


def rows(count: int) -> list[list[object]]:
    return [[n, f"TK{n}", "An Lão", "Đoàn viên", "01/07/2023", f"0520{n:08}"] for n in range(1, count + 1)]


async def test_all_rows_are_sent_and_a_repeated_import_sends_the_same_events(
    ingest: FakeIngest, tmp_path: Path
) -> None:
    file = write_workbook(tmp_path / "thang7.xlsx", {"DS": [HEADER, *rows(1200)]})
    for times in (1, 2):
        code, out = await imported(ingest, file, "--yes")
        assert code == 0, out
        assert "1,200 events accepted" in out
        assert len(ingest.received) == 1200
        assert set(ingest.received.values()) == {times}
    keys = [headers["idempotency-key"] for headers in ingest.requests]
    assert sorted(keys[:3]) == sorted(keys[3:])
    assert left_in(tmp_path) == ["dev-key", "thang7.xlsx"]


async def test_nothing_is_sent_before_a_person_has_agreed(ingest: FakeIngest, tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "thang7.xlsx", {"DS": [HEADER, *rows(3)]})
    code, out = await imported(ingest, file)
    assert code == 1
    assert "account.opened, header in row 1: 3 to send, 0 refused" in out
    assert "look over what was understood and give --yes" in out
    assert not ingest.received


async def test_what_is_sent_is_shown_by_value_and_month_and_what_was_sent_before(
    ingest: FakeIngest, tmp_path: Path
) -> None:
    file = write_workbook(tmp_path / "thang7.xlsx", {"DS": [HEADER, *rows(3)]})
    _, first = await imported(ingest, file, "--yes", "--lang", "en")
    assert "3 different ids in 3 rows" in first
    assert "from 01/07/2023 to 01/07/2023" in first
    assert "new: 3; of ids sent before, saying something else: 0; sent before from here: 0" in first
    file = write_workbook(tmp_path / "thang7.xlsx", {"DS": [HEADER, *rows(5)]})
    _, second = await imported(ingest, file, "--yes", "--lang", "vi")
    assert "mới: 2; mã đã gửi, nội dung khác: 0; đã gửi từ máy này: 3" in second
    assert "theo đối tượng: Đoàn viên 5" in second
    assert "5 sự kiện đã được nhận" in second


async def test_an_import_is_taken_back(ingest: FakeIngest, tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "thang7.xlsx", {"DS": [HEADER, *rows(3)]})
    await imported(ingest, file, "--yes")
    code, out = await imported(ingest, file, "--undo", "--yes", "--lang", "en")
    assert (code, "3 events accepted" in out) == (0, True)
    assert len(ingest.received) == 6
    _, again = await imported(ingest, file, "--lang", "en")
    assert "new: 3; of ids sent before, saying something else: 0; sent before from here: 0" in again


async def test_refused_rows_are_corrected_in_their_file_and_imported(ingest: FakeIngest, tmp_path: Path) -> None:
    bad: Rows = [
        [91, "=1+1", "An Lão", "Đoàn viên", "31/06/2023", "052099000001"],
        [92, "TK92", "Khong Dau", "Đoàn viên", "01/07/2023", "052099000002"],
    ]
    file = write_workbook(tmp_path / "thang7.xlsx", {"Bảng 1": [["Danh sách"], HEADER, *rows(5), *bad]})
    # A leading = makes openpyxl write a formula; as text it is what somebody might smuggle into the CSV.
    book = openpyxl.load_workbook(file)
    book["Bảng 1"]["B8"].data_type = "s"
    book.save(file)
    code, out = await imported(ingest, file, "--yes")
    assert code == 1
    assert len(ingest.received) == 5
    refused = tmp_path / "thang7.Bảng 1.refused.csv"
    assert str(refused) in out
    assert refused.read_bytes().startswith(b"\xef\xbb\xbf")
    header, first, second = csv.reader(refused.read_text(encoding="utf-8-sig").splitlines())
    assert header[:6] == HEADER
    assert first[1] == "'=1+1"
    assert first[5] == "'052099000001"
    assert first[6:9] == ["Bảng 1", "8", "B “Mã tài khoản”; E “Ngày mở”"]
    assert second[6:9] == ["Bảng 1", "9", "C “Đơn vị”"]
    assert second[-2] == "There is no unit “Khong Dau”"

    corrected = refused.read_text(encoding="utf-8-sig").replace("31/06/2023", "30/06/2023").replace("'=1+1", "TK91")
    refused.write_text(corrected, encoding="utf-8-sig")
    code, out = await imported(ingest, refused, "--yes")
    assert code == 1
    assert len(ingest.received) == 6
    rest = tmp_path / "thang7.Bảng 1.refused-2.csv"
    corrected = rest.read_text(encoding="utf-8-sig").replace("Khong Dau", "Hoài Ân")
    rest.write_text(corrected, encoding="utf-8-sig")
    code, out = await imported(ingest, rest, "--yes")
    assert code == 0, out
    assert set(ingest.received.values()) == {1}
    assert len(ingest.received) == 7


async def test_what_ingest_rejects_is_a_refused_row_too(ingest: FakeIngest, tmp_path: Path) -> None:
    ingest.unwanted = "2023-07-02"
    sheet: Rows = [HEADER, *rows(600), [601, "TK601", "An Lão", "Đoàn viên", "02/07/2023", ""]]
    file = write_workbook(tmp_path / "thang7.xlsx", {"DS": sheet})
    code, out = await imported(ingest, file, "--yes")
    assert code == 1
    assert "600 events accepted" in out
    assert "“DS”, row 602, column E “Ngày mở”: Not taken (time_in_future)" in out
    (row,) = list(csv.reader((tmp_path / "thang7.DS.refused.csv").read_text(encoding="utf-8-sig").splitlines()))[1:]
    assert row[1] == "TK601"
    assert row[7:9] == ["602", "E “Ngày mở”"]
    assert row[-1].startswith("time 2023-07-02")
    assert row[9:11] == ["Ngày ở tương lai", "Kiểm tra lại ngày, tháng, năm"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"nothing", "is not a readable workbook"),
        ("a.csv", "Tên,Tuổi\nAn,20\n".encode(), "no sheet was understood"),
        ("a.csv", b"", "no sheet was understood"),
    ],
)
async def test_what_cannot_be_understood_is_said(
    ingest: FakeIngest, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    code, out = await imported(ingest, tmp_path / name, "--yes")
    assert code == 1
    assert said in out
    assert not ingest.received


async def test_an_unknown_source_is_said_with_those_that_are_known(ingest: FakeIngest, tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "thang7.xlsx", {"DS": [HEADER, *rows(1)]})
    code, out = await imported(ingest, file, "--yes", "--source", "urn:elsewhere")
    assert code == 1
    assert "--source urn:elsewhere is not in the catalogue: use one of urn:dean5299:reporting" in out


async def test_an_import_that_was_killed_goes_on_where_it_was(ingest: FakeIngest, tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "thang7.xlsx", {"DS": [HEADER, *rows(5000)]})
    ingest.script = ["take", "take", "take", "hold", "hold", "hold", "hold"]
    process = await started(ingest, file, "--yes")
    await asyncio.wait_for(ingest.held.wait(), 60)
    process.kill()
    await process.communicate()
    ingest.script = []
    ingest.release.set()
    code, out = await imported(ingest, file, "--yes")
    assert code == 0, out
    assert "5,000 events accepted" in out
    assert len(ingest.received) == 5000
    assert ingest.received.total() - 5000 <= 4 * 500
    assert left_in(tmp_path) == ["dev-key", "thang7.xlsx"]
