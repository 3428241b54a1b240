"""What a file said is taken back by ends of the same instants; what nothing ends is told."""

from pathlib import Path

from services.sender.imports.undo import REASON, undo
from tests.support.import_plans import PREFIX, plan_of
from tests.support.notice434 import catalogue

ACCOUNT = ["TK1", "Phù Mỹ", "Đoàn viên", "01/07/2023"]


def test_an_opening_is_closed_at_its_own_instant(tmp_path: Path) -> None:
    events = plan_of(tmp_path, [["Mã tài khoản", "Đơn vị", "Đối tượng", "Ngày mở"], ACCOUNT]).events
    taken = undo(events, catalogue(), "key")
    [end] = taken.events
    assert (end["type"], end["subject"], end["time"]) == (f"{PREFIX}account.closed", "TK1", events[0]["time"])
    assert end["data"] == {"reason": REASON}
    assert (taken.places, taken.impossible) == ([0], {})
    assert undo(events, catalogue(), "key") == taken
    assert undo(events, catalogue(), "another key").events[0]["id"] != end["id"]


def test_an_article_is_withdrawn_for_its_own_unit(tmp_path: Path) -> None:
    rows = [["Đường dẫn", "Đơn vị", "Ngày đăng"], ["https://b.example.vn/1", "Tây Sơn", "02/07/2023"]]
    [end] = undo(plan_of(tmp_path, rows).events, catalogue(), "key").events
    assert (end["type"], end["data"]) == (f"{PREFIX}article.withdrawn", {"unit": "tay-son"})


def test_what_nothing_ends_is_counted(tmp_path: Path) -> None:
    rows = [["Mã tài khoản", "Ngày giao dịch"], ["TK1", "02/07/2023"], ["TK2", "02/07/2023"]]
    taken = undo(plan_of(tmp_path, rows).events, catalogue(), "key")
    assert (taken.events, taken.impossible) == ([], {"account.transacted": 2})
