"""Imports of spreadsheets for tests: a file or rows, understood by the catalogue of the deployment."""

import datetime as dt
from pathlib import Path

from services.sender.batches import Event
from services.sender.imports.mapping import Mapping, SheetMapping
from services.sender.imports.plan import Plan, understand
from services.sender.imports.reading import read_here
from shared.domain.catalogue import load_catalogue
from tests.support.spreadsheets import Rows, write_workbook

SOURCE = "urn:dean5299:reporting"
PREFIX = "vn.gov.binhdinh.dean5299."
AT_9_15 = dt.datetime(2023, 7, 2, 9, 15)  # noqa: DTZ001 - a spreadsheet's cell has no offset
ACCOUNTS = ["TT", "Mã tài khoản", "Đơn vị", "Đối tượng", "Ngày mở"]


def planned(file: Path, mapping: Mapping | None = None, key: str = "key") -> Plan:
    catalogue = load_catalogue(Path("deploy/catalogue"))
    return understand(read_here(file), mapping or Mapping(), catalogue, SOURCE, key)


def plan_of(tmp_path: Path, rows: Rows, name: str = "Sheet1", mapping: SheetMapping | None = None) -> Plan:
    file = write_workbook(tmp_path / "book.xlsx", {name: rows})
    return planned(file, Mapping(sheets={name: mapping}) if mapping else None)


def summary(events: list[Event]) -> list[tuple[str, str, str, object]]:
    return [(str(e["type"]).removeprefix(PREFIX), e["subject"], e["time"][:10], e.get("data")) for e in events]
