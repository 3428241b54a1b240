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
    """What ingest says of an event, with its own words in English."""
    problem_vi, remedy_vi = _REJECTIONS_VI.get(code, (f"Hệ thống không nhận ({code})", f"Sửa theo chỉ dẫn: {detail}"))
    return Complaint(problem_vi, remedy_vi, f"Not taken ({code})", detail)


_ASK_THE_OFFICE_VI = "Liên hệ Văn phòng để được cấp quyền"
_REJECTIONS_VI = {
    "time_in_future": ("Ngày ở tương lai", "Kiểm tra lại ngày, tháng, năm"),
    "time_before_project": ("Ngày trước khi Đề án bắt đầu", "Kiểm tra lại ngày, tháng, năm"),
    "forbidden_unit": ("Khóa truy cập không được gửi số liệu của đơn vị này", _ASK_THE_OFFICE_VI),
    "forbidden_type": ("Khóa truy cập không được gửi loại dữ liệu này", _ASK_THE_OFFICE_VI),
    "forbidden_source": ("Khóa truy cập không được gửi số liệu của nguồn này", _ASK_THE_OFFICE_VI),
}
