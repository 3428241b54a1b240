"""The sentences of Notice 434, as DOCX, HTML and JSON, in both languages."""

import html
import json
import re

import pytest

from services.reports.documents import render_html, render_json
from shared.domain.formatting import Lang
from tests.support.notices import LANGS, body, notice, read_back

SENTENCES: dict[Lang, dict[int, list[str]]] = {
    "vi": {
        1: [
            "49.795/48.000 tài khoản, đạt 104%",
            "02 đơn vị vượt 100% chỉ tiêu: Thị đoàn Hoài Nhơn; Huyện đoàn Phù Mỹ.",
            "03 đơn vị không có thay đổi so với ngày 01/6/2023: Đoàn Thanh niên Bộ Chỉ huy quân sự tỉnh; Đoàn Thanh "
            "niên Bộ đội Biên phòng tỉnh; Đoàn Trường Cao đẳng Cơ điện - Xây dựng và Nông Lâm Trung Bộ.",
            "Đoàn Khối Doanh nghiệp tỉnh (tăng 278%)",
            "Đoàn Trường Cao đẳng Kỹ thuật Công nghệ Quy Nhơn (tăng 85%)",
            "Đoàn Trường Đại học Quy Nhơn (tăng 75%)",
            "Huyện đoàn Tây Sơn (tăng 120%)",
            "Thị đoàn An Nhơn (tăng 202%)",
        ],
        2: [
            "40.676/66.000 tài khoản, đạt 61,6%",
            "03 đơn vị vượt 100% chỉ tiêu: Huyện đoàn Hoài Ân; Huyện đoàn Vân Canh; Đoàn Thanh niên Công an tỉnh.",
            "Đoàn Trường Cao đẳng Kỹ thuật Công nghệ Quy Nhơn (tăng 133%)",
            "Huyện đoàn Tây Sơn (tăng 171%)",
            "Thị đoàn An Nhơn (tăng 347%)",
        ],
        3: [
            "29.440/90.471 tài khoản có giao dịch, đạt tỷ lệ 32,5% (chỉ tiêu 40%)",
            "So với ngày 01/6/2023, tỷ lệ giảm từ 37,9% xuống 32,5% do phát sinh nhiều tài khoản mới",
        ],
        4: [
            "10.594/32.580 hồ sơ thực hiện trực tuyến, đạt tỷ lệ 32,5% (chỉ tiêu 80%)",
            "Thị đoàn An Nhơn (đạt 61%); Huyện đoàn Phù Mỹ (đạt 49%); Huyện đoàn Tuy Phước (đạt 42%); Huyện đoàn "
            "Hoài Ân (đạt 37%).",
        ],
        5: [
            "24.938/51.000 hồ sơ, đạt 48,9%",
            "01 đơn vị đạt 100% chỉ tiêu: Huyện đoàn Vân Canh.",
            "Huyện đoàn Vân Canh (tăng 168%)",
            "Thị đoàn An Nhơn (tăng 172%)",
            "02 đơn vị chưa có nhiều thay đổi so với ngày 01/6/2023: Huyện đoàn Vĩnh Thạnh (tăng 1%); Đoàn Trường "
            "Đại học Quy Nhơn (tăng 2%).",
        ],
        6: [
            "801/2.460 tin, bài, đạt 32,6%",
            "01 đơn vị đạt 100% chỉ tiêu: Đoàn Thanh niên Công an tỉnh.",
            "13/20 đơn vị có kết quả tăng trên 75%",
        ],
        7: [
            "47.256/400.000 hộ, đạt 11,8%",
            "07/20 đơn vị vượt 100% chỉ tiêu",
            "02/20 đơn vị có mức tăng thấp hơn mức tăng của tháng trước: Huyện đoàn An Lão; Huyện đoàn Vĩnh Thạnh.",
        ],
    },
    "en": {
        1: [
            "49,795/48,000 accounts opened so far, 104 % of the goal",
            "2 units are over 100 % of their goals: Hoai Nhon Town Union; Phu My District Union.",
            "3 units without any change since 1 June 2023: Provincial Military Command Youth Union; Provincial Border "
            "Guard Youth Union; Central College of Engineering, Construction and Agriculture and Forestry Union.",
            "Provincial Business Union (up 278 %)",
            "Quy Nhon College of Engineering and Technology Union (up 85 %)",
            "Quy Nhon University Union (up 75 %)",
            "Tay Son District Union (up 120 %)",
            "An Nhon Town Union (up 202 %)",
        ],
        2: [
            "40,676/66,000 accounts opened so far, 61.6 % of the goal",
            "3 units are over 100 % of their goals: Hoai An District Union; Van Canh District Union; Provincial Public "
            "Security Youth Union.",
            "Quy Nhon College of Engineering and Technology Union (up 133 %)",
            "Tay Son District Union (up 171 %)",
            "An Nhon Town Union (up 347 %)",
        ],
        3: [
            "29,440/90,471 accounts with a transaction so far, a rate of 32.5 % (goal 40 %)",
            "Since 1 June 2023 the rate fell from 37.9 % to 32.5 % because 25,673 new accounts diluted it",
        ],
        4: [
            "10,594/32,580 dossiers filed online so far, a rate of 32.5 % (goal 80 %)",
            "An Nhon Town Union (61 %); Phu My District Union (49 %); Tuy Phuoc District Union (42 %); Hoai An "
            "District Union (37 %).",
        ],
        5: [
            "24,938/51,000 dossiers supported so far, 48.9 % of the goal",
            "1 unit at 100 % of the goal: Van Canh District Union.",
            "Van Canh District Union (up 168 %)",
            "An Nhon Town Union (up 172 %)",
            "2 units with little change since 1 June 2023: Vinh Thanh District Union (up 1 %); Quy Nhon University "
            "Union (up 2 %).",
        ],
        6: [
            "801/2,460 articles published so far, 32.6 % of the goal",
            "1 unit at 100 % of the goal: Provincial Public Security Youth Union.",
            "13 of 20 units are up by more than 75 %",
        ],
        7: [
            "47,256/400,000 households informed so far, 11.8 % of the goal",
            "7 of 20 units are over 100 % of their goal",
            "2 of 20 units with a lower increase than in the month before: An Lao District Union; Vinh Thanh District "
            "Union.",
        ],
    },
}


@pytest.mark.parametrize("lang", LANGS)
def test_the_docx_states_every_sentence_of_notice_434(lang: Lang) -> None:
    paragraphs = body(read_back(notice(lang)))
    heading = {"vi": "Chỉ tiêu", "en": "Target"}[lang]
    for target, texts in SENTENCES[lang].items():
        [paragraph] = [text for text in paragraphs if text.startswith(f"{heading} {target} “")]
        for text in texts:
            assert text in paragraph
    assert not any(re.search(r"62[.,]6", text) for text in paragraphs)


@pytest.mark.parametrize("lang", LANGS)
def test_the_formats_say_the_same(lang: Lang) -> None:
    composed = notice(lang)
    document = json.loads(render_json(composed))
    in_docx = [paragraph.text for paragraph in read_back(composed).paragraphs]
    page = html.unescape(re.sub(r"<[^>]+>", "", render_html(composed)))
    for paragraph, as_json in zip(composed.paragraphs, document["targets"], strict=True):
        assert paragraph.text in in_docx
        assert paragraph.text in page
        assert as_json["heading"] + " ".join(one["text"] for one in as_json["sentences"]) == paragraph.text


def test_every_number_printed_in_a_target_is_a_figure_or_a_threshold() -> None:
    for paragraph in notice("vi").paragraphs:
        for sentence in paragraph.sentences:
            words = "".join(piece for piece in sentence.fragments if isinstance(piece, str)).replace("\u00a0", " ")
            rest = re.sub(r"ngày \d\d/\d\d?/\d{4}|vượt 100%|đạt 100%|trên 75%|từ 4 điểm", "", words)
            assert not re.search(r"\d", rest), rest
