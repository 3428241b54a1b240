import datetime as dt
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli.daily_rows import read_rows
from services.cli.main import main
from services.notifier.detection.series import Row
from shared.domain.calendar import days, load_calendar
from shared.domain.catalogue import load_catalogue
from shared.domain.csv_rows import CsvError

CALENDAR = load_calendar(Path("deploy/calendar/holidays.toml"))
TARGETS = load_catalogue(Path("deploy/catalogue")).target_by_number
HEADER = "date,unit,target,count,denominator"
UNITS = [f"u{number}" for number in range(8)]


def csv_text() -> str:
    """Eight units; from 10 July u3 falls to a third on target 2."""
    rng = random.Random(3)
    lines = [HEADER]
    for day in days(dt.date(2023, 2, 1), dt.date(2023, 7, 31)):
        if not CALENDAR.is_working_day(day):
            continue
        for unit in UNITS:
            low = unit == "u3" and day >= dt.date(2023, 7, 10)
            lines.append(f"{day},{unit},2,{rng.randint(0, 2) if low else rng.randint(2, 4)},")
            lines.append(f"{day},{unit},4,{rng.randint(2, 4)},12")
    return "\n".join(lines) + "\n"


def backtest(tmp_path: Path, text: str, *arguments: str, encoding: str = "utf-8") -> Result:
    file = tmp_path / "history.csv"
    file.write_text(text, encoding=encoding)
    span = ("--from", "2023-06-01", "--to", "2023-07-31")
    return CliRunner().invoke(main, ["backtest", "--history", str(file), *span, *arguments])


def test_one_json_object_per_alert_and_nothing_else(tmp_path: Path) -> None:
    result = backtest(tmp_path, csv_text(), "--json")
    assert result.exit_code == 0
    [alert] = [json.loads(line) for line in result.stdout.splitlines()]
    assert (alert["unit"], alert["target"], alert["kind"]) == ("u3", 2, "lag")
    assert "2023-07-12" < alert["date"] < "2023-07-31"
    assert alert["evidence"]["window_to"] < alert["date"]
    assert alert["gate"]["ratio"] <= 0.75
    assert "u3, chỉ tiêu 2" in alert["sentence_vi"]


def test_a_table_for_people(tmp_path: Path) -> None:
    result = backtest(tmp_path, csv_text(), encoding="utf-8-sig")
    assert result.exit_code == 0
    assert "1 alerts" in result.stdout
    assert "u3" in result.stdout


def test_runs_stop_when_the_history_does(tmp_path: Path) -> None:
    text = "\n".join(line for line in csv_text().splitlines() if line < "2023-07-01" or line == HEADER)
    result = backtest(tmp_path, text, "--json")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "ends on 2023-06-30" in result.stderr


def test_days_the_wrong_way_round(tmp_path: Path) -> None:
    result = backtest(tmp_path, csv_text(), "--to", "2023-05-01")
    assert result.exit_code == 2
    assert "swap them" in result.stderr


def test_a_year_the_calendar_lacks(tmp_path: Path) -> None:
    result = backtest(tmp_path, f"{HEADER}\n2019-05-02,u1,2,3,\n")
    assert result.exit_code == 1
    assert "add [2019] to the holidays file" in result.stderr


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    result = backtest(tmp_path, f"{HEADER}\n2023-05-02,Phù Mỹ,2,3,\n", encoding="utf-16")
    assert result.exit_code == 1
    assert "UTF-8" in result.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("day,unit,target,count\n", "line 1: no column 'date'"),
        ("", "line 1: no column"),
        (f"{HEADER}\n", "line 2: no figures"),
        (f"{HEADER}\n01/07/2023,u,2,3,\n", "line 2, column date: '01/07/2023' is no date; write 2023-07-01"),
        (f"{HEADER}\n2023-07-01,u,2,3,\n2023-07-02,u,2,3.5,\n", "line 3, column count: '3.5'"),
        (f"{HEADER}\n2023-07-01,u,2\n", "line 2, column count: None"),
        (f"{HEADER}\n2023-07-01, ,2,3,\n", "line 2, column unit: empty"),
        (f"{HEADER}\n2023-07-01,u,12,3,\n", "line 2, column target: 12 is not in the catalogue"),
        (f"{HEADER}\n2023-07-01,u,4,3,\n", "line 2, column denominator: empty"),
        (f"{HEADER}\n2023-07-01,u,4,3,x\n", "line 2, column denominator: 'x'"),
        (f"{HEADER}\n2023-07-01,u,2,3,\n2023-07-01,u,2,4,\n", "line 3: 2023-07-01, u, target 2 is already"),
        (f'{HEADER}\n2023-07-01,"u,2,3,\n', "after line 1: unexpected end of data"),
    ],
)
def test_bad_figures_are_named(text: str, message: str) -> None:
    with pytest.raises(CsvError, match="^" + message.replace("[", r"\[")):
        read_rows(text.splitlines(), TARGETS)


def test_bad_figures_reach_the_user_without_a_traceback(tmp_path: Path) -> None:
    result = backtest(tmp_path, f"{HEADER}\n2023-07-01,u,two,3,\n")
    assert result.exit_code == 1
    assert "line 2, column target: 'two' is no whole number" in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_the_denominator_of_target_3_is_the_openings_of_1_and_2() -> None:
    text = "date,unit,target,count\n2023-07-01,u,1,5\n2023-07-01,u,2,7\n2023-07-01,u,3,4\n"
    rows = read_rows(text.splitlines(), TARGETS)
    assert sum(row.denominator for row in rows if row.target == 3) == 12
    assert Row(dt.date(2023, 7, 1), "u", 3, 4, 0) in rows


def late_text() -> str:
    """The same without the fall; what u3 does comes ten days late in full."""
    lines = ["date,unit,target,count,denominator,received"]
    rng = random.Random(3)
    for day in days(dt.date(2023, 2, 1), dt.date(2023, 7, 31)):
        if not CALENDAR.is_working_day(day):
            continue
        for unit in UNITS:
            came = day + dt.timedelta(days=10) if unit == "u3" else day
            lines.append(f"{day},{unit},2,{rng.randint(2, 4)},,{came}")
    return "\n".join(lines) + "\n"


def test_as_known_a_unit_that_always_reports_late_does_not_lag(tmp_path: Path) -> None:
    result = backtest(tmp_path, late_text(), "--as-known", "--json")
    assert (result.exit_code, result.stdout) == (0, "")


def test_as_known_a_unit_that_stops_lags_when_its_figures_do_not_come(tmp_path: Path) -> None:
    lines = [line for line in late_text().splitlines() if ",u3," not in line or line < "2023-06-20"]
    result = backtest(tmp_path, "\n".join(lines) + "\n", "--as-known", "--json")
    [alert] = [json.loads(line) for line in result.stdout.splitlines()]
    assert (alert["unit"], alert["kind"]) == ("u3", "lag")
    assert 0.4 < alert["gate"]["arrived"] < 0.9
    assert "theo cách đơn vị báo số liệu, đến nay mới nhận khoảng" in alert["sentence_vi"]


@pytest.mark.parametrize(
    ("received", "words"),
    [
        ("", "column received: '' is no date; write it like 2023-07-01"),
        ("2022-01-01", "2022-01-01 is before 2023-02-01"),
    ],
)
def test_as_known_needs_the_day_each_row_was_received(received: str, words: str, tmp_path: Path) -> None:
    text = f"date,unit,target,count,denominator,received\n2023-02-01,u1,2,3,,{received}\n"
    result = backtest(tmp_path, text, "--as-known")
    assert result.exit_code == 1
    assert words in result.stderr
