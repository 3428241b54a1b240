"""The sentences of the notice in both languages; a placeholder is a number of the statement or a word.

`KIND` is used where the units are named, `KIND_many` where they are only counted, `KIND_unit` for each unit.
"""

from typing import Final

from shared.domain.formatting import Lang

_VI: Final = {
    "target": "Chỉ tiêu {target} “{name}”: ",
    "total_count": "đã thực hiện {achieved}/{goal} {noun}, đạt {attainment} chỉ tiêu.",
    "total_plain": "đã thực hiện {achieved} {noun}; chưa giao chỉ tiêu.",
    "total_ratio": "hiện có {numerator}/{denominator} {noun}, đạt tỷ lệ {rate} (chỉ tiêu {goal}).",
    "total_ratio_plain": ("hiện có {numerator}/{denominator} {noun}, đạt tỷ lệ {rate}; chưa giao chỉ tiêu chung."),
    "total_none": "chưa phát sinh {noun} nào.",
    "over_goal": "{count} đơn vị vượt 100 % chỉ tiêu{share_clause}: {units}.",
    "over_goal_many": "{count}/{of} đơn vị vượt 100 % chỉ tiêu{share_clause}.",
    "share_clause": " (các đơn vị này chiếm {share} tổng chỉ tiêu)",
    "at_goal": "{count} đơn vị đạt 100 % chỉ tiêu: {units}.",
    "at_goal_many": "{count}/{of} đơn vị đạt 100 % chỉ tiêu.",
    "no_change": "{count} đơn vị không có thay đổi so với ngày {previous}: {units}.",
    "no_change_many": "{count}/{of} đơn vị không có thay đổi so với ngày {previous}.",
    "grew": "Các đơn vị có chuyển biến tích cực so với ngày {previous}: {units}.",
    "grew_unit": "{unit} (tăng {number})",
    "grew_many": "{count}/{of} đơn vị có kết quả tăng trên {strong} so với ngày {previous}.",
    "from_zero": "{count} đơn vị mới phát sinh kết quả trong tháng: {units}.",
    "from_zero_many": "{count}/{of} đơn vị mới phát sinh kết quả trong tháng.",
    "little_change": "{count} đơn vị chưa có nhiều thay đổi so với ngày {previous}: {units}.",
    "little_change_unit": "{unit} (tăng {number})",
    "little_change_many": "{count}/{of} đơn vị chưa có nhiều thay đổi so với ngày {previous}.",
    "slower": "{count}/{of} đơn vị có mức tăng thấp hơn mức tăng của tháng trước: {units}.",
    "slower_many": "{count}/{of} đơn vị có mức tăng thấp hơn mức tăng của tháng trước.",
    "above_common": (
        "{count} đơn vị có tỷ lệ cao hơn mặt bằng chung ({common}) từ {margin} điểm phần trăm trở lên: {units}."
    ),
    "above_common_unit": "{unit} (đạt {number})",
    "above_common_many": (
        "{count}/{of} đơn vị có tỷ lệ cao hơn mặt bằng chung ({common}) từ {margin} điểm phần trăm trở lên."
    ),
    "rate_diluted": (
        "So với ngày {previous}, tỷ lệ giảm từ {previous_rate} xuống {rate} do phát sinh nhiều {noun} mới "
        "(thêm {denominator_increase}, kéo tỷ lệ giảm {from_denominator} điểm phần trăm), trong khi số "
        "{noun} đạt yêu cầu chỉ tăng thêm {numerator_increase}."
    ),
    "rate_fewer": (
        "So với ngày {previous}, tỷ lệ giảm từ {previous_rate} xuống {rate} do số {noun} đạt yêu cầu giảm "
        "{numerator_increase}."
    ),
    "rate_outpaced": (
        "So với ngày {previous}, tỷ lệ tăng từ {previous_rate} lên {rate} do số {noun} đạt yêu cầu tăng "
        "thêm {numerator_increase}, với tốc độ cao hơn tổng số (thêm {denominator_increase})."
    ),
    "rate_shrunk": (
        "So với ngày {previous}, tỷ lệ tăng từ {previous_rate} lên {rate} do tổng số {noun} giảm "
        "{denominator_increase}."
    ),
    "rate_same": "Tỷ lệ không thay đổi so với ngày {previous} ({previous_rate}).",
    "attention_low": "Các chỉ tiêu toàn tỉnh mới đạt dưới {far}: {units}.",
    "attention_low_unit": "chỉ tiêu {targets} ({number})",
    "attention_diluted": (
        "Các tỷ lệ giảm do tổng số tăng nhanh hơn số đạt yêu cầu, cần tập trung hướng dẫn để số mới phát "
        "sinh đạt yêu cầu: {units}."
    ),
    "attention_diluted_unit": "chỉ tiêu {targets}",
    "attention_stalled": (
        "Các đơn vị chưa đạt chỉ tiêu nhưng trong tháng không tăng hoặc tăng dưới {little}: {units}."
    ),
    "attention_stalled_unit": "{unit} (chỉ tiêu {targets})",
    "attention_none": "Số liệu tháng này không có chỉ tiêu hoặc đơn vị nào cần lưu ý riêng.",
    "changed": "Chỉ tiêu {target}, {unit}, {field}: {old} → {new}.",
    "achieved": "kết quả",
    "goal": "chỉ tiêu giao",
    "numerator": "số đạt yêu cầu",
    "denominator": "tổng số",
    "nothing": "chưa có",
    "province": "toàn tỉnh",
}

_EN: Final = {
    "target": "Target {target} “{name}”: ",
    "total_count": "{achieved}/{goal} {noun} so far, {attainment} of the goal.",
    "total_plain": "{achieved} {noun} so far; no goal is set.",
    "total_ratio": "{numerator}/{denominator} {noun} so far, a rate of {rate} (goal {goal}).",
    "total_ratio_plain": "{numerator}/{denominator} {noun} so far, a rate of {rate}; no common goal is set.",
    "total_none": "no {noun} so far.",
    "over_goal": "{count} {unit_word} over 100 % of the goal{share_clause}: {units}.",
    "over_goal_many": "{count} of {of} units are over 100 % of their goal{share_clause}.",
    "share_clause": " (these units hold {share} of the province's goal)",
    "at_goal": "{count} {unit_word} at 100 % of the goal: {units}.",
    "at_goal_many": "{count} of {of} units are at 100 % of their goal.",
    "no_change": "{count} {unit_word} without any change since {previous}: {units}.",
    "no_change_many": "{count} of {of} units show no change since {previous}.",
    "grew": "Positive changes since {previous}: {units}.",
    "grew_unit": "{unit} (up {number})",
    "grew_many": "{count} of {of} units are up by more than {strong} since {previous}.",
    "from_zero": "{count} {unit_word} with first results this month: {units}.",
    "from_zero_many": "{count} of {of} units have first results this month.",
    "little_change": "{count} {unit_word} with little change since {previous}: {units}.",
    "little_change_unit": "{unit} (up {number})",
    "little_change_many": "{count} of {of} units show little change since {previous}.",
    "slower": "{count} of {of} units with a lower increase than in the month before: {units}.",
    "slower_many": "{count} of {of} units have a lower increase than in the month before.",
    "above_common": (
        "{count} {unit_word} at least {margin} percentage points above the common level of {common}: {units}."
    ),
    "above_common_unit": "{unit} ({number})",
    "above_common_many": (
        "{count} of {of} units are at least {margin} percentage points above the common level of {common}."
    ),
    "rate_diluted": (
        "Since {previous} the rate fell from {previous_rate} to {rate} because {denominator_increase} new "
        "{noun} diluted it (by {from_denominator} percentage points) while the {noun} that count grew by "
        "only {numerator_increase}."
    ),
    "rate_fewer": (
        "Since {previous} the rate fell from {previous_rate} to {rate} because the {noun} that count "
        "became fewer by {numerator_increase}."
    ),
    "rate_outpaced": (
        "Since {previous} the rate rose from {previous_rate} to {rate} because the {noun} that count grew "
        "by {numerator_increase}, relatively faster than all {noun} (up {denominator_increase})."
    ),
    "rate_shrunk": (
        "Since {previous} the rate rose from {previous_rate} to {rate} because all {noun} became fewer by "
        "{denominator_increase}."
    ),
    "rate_same": "The rate has not changed since {previous} ({previous_rate}).",
    "attention_low": "Targets of which the province has achieved less than {far}: {units}.",
    "attention_low_unit": "target {targets} ({number})",
    "attention_diluted": (
        "Rates that fell because the total grew faster than what counts, so that new cases need guidance: {units}."
    ),
    "attention_diluted_unit": "target {targets}",
    "attention_stalled": ("Units below their goal that grew by less than {little} this month or not at all: {units}."),
    "attention_stalled_unit": "{unit} ({target_word} {targets})",
    "attention_none": "This month's figures call for no particular attention to any target or unit.",
    "changed": "Target {target}, {unit}, {field}: {old} → {new}.",
    "achieved": "achieved",
    "goal": "goal",
    "numerator": "those that count",
    "denominator": "all",
    "nothing": "none",
    "province": "the province",
}

PHRASES: Final[dict[Lang, dict[str, str]]] = {"vi": _VI, "en": _EN}
