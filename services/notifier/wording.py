"""The words of digests and overviews in both languages; what is in braces is filled in."""

from typing import Final

from shared.numbers import Lang

_VI: Final = {
    "project": "Đề án 5299",
    "subject_digest": "[Đề án 5299] {unit}: {counts} ({day})",
    "subject_overview": "[Đề án 5299] Tổng hợp cảnh báo toàn tỉnh: {counts} ({day})",
    "lag_count": "{n} chậm lại",
    "surge_count": "{n} tăng nhanh",
    "resolved_count": "{n} trở lại bình thường",
    "notice_count": "{n} biến động chung",
    "heading_digest": "Tình hình thực hiện chỉ tiêu",
    "heading_overview": "Tổng hợp cảnh báo toàn tỉnh",
    "as_of": "Số liệu tính đến 0 giờ ngày {day} (giờ Việt Nam).",
    "raised": "Mới ghi nhận",
    "standing": "Đang tiếp diễn",
    "resolved": "Đã trở lại bình thường",
    "notes": "Cần lưu ý thêm",
    "province": "Biến động chung toàn tỉnh",
    "lag": "Chậm lại",
    "surge": "Tăng nhanh",
    "target": "Chỉ tiêu {number}",
    "this_period": "Kỳ này ({span})",
    "pace": "Mức tương ứng theo nhịp kỳ trước ({span})",
    "change": "So với nhịp kỳ trước",
    "less": "giảm {change}",
    "more": "tăng {change}",
    "same": "không đổi",
    "window": "{days} ngày gần nhất ({span})",
    "base": "{days} ngày trước đó, làm gốc so sánh ({span})",
    "expected": "{observed} (dự kiến {expected})",
    "chance": "Khả năng chỉ do ngẫu nhiên",
    "under": "dưới {chance}",
    "so_far": "Lũy kế đến ngày {day}",
    "so_far_count": "{achieved}/{goal} {noun}, đạt {attainment} chỉ tiêu",
    "so_far_count_plain": "{achieved} {noun}, chưa giao chỉ tiêu",
    "so_far_ratio": "{numerator}/{denominator} {noun}, đạt tỷ lệ {rate} (chỉ tiêu {goal})",
    "so_far_ratio_plain": "{numerator}/{denominator} {noun}, đạt tỷ lệ {rate}",
    "projected": "Dự kiến khi hết hạn",
    "projected_value": "{attainment} chỉ tiêu, nếu giữ nhịp hiện nay",
    "raised_on": "Ghi nhận ngày {day}; số liệu trong câu là của ngày đó.",
    "cleared": "Ghi nhận ngày {raised}, trở lại nhịp bình thường từ ngày {cleared}.",
    "diluted": (
        "Số {noun} đạt yêu cầu tăng, tỷ lệ lại giảm: do phát sinh nhiều {noun} mới. Không coi là chậm lại."
    ),
    "open_unit": "Xem trang của đơn vị",
    "open_board": "Xem bảng theo dõi toàn tỉnh",
    "quiet": "Không có cảnh báo",
    "silent": "Chưa gửi số liệu",
    "unit": "Đơn vị",
    "method": (
        "Cách tính: so số thực hiện với nhịp của kỳ trước, quy đổi theo ngày làm việc; chỉ nêu khi mức "
        "chênh lệch vượt dao động thường thấy của chính đơn vị."
    ),
    "automatic": "Thư tự động, mỗi ngày làm việc nhiều nhất một thư. Vui lòng không trả lời thư này.",
}

_EN: Final = {
    "project": "Project 5299",
    "subject_digest": "[Project 5299] {unit}: {counts} ({day})",
    "subject_overview": "[Project 5299] Overview of all units: {counts} ({day})",
    "lag_count": "{n} falling behind",
    "surge_count": "{n} pulling ahead",
    "resolved_count": "{n} back to normal",
    "notice_count": "{n} province-wide",
    "heading_digest": "How your targets are doing",
    "heading_overview": "Overview of all units",
    "as_of": "Figures as of 00:00 on {day} (Vietnam time).",
    "raised": "New",
    "standing": "Still standing",
    "resolved": "Back to normal",
    "notes": "Worth knowing",
    "province": "Across the whole province",
    "lag": "Falling behind",
    "surge": "Pulling ahead",
    "target": "Target {number}",
    "this_period": "This period ({span})",
    "pace": "At the previous period's pace ({span})",
    "change": "Against the previous pace",
    "less": "down {change}",
    "more": "up {change}",
    "same": "no change",
    "window": "Last {days} days ({span})",
    "base": "The {days} days before, as the base ({span})",
    "expected": "{observed} ({expected} expected)",
    "chance": "Chance of mere luck",
    "under": "under {chance}",
    "so_far": "So far, as of {day}",
    "so_far_count": "{achieved} of {goal} {noun}, {attainment} of the goal",
    "so_far_count_plain": "{achieved} {noun}, no goal set",
    "so_far_ratio": "{numerator} of {denominator} {noun}, a rate of {rate} (goal {goal})",
    "so_far_ratio_plain": "{numerator} of {denominator} {noun}, a rate of {rate}",
    "projected": "Expected at the deadline",
    "projected_value": "{attainment} of the goal at the present pace",
    "raised_on": "Raised on {day}; the sentence has the figures of that day.",
    "cleared": "Raised on {raised}, back at its usual pace since {cleared}.",
    "diluted": (
        "More {noun} qualify than before, yet the rate went down: new {noun} diluted it. "
        "This is not taken as falling behind."
    ),
    "open_unit": "Open your unit's page",
    "open_board": "Open the province's board",
    "quiet": "No flags",
    "silent": "Nothing sent yet",
    "unit": "Unit",
    "method": (
        "How it is worked out: what was done is compared with the previous period's pace over the same working "
        "days; it is only told when the difference goes beyond the unit's own usual ups and downs."
    ),
    "automatic": "Sent automatically, at most once per working day. Please do not reply.",
}

WORDS: Final[dict[Lang, dict[str, str]]] = {"vi": _VI, "en": _EN}


def say(lang: Lang, word: str, **values: object) -> str:
    """The words called `word` in `lang`, with `values` filled in."""
    return WORDS[lang][word].format(**values)
