"""Mapping files: what they give that a sheet lacks, and what is wrong with them."""

import csv
from pathlib import Path

import pytest

from services.sender.imports.mapping import Mapping, MappingError, SheetMapping, read_mapping
from services.sender.imports.plan import refused_csv
from tests.support.import_plans import ACCOUNTS, plan_of, planned, summary
from tests.support.spreadsheets import Rows, write_workbook


def test_a_mapping_gives_what_the_sheet_lacks(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        """
        [sheets."*"]
        type = "account.opened"
        header_row = 2
        columns = { subject = "Số ĐDCN", time = "Lập ngày" }
        constants = { unit = "Thành đoàn Quy Nhơn", holder = "resident" }
        """,
        encoding="utf-8",
    )
    rows = [["Mã tài khoản", "Ngày mở", "Đơn vị"], ["Lập ngày", "Số ĐDCN"], ["1/7/2023", "'052099000001"]]
    file = write_workbook(tmp_path / "book.xlsx", {"Bất kỳ": rows})
    assert summary(planned(file, read_mapping(tmp_path / "map.toml")).events) == [
        ("account.opened", "052099000001", "2023-07-01", {"unit": "quy-nhon", "holder": "resident"})
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[sheets", "not readable TOML"),
        ("[sheets.A]\ncolunms = {}", "sheets.A.colunms: Extra inputs"),
        ("[sheets.A]\nheader_row = 0", "sheets.A.header_row"),
    ],
)
def test_a_bad_mapping_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "map.toml").write_text(content, encoding="utf-8")
    with pytest.raises(MappingError, match=complaint):
        read_mapping(tmp_path / "map.toml")


def test_a_mapping_to_no_type_is_named(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [ACCOUNTS], mapping=SheetMapping(type="account.open"))
    assert "'account.open' of the mapping is none of: account.opened" in plan.unclear["Sheet1"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_refused_rows_come_back_by_the_same_mapping(tmp_path: Path, suffix: str) -> None:
    columns = {"subject": "Số hiệu", "time": "Lập ngày"}
    constants: dict[str, str | bool] = {"unit": "An Nhơn", "holder": "member"}
    mapping = SheetMapping(type="account.opened", header_row=3, columns=columns, constants=constants)
    rows: Rows = [["DANH SÁCH"], [], ["Số hiệu", "Lập ngày"], ["A1", "32/06/2023"], ["A2", "1/6/2023"]]
    (sheet,) = plan_of(tmp_path, rows, name="DS T7", mapping=mapping).sheets
    corrected = refused_csv(sheet).replace("32/06/2023", "30/06/2023")
    if suffix == ".csv":
        (tmp_path / "again.csv").write_text(corrected, encoding="utf-8-sig", newline="")
    else:
        write_workbook(tmp_path / "again.xlsx", {"Sheet1": [*csv.reader(corrected.splitlines())]})
    (again,) = planned(tmp_path / f"again{suffix}", Mapping(sheets={"DS T7": mapping})).sheets
    assert [event["subject"] for event in again.events] == ["A1"]
