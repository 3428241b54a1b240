"""What a person sees before sending is what is sent."""

from pathlib import Path

from services.sender.imports.summary import summarised
from services.sender.sent_before import SentBefore
from tests.support.import_plans import plan_of

HEADER = ["Mã tài khoản", "Đơn vị", "Đối tượng", "Ngày mở"]


def test_rows_by_value_month_and_novelty(tmp_path: Path) -> None:
    rows = [
        ["TK1", "Phù Mỹ", "Đoàn viên", "01/06/2023"],
        ["TK2", "Phù Mỹ", "Người dân", "30/06/2023"],
        ["TK3", "Tây Sơn", "Đoàn viên", "02/07/2023"],
    ]
    events = plan_of(tmp_path, [HEADER, *rows]).events
    known = SentBefore(tmp_path, "a store", "key")
    known.add(events[:1])
    changed = plan_of(tmp_path, [HEADER, rows[0], ["TK1", "Tây Sơn", "Đoàn viên", "03/06/2023"], *rows[1:]]).events
    assert list(summarised(changed, SentBefore(tmp_path, "a store", "key"), "en")) == [
        "3 different ids in 4 rows",
        "from 01/06/2023 to 02/07/2023 (day/month/year)",
        "by month: 06/2023 3, 07/2023 1",
        "by unit: phu-my 2, tay-son 2",
        "by holder: member 3, resident 1",
        "new: 2; of ids sent before, saying something else: 1; sent before from here: 1",
    ]
    assert "theo đối tượng: Đoàn viên 3, Người dân 1" in list(summarised(changed, known, "vi"))
    assert list(summarised([], known, "vi")) == []


def test_the_record_is_of_one_store_and_key_and_holds_no_id(tmp_path: Path) -> None:
    events = plan_of(tmp_path, [HEADER, ["052099000001", "Phù Mỹ", "Đoàn viên", "01/06/2023"]]).events
    SentBefore(tmp_path, "a store", "key").add(events)
    assert SentBefore(tmp_path, "a store", "key").has_event(events[0])
    assert not SentBefore(tmp_path, "another store", "key").has_event(events[0])
    assert not SentBefore(tmp_path, "a store", "another key").has_event(events[0])
    [record] = tmp_path.glob("sent-*.bin")
    assert len(record.read_bytes()) == 16
    SentBefore(tmp_path, "a store", "key").forget(events)
    assert record.read_bytes() == b""
