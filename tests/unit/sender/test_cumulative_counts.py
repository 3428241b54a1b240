"""A folder of figures is read whole or refused with the file, the line and the remedy."""

from pathlib import Path

import pytest

from services.sender.cumulative_counts import CountsError, read_cumulative_counts

HEADER = "measure,unit,as_of_2023_05_01,as_of_2023_06_01"


def folder(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    (tmp_path / "units.csv").write_text("unit,name_vi\nan-lao,An Lão\nhoai-an,Hoài Ân\n", encoding="utf-8")
    (tmp_path / "cumulative.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return tmp_path


def test_increases_are_differences_and_what_is_not_given_is_zero(tmp_path: Path) -> None:
    cumulative = read_cumulative_counts(folder(tmp_path, "articles,an-lao,3,10"))
    assert cumulative.increases("articles", "an-lao") == (3, 7)
    assert cumulative.increases("articles", "hoai-an") == (0, 0)


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (["article,an-lao,1,2"], "line 2: unknown measure 'article'"),
        (["articles,an-lo,1,2"], "line 2: unit 'an-lo' is not in units.csv"),
        (["articles,an-lao,1,2", "articles,an-lao,1,2"], "line 3: articles of an-lao is given twice"),
        (["articles,an-lao,2,1"], "line 2: cumulative counts never fall"),
        (["articles,an-lao,1.000,2.000"], "line 2: counts are whole numbers"),
        (["articles,an-lao,-1,2"], "line 2: counts are whole numbers"),
        (["articles,an-lao,1"], "line 2: needs as many fields as the header"),
        (["articles,an-lao,1,2,3"], "line 2: needs as many fields as the header"),
        (["transacted_accounts,an-lao,0,1"], "an-lao has more transacted_accounts than accounts"),
        (["member_dossiers,an-lao,5,6", "member_dossiers_online,an-lao,1,4"], "more member_dossiers_online"),
        ([], "needs rows"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, rows: list[str], complaint: str) -> None:
    with pytest.raises(CountsError, match=complaint):
        read_cumulative_counts(folder(tmp_path, *rows))


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("measure,as_of_2023_05_01", "line 1: no column 'unit'"),
        ("measure,unit,as_of_2023_13_01", "is not as_of_YYYY_MM_DD"),
        ("measure,unit,as_of_2023_06_01,as_of_2023_05_01", "in order of time"),
        ("measure,unit", "columns as_of_YYYY_MM_DD"),
    ],
)
def test_a_bad_header_is_named(tmp_path: Path, header: str, complaint: str) -> None:
    row = ",".join(["articles", "an-lao", "1", "2"][: header.count(",") + 1])
    with pytest.raises(CountsError, match=complaint):
        read_cumulative_counts(folder(tmp_path, row, header=header))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CountsError, match=r"units\.csv is missing"):
        read_cumulative_counts(tmp_path)


def test_another_encoding_is_named(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "units.csv").write_bytes("unit\nHoài Ân\n".encode("utf-16"))
    with pytest.raises(CountsError, match=r"units\.csv is not readable as UTF-8"):
        read_cumulative_counts(tmp_path)
