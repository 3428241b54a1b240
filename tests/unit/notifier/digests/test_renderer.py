"""Letters as their readers get them: headers, both parts, both languages, hostile names."""

import dataclasses
import datetime as dt
import re
import unicodedata

import pytest

from services.notifier.digests.digest import unit_digest
from services.notifier.digests.renderer import DigestRenderer
from services.notifier.outbox.messages import AddressError
from shared.domain.formatting import Lang
from tests.support.html_page import Page
from tests.support.sample_digests import CATALOGUE, DIGESTS, PHU_MY, SETTINGS, digest_to, overview_in, parsed, part
from tests.support.sample_flags import DAY, FLAGS, LAG, NOW, RESOLVED, ROWS, STANDING, SURGE, VERDICTS, july

HOSTILE = 'Bad</h1><script>x()</script>\r\nBcc: everybody@example.vn\x1b[2J\u202e"{{ 7*7 }}'


def test_headers() -> None:
    mail = parsed(digest_to())
    assert mail["Message-ID"] == "<digest.phu-my.2023-07-21@dean5299.example.vn>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert str(mail["To"]) == "Huyện đoàn Phù Mỹ <phu-my@dean5299.example.vn>"
    assert str(mail["From"]) == "Đề án 5299 <pulse@dean5299.example.vn>"
    assert mail["Subject"] == ("2 chậm lại, 1 tăng nhanh, 1 đã hết cảnh báo (21/7/2023) - Huyện đoàn Phù Mỹ")
    assert mail.get_content_type() == "multipart/alternative"
    assert [sub.get_content_type() for sub in mail.iter_parts()] == ["text/plain", "text/html"]


def test_the_message_carries_its_key_and_address() -> None:
    message = digest_to()
    assert (message.key, message.channel) == ("digest:phu-my:2023-07-21", "mail")
    assert message.to == "phu-my@dean5299.example.vn"
    assert overview_in("en").key == "overview:2023-07-21:en"


def test_same_input_same_bytes_and_the_clock_is_the_only_time() -> None:
    assert digest_to() == digest_to()
    later = digest_to(now=NOW + dt.timedelta(hours=1))
    changed = [
        (one, two) for one, two in zip(digest_to().body.splitlines(), later.body.splitlines(), strict=True)
        if one != two
    ]  # fmt: skip
    assert changed == [(b"Date: Fri, 21 Jul 2023 07:30:00 +0700", b"Date: Fri, 21 Jul 2023 08:30:00 +0700")]


def test_the_bytes_pass_any_server() -> None:
    for message in (digest_to(), overview_in("vi")):
        assert message.body.isascii()
        assert all(len(line) <= 998 for line in message.body.split(b"\r\n"))
        assert b"\n" not in message.body.replace(b"\r\n", b"")


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_every_number_stands_with_its_days_and_its_base(kind: str) -> None:
    text = part(digest_to(), kind).replace("\u00a0", " ")
    text = re.sub(r"\s+", " ", Page(text).text if kind == "html" else text)
    for expected in (
        "0 giờ ngày 21/7/2023",
        "Cần tập trung trước hết: Chỉ tiêu 2: Tài khoản người dân",
        "Còn thiếu 2.760 tài khoản (4.120/6.880).",
        "Mỗi ngày làm việc cần 24,4 đến 31/12/2023; tháng 7 được 2,2.",
        "đạt 63 % chỉ tiêu (còn 113 ngày làm việc)",
        "Từ 01/7 đến 20/7 được 31 tài khoản; tháng 6 được 117, tính theo cùng số ngày làm việc là 78 (giảm 60 %).",
        "mới, từ 21/7/2023",
        "từ 12/7/2023",
        "Từ 01/7 đến 20/7 đạt tỷ lệ 61,2 %; tháng 6 là 41,8 %.",
        "tỷ lệ giảm từ 30,1 % xuống 26,9 %; tài khoản có giao dịch thêm 80, tổng số tài khoản thêm 910.",
        "Không còn chậm lại (ghi nhận 10/7/2023, hết từ 21/7/2023).",
    ):
        assert expected in text
    assert "An Nhơn" not in text


def test_english_is_english() -> None:
    text = part(digest_to(lang="en"), "plain").replace("\u00a0", " ")
    assert "Phu My District Union" in text
    assert "Missing: 2,760 accounts (4,120 of 6,880)." in text
    assert not re.search("[à-ỹ]", text)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_links_lead_to_the_page_as_of_the_day(lang: Lang) -> None:
    link = f"https://pulse.example.vn/units/phu-my?as_of=2023-07-21&lang={lang}"
    assert link in part(digest_to(lang=lang), "plain").splitlines()
    assert ("href", link) in Page(part(digest_to(lang=lang), "html")).attributes
    assert f"https://pulse.example.vn/?as_of=2023-07-21&lang={lang}" in part(overview_in(lang), "plain")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_text_fits_a_terminal(lang: Lang) -> None:
    for message in (digest_to(lang=lang), overview_in(lang)):
        text = part(message, "plain")
        assert unicodedata.is_normalized("NFC", text)
        assert all(len(line) <= 72 or line.startswith("https://") for line in text.splitlines())
        assert "\n\n\n" not in text


def test_styles_are_inlined_and_nothing_is_loaded() -> None:
    html = part(digest_to(), "html")
    page = Page(html)
    assert "style" not in page.tags
    assert sum(name == "style" for name, _ in page.attributes) > 20
    assert not {"img", "link", "script"} & set(page.tags)
    assert "url(" not in html


def test_the_office_reads_all_units_and_the_province_wide_notice() -> None:
    text = re.sub(r"\s+", " ", part(overview_in("vi"), "plain"))
    for unit in CATALOGUE.units:
        assert unit.name_vi in text
    assert "Chỉ tiêu 6: Tin, bài (mới, từ 21/7/2023) Từ 01/7 đến 20/7 được 40 tin, bài" in text
    assert text.index("Huyện đoàn Phù Mỹ: 2 chậm lại") < text.index("Thị đoàn An Nhơn: 1 tăng nhanh")
    assert "Chưa gửi số liệu: Đoàn Thanh niên Bộ đội Biên phòng tỉnh" in text
    assert parsed(overview_in("vi"))["Subject"] == (
        "1 biến động chung, 2 chậm lại, 2 tăng nhanh, 1 đã hết cảnh báo toàn tỉnh (21/7/2023)"
    )


def test_hostile_names_stay_harmless() -> None:
    unit = PHU_MY.model_copy(update={"name_vi": HOSTILE})
    message = digest_to(unit)
    mail = parsed(message)
    assert set(mail.keys()) == set(parsed(digest_to()).keys())
    assert "Bcc" in str(mail["Subject"])
    assert [a.addr_spec for a in mail["To"].addresses] == ["phu-my@dean5299.example.vn"]
    page = Page(part(message, "html"))
    assert "script" not in page.tags
    assert "<script>x()</script> Bcc: everybody@example.vn" in page.text
    for text in (part(message, "plain"), page.text):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "{{ 7*7 }}" in text


@pytest.mark.parametrize(
    "leader",
    ["a@b.vn\r\nBcc: x@y.vn", "a@b.vn, x@y.vn", "no address", "", "đ@b.vn", "a b@c.vn", "<a@b.vn>", "@"],
)
def test_an_address_that_is_none_is_refused_by_name(leader: str) -> None:
    units = (PHU_MY.model_copy(update={"leader": leader}),)
    with pytest.raises(AddressError, match=re.escape(repr(leader))):
        DigestRenderer(CATALOGUE.model_copy(update={"units": units}), SETTINGS)
    with pytest.raises(AddressError, match=re.escape(repr(leader))):
        DigestRenderer(CATALOGUE, dataclasses.replace(SETTINGS, office=leader))
    with pytest.raises(AddressError, match=re.escape(repr(leader))):
        DigestRenderer(CATALOGUE, dataclasses.replace(SETTINGS, reply_to=leader))


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_the_end_says_whom_to_ask_and_where_an_answer_goes(kind: str) -> None:
    def ending(**settings: str) -> str:
        digests = DigestRenderer(CATALOGUE, dataclasses.replace(SETTINGS, **settings))
        text = part(overview_in("en", digests), kind)
        return re.sub(r"\s+", " ", Page(text).text if kind == "html" else text).strip()

    assert ending().endswith("at most once per working day. Please do not reply.")
    assert ending(contact="The office, <0256 3822 000>").endswith(
        "Whom to ask: The office, <0256 3822 000>. Please do not reply."
    )
    assert ending(reply_to="a@example.vn").endswith("per working day. Replies go to a@example.vn.")


def test_a_unit_without_a_leader_gets_no_mail() -> None:
    digest = unit_digest(PHU_MY.model_copy(update={"leader": None}), FLAGS, VERDICTS, july(21), DAY)
    assert digest is not None
    assert DIGESTS.digest(digest, ROWS, NOW) is None


def test_a_ratio_is_told_with_both_rates() -> None:
    flag = LAG.model_copy(update={"target": 4, "verdict": SURGE.verdict})
    digest = unit_digest(PHU_MY, [flag, STANDING], [], july(12), DAY)
    assert digest is not None
    message = DIGESTS.digest(digest, ROWS, NOW)
    assert message is not None
    text = re.sub(r"\s+", " ", part(message, "plain"))
    assert "Lũy kế 49,1 % (1.320/2.690); chỉ tiêu 80,0 %." in text


def test_the_letter_is_short_and_the_overview_is_never_clipped() -> None:
    assert len(part(overview_in("vi"), "html").encode()) < 60_000


def test_a_goal_that_was_reached_is_told_as_that() -> None:
    reached = RESOLVED.model_copy(update={"verdict": LAG.verdict.model_copy(update={"state": "saturated"})})
    digest = unit_digest(PHU_MY, [reached], [], DAY, DAY)
    assert digest is not None
    message = DIGESTS.digest(digest, {}, NOW)
    assert message is not None
    assert "Đã đạt chỉ tiêu (ghi nhận 10/7/2023" in part(message, "plain")
