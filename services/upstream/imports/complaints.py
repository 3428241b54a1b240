"""What is said of a row that cannot be sent: the problem and its remedy, in Vietnamese and English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Complaint:
    """One thing wrong with one cell; texts are for the person who corrects the sheet."""

    problem_vi: str
    remedy_vi: str
    problem: str
    remedy: str


class ComplaintError(ValueError):
    """Raised by whatever reads a cell."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.problem)
        self.complaint = complaint


def empty() -> Complaint:
    return Complaint("Ô còn trống", "Điền giá trị vào ô", "The cell is empty", "Fill it in")


def not_a_date(typed: str) -> Complaint:
    return Complaint(
        f"Không đọc được ngày “{typed}”",
        "Ghi ngày/tháng/năm, ví dụ 31/07/2023",
        f"“{typed}” is not a date",
        "Write day/month/year, for example 31/07/2023",
    )


def inexact_number(shown: str) -> Complaint:
    return Complaint(
        f"Excel đã làm tròn số {shown}",
        "Định dạng cột là Văn bản (Text) rồi nhập lại số",
        f"Excel has rounded the number {shown}",
        "Format the column as Text and type the number again",
    )


def unknown_unit(typed: str, nearest: str | None) -> Complaint:
    return Complaint(
        f"Không có đơn vị “{typed}”",
        f"Có phải là “{nearest}”?" if nearest else "Ghi tên đơn vị như trong danh mục",
        f"There is no unit “{typed}”",
        f"Is it “{nearest}”?" if nearest else "Write the unit's name as in the catalogue",
    )


def unknown_value(typed: str, choices: list[str]) -> Complaint:
    listed = ", ".join(f"“{choice}”" for choice in choices)
    return Complaint(
        f"Không hiểu giá trị “{typed}”",
        f"Chọn một trong: {listed}",
        f"“{typed}” is not understood",
        f"Write one of: {listed}",
    )


def contradiction(row: int) -> Complaint:
    return Complaint(
        f"Mâu thuẫn với dòng {row}: cùng đối tượng, cùng thời điểm nhưng nội dung khác",
        "Chỉ giữ lại dòng đúng",
        f"Contradicts row {row}, which says something else of the same thing at the same time",
        "Keep only the row that is right",
    )


def rejection(code: str, detail: str) -> Complaint:
    return Complaint(
        f"Hệ thống không nhận ({code})",
        f"Sửa theo chỉ dẫn: {detail}",
        f"Not taken ({code})",
        detail,
    )
