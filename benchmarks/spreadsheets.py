"""Rows of a spreadsheet understood in one process, as `pulse5299 import` does before anything is sent."""

import tempfile
import time
from pathlib import Path

from services.sender.imports.mapping import Mapping
from services.sender.imports.plan import understand
from services.sender.imports.reading import read_sheets
from services.sender.synthetic_events import SOURCE
from shared.domain.catalogue import load_catalogue
from shared.runtime.settings import ROOT

HEADER = "TT,Mã tài khoản,Đơn vị,Đối tượng,Ngày mở"


def spreadsheet(rows: int) -> float:
    """Rows per second of a CSV file of `rows` accounts: read, checked, and made into events."""
    catalogue = load_catalogue(ROOT / "deploy" / "catalogue")
    with tempfile.TemporaryDirectory(prefix="pulse-bench-") as name:
        file = Path(name) / "accounts.csv"
        lines = (f"{number},TK{number:06},An Lão,Đoàn viên,{1 + number % 28}/5/2023" for number in range(rows))
        file.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
        began = time.monotonic()
        plan = understand(read_sheets(file), Mapping(), catalogue, SOURCE, "key")
        events = len(plan.events)
        seconds = time.monotonic() - began
    if events != rows:
        raise AssertionError(f"{events} events were made of {rows} rows")
    return rows / seconds
