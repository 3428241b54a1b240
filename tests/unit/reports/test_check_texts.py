"""Sentences of notices: what is true is never called wrong, a slip is found however it is written."""

import pytest

from services.reports.check.facts import ProjectFacts
from services.reports.check.files import Checked, check_file
from services.reports.check.sections import sections
from tests.support.notice434 import catalogue

FACTS = ProjectFacts.of(catalogue())


def checked(text: str) -> Checked:
    return check_file(".txt", text.encode(), FACTS, "en")


def severities(text: str) -> set[str]:
    return {finding.severity for finding in checked(text).findings}


@pytest.mark.parametrize(
    "text",
    [
        "Chỉ tiêu 1: 49.795/48.000 tài khoản, đạt 104%. Kết quả tháng 7/2023 so với tháng 6/2023: Đoàn Khối "
        "(tăng 278%).",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản (tăng 45,7% so với tháng trước), đạt 61,6%.",
        "Chỉ tiêu 5: có 5/9 huyện, thành phố đạt tỷ lệ dưới 3%; đến ngày 23/8, đạt 75,6%.",
        "Chỉ tiêu 5: từ 01/07 đến 30/6, đạt 75,6%.",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, đạt trên 61%.",
        "Chỉ tiêu 1: 49.795/48.000 tài khoản, vượt 3,7% chỉ tiêu.",
        "Chỉ tiêu 1: 49.795/48.000 tài khoản, vượt chỉ tiêu 3,7%.",
        "Target 1: 49,795/48,000 accounts, exceeding the target by 3.7%.",
        "Target 1: 49,795/48,000 accounts, 3.7% over the goal.",
        "Chỉ tiêu 2: 40 676/66 000 tài khoản, đạt 61,6%.",
        "Chỉ tiêu 2: 40\u00a0676/66\u00a0000 tài khoản, đạt 61,6%.",
        "Chỉ tiêu 2: 40\u202f676/66\u202f000 tài khoản, đạt 61,6\u202f%.",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, đạt 61.630%.",
        "Chỉ tiêu 7: 47.256/400.000 hộ, đạt 11,8%. Có 07/20 đơn vị chưa vượt 100% chỉ tiêu; 13/20 đơn vị "
        "tăng trên 100% so với tháng 6.",
        "Chỉ tiêu 5: tháng 8/2021, toàn tỉnh có 45% hồ sơ trực tuyến.",
        "Chỉ tiêu 5: Tính đến 9/2019, tỷ lệ đạt 45%.",
        "Chỉ tiêu 5: Có 9/9 xã đạt chuẩn, tỷ lệ hộ nghèo còn 3,2%.",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, tăng 45,7%, đạt 61,6% kế hoạch.",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, đạt tỷ lệ gần 62%.",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, đạt 61,6%, còn 38,4% chưa thực hiện.",
        "Chỉ tiêu 3: 29.440/90.471 tài khoản có giao dịch, chỉ tiêu 40%, đạt 32,5%.",
        "Chỉ tiêu 3: 29.440/90.471 tài khoản có giao dịch (chỉ tiêu 40%), đạt tỷ lệ 32,5%.",
        "Target 3: 29,440/90,471 accounts, a rate of 32.5 % (goal 40 %).",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, trong đó nữ chiếm 45%.",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản; riêng thị đoàn An Nhơn đạt 57%.",
        "Chỉ tiêu 2: Thực hiện 15/20 đơn vị, đạt 61,6%.",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản. Tăng 45,7% so với tháng 6/2023.",
        "Chỉ tiêu 2: 40.676/66.000 (61,6%), tăng 12.758 tài khoản (45,7%) so với tháng trước.",
        "Chỉ tiêu 2: đạt 61,6% (40.676/66.000), tăng 45,7%.",
        "Chỉ tiêu 4: An Nhơn 61% (122/200), Phù Mỹ 49% (98/200), Tuy Phước (42/100).",
        "Chỉ tiêu 1: theo Công văn số 284/VPUBND ngày 17/5/2023, đã có 49.795/48.000 tài khoản, đạt 104%.",
        "Chỉ tiêu 2: năm học 2022/2023, đạt 85%.",
        "Chỉ tiêu 7: 47.256/400.000 hộ, đạt 11,8% chỉ tiêu, tăng 59,1% so với tháng trước và bằng 115% cùng kỳ.",
        "Chỉ tiêu 1: đạt 104%; Có 02 đơn vị vượt 100%: Huyện đoàn Phù Mỹ, Thị đoàn Hoài Nhơn.",
        "Chỉ tiêu 1: Có 05 đơn vị vượt 100%, trong đó: Huyện đoàn Phù Mỹ, Thị đoàn Hoài Nhơn.",
        "Chỉ tiêu 1: Có 05 đơn vị vượt 100% như: Huyện đoàn Phù Mỹ, Thị đoàn Hoài Nhơn... 49.795/48.000, đạt 104%.",
        "Chỉ tiêu 2: Tính đến 24/7, 40.676/66.000 tài khoản, đạt 61,6%",
        "Target 2: 40,676 of 66,000 accounts, 61.6 percent.",
        "Chỉ tiêu 2: kết quả 6 tháng đầu năm đạt 61,6% (40.676/66.000 tài khoản), cao hơn 16,2 điểm phần trăm",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, cao hơn cùng kỳ 12%, đạt 61,6%",
        "Chỉ tiêu 2: tỷ lệ mở tài khoản đạt 40.676/66.000 (bằng 61,6% kế hoạch năm và tăng 12% so cùng kỳ)",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, so với cùng kỳ tăng 45,7%; so với kế hoạch đạt 61,6%",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, đạt 61,6% so với kế hoạch.",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, bằng 145,7% so với tháng trước.",
        "Chỉ tiêu 2: 3/4 số hộ dân, tăng 5%; 2/3 thành viên (đạt 80%)",
        "Chỉ tiêu 6: 801/2.460 tin, bài, đạt 32,6%. 13/20 đơn vị có kết quả tăng trên 75%",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, bằng 145,7% cùng kỳ.",
    ],
)
def test_a_true_sentence_is_not_doubted(text: str) -> None:
    assert severities(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, đạt 62,6%.",
        "CHỈ TIÊU 2: 40.676/66.000 tài khoản, đạt 62,6%.",
        "Chỉ tiêu 2: 40.676 tài khoản trên tổng số 66.000, đạt 62,6%.",
        "Target 2: 62.6% (40,676/66,000)",
        "Target 2: 40,676 of 66,000 accounts, reaching 62.6 %",
        "Target 2: 40,676 out of 66,000 accounts, reaching 62.6 percent",
        "Target 2: 40,676 accounts out of a total of 66,000, 62.6 percent",
        "Chỉ tiêu 2: 40.676 tài khoản/66.000 tài khoản, đạt 62,6%",
        "Chỉ tiêu 2: 40.676 tài khoản (chỉ tiêu 66.000), đạt 62,6%",
        "Chỉ tiêu 2: 40 676/66 000 tài khoản, đạt 62,6 %",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản (tăng 45,7% so với tháng trước), đạt 62,6%",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, đạt trên 62%.",
        "Chỉ tiêu 1: 49.795/48.000 tài khoản, vượt 4,7% chỉ tiêu.",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản. Đạt 62,6% chỉ tiêu.",
        "Chỉ tiêu 2: đạt 62,6% chỉ tiêu (40.676/66.000 tài khoản)",
        "Chỉ tiêu 2: đã có 40.676/66.000 tài khoản (62,6%)",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản, đạt 62,6 phần trăm",
        "Chỉ tiêu 1: đạt 104%. Có 25 đơn vị vượt 100% chỉ tiêu",
        "Chỉ tiêu 1: Có 05 đơn vị vượt 100%: Huyện đoàn Phù Mỹ, Thị đoàn Hoài Nhơn.",
        "Chỉ tiêu 1: Có 02 đơn vị vượt 100%: Huyện đoàn Phù Mỹ; Thị đoàn Hoài Nhơn; Thị đoàn An Nhơn.",
        "Target 1: 05 units exceed 100%: Phu My District Union, Hoai Nhon Town Union.",
        "Chỉ tiêu 1: 49.795/48.000, đạt 104%. Chỉ tiêu 2: 40.676/66.000, đạt 61,6%. Chỉ tiêu 3: "
        "29.440/90.741, đạt 32,4%",
        "Chỉ tiêu 5: 5/12 bài, đạt 50%",
        "Chỉ tiêu 6: 12/2023 hồ sơ, đạt 5%",
        "Chỉ tiêu 2: 40.676/66.000 tài khoản được mở mới trên Cổng dịch vụ công quốc gia tính đến ngày "
        "01/7/2023, đạt 62,6%",
        "Chỉ tiêu 2: tính đến 01/7/2023 đã có 40.676/66.000 người dân được hướng dẫn, hỗ trợ mở tài khoản, "
        "đạt tỷ lệ 62,6%",
        "Chỉ tiêu 3: 90.471/29.440 tài khoản, đạt 307,3%",
    ],
)
def test_a_slip_is_found(text: str) -> None:
    assert "wrong" in severities(text)


@pytest.mark.parametrize(
    "text",
    [
        "Chỉ tiêu 7: 47.256/400.000 hộ, đạt 11,8%. Có 07 đơn vị vượt 100% chỉ tiêu",
        "Chỉ tiêu 7: 47.256/400.000 hộ, đạt 11,8%. Có 07/20 đơn vị hoàn thành vượt mức chỉ tiêu",
        "Chỉ tiêu 1: đạt 104%. Có 07/21 đơn vị vượt 100% chỉ tiêu",
        "Chỉ tiêu 3: 29.440/90.471 tk, đạt 32,5%.\nChỉ tiêu 3: 10.594/32.580 hồ sơ, đạt 32,5%",
        "Chỉ tiêu 9: 10/20 hồ sơ, đạt 50%",
        "Chỉ tiêu 7: 47.256/400.000 hộ, đạt 11,8%. Có 07 đơn vị trong tổng số 20 đơn vị vượt chỉ tiêu",
    ],
)
def test_what_could_be_true_is_doubted(text: str) -> None:
    assert severities(text) == {"doubtful"}


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        *(
            (heading, 2)
            for heading in (
                "CHỈ TIÊU 2: ", "Chỉ tiêu số 2: ", "chỉ tiêu 2: ", "Chỉ tiêu 2. ", "Chỉ tiêu 2 - ", "Mục tiêu 2: ",
                "Target 2 “a”: ", "- Target 2 — ", "TARGET No. 2: ", "3.1. Chỉ tiêu 2: ", "**Chỉ tiêu 2**: ",
                "Chỉ tiêu (2): ", "Chỉ tiêu II: ", "Chỉ tiêu thứ hai: ", "Chỉ tiêu 2 năm 2023: ", "2. Chỉ tiêu “a”: ",
                "Kết quả thực hiện chỉ tiêu 2: ", "Chỉ tiêu 1: xong; chỉ tiêu 2: ",
                "Chỉ tiêu 1: xong. Đối với chỉ tiêu 2, ",
                "Chỉ tiêu 1: trong đó chỉ tiêu 2 đạt ", "Chỉ tiêu 1: xong\nChỉ tiêu 2 đã có ",
            )
        ),
        ("Chỉ tiêu 1: xong\nNội dung 2: ", None),
        ("Chỉ tiêu 1: xong\nII. Phương hướng: ", None),
        ("Chỉ tiêu 1: giao chỉ tiêu 10 hồ sơ, ", 1),
        ("Chỉ tiêu 1: vượt chỉ tiêu 3,7%, ", 1),
        ("Chỉ tiêu 1: chỉ tiêu năm 2023 là ", 1),
    ],
)  # fmt: skip
def test_figures_belong_to_the_heading_before_them(heading: str, target: int | None) -> None:
    *_, last = sections(heading + "40.676/66.000")
    assert last.target == target


def test_what_was_not_checked_is_said() -> None:
    result = checked("Chỉ tiêu 1: 49.795/48.000, đạt 104% (tăng 35%).\nChỉ tiêu 2: đạt 61,6%, gần 62%")
    assert result.unchecked == [("line 1", "35%"), ("line 2", "61,6%"), ("line 2", "62%")]
    assert [claim.percent for claim in result.claims if claim.percent] == [104]


def test_text_under_no_heading_is_checked_too() -> None:
    [finding] = checked("Đã có 40.676/66.000 tài khoản, đạt 62,6%").findings
    assert (finding.code, finding.target) == ("percent", None)
