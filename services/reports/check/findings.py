"""What the check has found, as data and in words."""

from dataclasses import dataclass
from typing import Final, Literal

from shared.domain.formatting import Lang

Severity = Literal["wrong", "doubtful"]
Code = Literal[
    "percent",
    "part_over_whole",
    "units_over_total",
    "units_all",
    "units_none",
    "units_goals",
    "units_doubtful",
    "share_impossible",
    "units_miscounted",
    "sum_achieved",
    "sum_goal",
    "figure",
    "cell",
]

SEVERITY: Final[dict[Lang, dict[Severity, str]]] = {
    "vi": {"wrong": "SAI", "doubtful": "NGHI VẤN"},
    "en": {"wrong": "WRONG", "doubtful": "DOUBTFUL"},
}

_WORDS: Final[dict[Lang, dict[Code, str]]] = {
    "vi": {
        "percent": "in {printed}, đúng ra là {expected} ({detail})",
        "part_over_whole": "{printed}: số thành phần lớn hơn tổng số, nhiều nhất là {expected}",
        "units_over_total": "{printed} đơn vị: nhiều hơn tổng số đơn vị, nhiều nhất là {expected}",
        "units_all": "{printed} đơn vị vượt 100 % thì toàn tỉnh phải vượt 100 %, không thể đạt {detail}",
        "units_none": "{printed} đơn vị vượt 100 % thì toàn tỉnh không thể đạt {detail}",
        "units_goals": (
            "{printed} đơn vị vượt 100 % không thể đúng: riêng các chỉ tiêu nhỏ nhất đã là {expected}, "
            "toàn tỉnh mới đạt {detail}"
        ),
        "units_doubtful": (
            "{printed} đơn vị vượt 100 % trong khi toàn tỉnh chỉ đạt {detail}: chỉ đúng nếu các đơn vị này "
            "chiếm chưa đến {detail} tổng chỉ tiêu, cần kiểm tra lại"
        ),
        "share_impossible": (
            "các đơn vị vượt 100 % chiếm {printed} tổng chỉ tiêu thì toàn tỉnh phải đạt hơn {printed}, "
            "không phải {detail}"
        ),
        "units_miscounted": "in {printed} đơn vị vượt 100 %, theo số liệu từng đơn vị là {expected}",
        "sum_achieved": "kết quả toàn tỉnh in {printed}, cộng các đơn vị là {expected}",
        "sum_goal": "chỉ tiêu toàn tỉnh in {printed}, cộng các đơn vị là {expected}",
        "figure": "in {printed}, theo ô số liệu {detail} là {expected}",
        "cell": "{printed} dẫn đến ô số liệu không có trong bản chốt: {detail}",
    },
    "en": {
        "percent": "printed {printed}, should be {expected} ({detail})",
        "part_over_whole": "{printed}: the part is larger than its whole, it can be {expected} at most",
        "units_over_total": "{printed} units: more than there are, it can be {expected} at most",
        "units_all": "{printed} units over 100 % put the total over 100 %, it cannot be {detail}",
        "units_none": "with {printed} units over 100 % the total cannot be {detail}",
        "units_goals": (
            "{printed} units over 100 % cannot be: even the smallest goals add up to {expected}, and the "
            "province achieved {detail}"
        ),
        "units_doubtful": (
            "{printed} units over 100 % with {detail} in total: true only if these units hold less than "
            "{detail} of the goal, please verify"
        ),
        "share_impossible": (
            "units over 100 % that hold {printed} of the goal make the total more than {printed}, not {detail}"
        ),
        "units_miscounted": "printed {printed} units over 100 %, by the units' own figures it is {expected}",
        "sum_achieved": "the province's result is printed as {printed}, the units add up to {expected}",
        "sum_goal": "the province's goal is printed as {printed}, the units add up to {expected}",
        "figure": "printed {printed}, by its snapshot cell {detail} it is {expected}",
        "cell": "{printed} refers to a cell the snapshot does not have: {detail}",
    },
}


@dataclass(frozen=True)
class Finding:
    """One thing that does not add up: where, what was printed and what it should be, already as text."""

    code: Code
    where: str
    target: int | None
    printed: str
    expected: str = ""
    detail: str = ""

    @property
    def severity(self) -> Severity:
        """Doubtful where the figures could be true but need an answer; wrong otherwise."""
        return "doubtful" if self.code == "units_doubtful" else "wrong"

    def describe(self, lang: Lang) -> str:
        """One line for the report."""
        target = {"vi": "chỉ tiêu", "en": "target"}[lang]
        where = self.where if lang == "en" else self.where.replace("line", "dòng").replace("figure", "số liệu")
        place = where if self.target is None else f"{where}, {target} {self.target}"
        words = _WORDS[lang][self.code].format(printed=self.printed, expected=self.expected, detail=self.detail)
        return f"{SEVERITY[lang][self.severity]}  {place}: {words}"
