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
from tests.support.sample_flags import DAY, FLAGS, LAG, NOW, ROWS, VERDICTS, july

HOSTILE = 'Bad</h1><script>x()</script>\r\nBcc: everybody@example.vn\x1b[2J\u202e"{{ 7*7 }}'


def test_headers() -> None:
    mail = parsed(digest_to())
    assert mail["Message-ID"] == "<digest.phu-my.2023-07-21@dean5299.example.vn>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert str(mail["To"]) == "Huyện đoàn Phù Mỹ <phu-my@dean5299.example.vn>"
    assert str(mail["From"]) == "Đề án 5299 <pulse@dean5299.example.vn>"
    assert mail["Subject"] == (
        "[Đề án 5299] Huyện đoàn Phù Mỹ: 1 chậm lại, 1 tăng nhanh, 1 trở lại bình thường (21/7/2023)"
    )
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
        LAG.sentence_vi.replace("\u00a0", " "),
        "0 giờ ngày 21/7/2023",
        "Kỳ này (01/7 – 20/7/2023)",
        "31 tài khoản",
        "Mức tương ứng theo nhịp kỳ trước (01/6 – 30/6/2023)",
        "78 tài khoản",
        "giảm 60 %",
        "21 ngày gần nhất (30/6 – 20/7/2023)",
        "33 (dự kiến 81)",
        "Gốc so sánh, các tuần thông thường (31/3 – 29/6/2023)",
        "402 trong 60,5 ngày làm việc quy đổi",
        "Tỷ lệ (01/7 – 20/7/2023)",
        "30,1 % → 26,9 %",
        "+0,8 điểm phần trăm",
        "−4,0 điểm phần trăm",
        "dưới 0,1 %",
        "4.120/6.880 tài khoản, đạt 59,9 % chỉ tiêu",
        "71,2 % chỉ tiêu",
        "61,2 %",
        "1.213/1.982",
        "1.320/2.690 hồ sơ, đạt tỷ lệ 49,1 % (chỉ tiêu 80,0 %)",
        "Ghi nhận ngày 10/7/2023, trở lại nhịp bình thường từ ngày 21/7/2023.",
        "1.240/4.615 tài khoản, đạt tỷ lệ 26,9 %",
    ):
        assert expected in text
    assert "An Nhơn" not in text


def test_english_is_english() -> None:
    text = part(digest_to(lang="en"), "plain").replace("\u00a0", " ")
    assert "Phu My District Union" in text
    assert "4,120 of 6,880 accounts, 59.9 % of the" in text
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
    assert "18/20 đơn vị cùng giảm" in text
    assert "Chưa gửi số liệu: Đoàn Thanh niên Bộ đội Biên phòng tỉnh" in text
    assert parsed(overview_in("vi"))["Subject"] == (
        "[Đề án 5299] Tổng hợp cảnh báo toàn tỉnh: 1 biến động chung, 1 chậm lại, 2 tăng nhanh, "
        "1 trở lại bình thường (21/7/2023)"
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


def test_a_unit_without_a_leader_gets_no_mail() -> None:
    digest = unit_digest(PHU_MY.model_copy(update={"leader": None}), FLAGS, VERDICTS, july(21), DAY)
    assert digest is not None
    assert DIGESTS.digest(digest, ROWS, NOW) is None


def test_a_surge_from_nothing_is_new_and_a_common_factor_is_shown() -> None:
    gate = LAG.verdict.gate
    assert gate is not None
    gate = gate.model_copy(update={"expected": 0.0, "ratio": None, "province_factor": 0.8})
    flag = LAG.model_copy(update={"direction": "surge", "verdict": LAG.verdict.model_copy(update={"gate": gate})})
    digest = unit_digest(PHU_MY, [flag], [], july(21), DAY)
    assert digest is not None
    message = DIGESTS.digest(digest, {}, NOW)
    assert message is not None
    text = re.sub(r"\s+", " ", part(message, "plain"))
    assert "So với nhịp kỳ trước: mới phát sinh, kỳ trước chưa có" in text
    assert "Hệ số biến động chung toàn tỉnh: 0,80 (đã tính vào mức so sánh)" in text
