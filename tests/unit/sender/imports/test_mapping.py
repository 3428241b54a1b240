"""Mapping files: what they give that a sheet lacks, and what is wrong with them."""

from pathlib import Path

import pytest

from services.sender.imports.layout import MappingError, SheetMapping, read_mapping
from tests.support.import_plans import ACCOUNTS, plan_of, planned, summary
from tests.support.spreadsheets import write_workbook


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
