"""Subjects and names arrive as they were written, read by rules taken from RFC 2047 and RFC 5322 alone."""

import base64
import datetime as dt
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.notifier.digests.digest import unit_digest
from services.notifier.digests.renderer import DigestRenderer
from services.notifier.digests.view_models import counts_text
from services.notifier.outbox.messages import Correspondents, RenderedMail, address, compose
from shared.contracts.flags import FlagCounts
from shared.domain.catalogue import Unit
from shared.domain.formatting import LANGUAGES, Lang, format_date, one_line
from shared.runtime.messages import translate
from tests.support.notice434 import catalogue
from tests.support.sample_digests import CATALOGUE, SETTINGS
from tests.support.sample_flags import DAY, FLAGS, NOW, ROWS, july

WORD = re.compile(r"=\?utf-8\?([bq])\?([^? ]*)\?=", re.IGNORECASE)

NAMES = [name for unit in catalogue().units for name in (unit.name_vi, unit.name_en)]
COMMAS = ["Youth Union, Phu My, Binh Dinh", "Đoàn Thanh niên, Hội Liên hiệp Thanh niên huyện Phù Mỹ", 'Union "A", B']

DIGESTS = DigestRenderer(CATALOGUE, replace(SETTINGS, reply_to="office@example.vn"))

names = st.sampled_from(NAMES + COMMAS)
hostile = st.text(max_size=120).map(one_line).filter(bool)
counts = st.builds(FlagCounts, st.integers(0, 140), st.integers(0, 140), st.integers(0, 7))
languages = st.sampled_from(LANGUAGES)
days = st.dates(dt.date(2022, 1, 1), dt.date(2099, 1, 1))


@given(names, names, counts, st.integers(0, 140), languages, days)
def test_every_header_of_every_letter_is_read_as_it_was_written(
    unit: str, office: str, numbers: FlagCounts, resolved: int, lang: Lang, day: dt.date
) -> None:
    said = {"counts": counts_text(numbers, resolved, lang), "day": format_date(day, lang)}
    for subject in (
        translate(lang, "digests.subject_digest", unit=unit, **said),
        translate(lang, "digests.subject_overview", **said),
    ):
        mail = composed(subject, lang, unit, office)
        assert read(mail["Subject"]) == subject
        assert [read_mailbox(mail[name]) for name in ("From", "To", "Reply-To")] == [
            (translate("vi", "digests.project"), "pulse@example.vn"),
            (unit, "phu-my@example.vn"),
            (office, "office@example.vn"),
        ]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("unit", CATALOGUE.units, ids=lambda unit: unit.code)
def test_a_rendered_letter_has_every_header_once_and_each_is_read_as_it_was_written(unit: Unit, lang: Lang) -> None:
    addressed = unit.model_copy(update={"language": lang, "name_en": f"{unit.name_en}, Binh Dinh"})
    digest = unit_digest(addressed, [flag.model_copy(update={"unit": unit.code}) for flag in FLAGS], [], july(21), DAY)
    assert digest is not None
    message = DIGESTS.digest(digest, ROWS, NOW)
    assert message is not None
    mail = head_of(message.body)
    assert list(mail) == [
        *("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language"),
        *("MIME-Version", "Content-Type"),
    ]
    assert read_mailbox(mail["To"]) == (addressed.name(lang), unit.leader)
    assert mail["Reply-To"] == "office@example.vn"
    assert read(mail["Subject"]).endswith(f" - {addressed.name(lang)}")
    assert mail["Content-Language"] == lang


@given(hostile)
@example("Đoàn, Thanh niên <x@y.vn>")
@example('Union "A", B\\C; x')
@example("=?utf-8?q?no?=")
@example("00000000000¡¡¡¡¡¡𐀀\U0001ed01")
@example("Huyện đoàn Vân Canh: 1 chậm lại, 3 tăng nhanh, 2 trở lại bình thường")
def test_any_text_is_read_as_it_was_written_and_every_line_is_short(text: str) -> None:
    mail = composed(text, "vi", text, text)
    assert read(mail["Subject"]) == text
    assert read_mailbox(mail["To"]) == (text, "phu-my@example.vn")


def composed(subject: str, lang: Lang, to: str, reply_to: str) -> dict[str, str]:
    """The headers of a letter from the project to `to`."""
    between = Correspondents(
        address(translate("vi", "digests.project"), "pulse@example.vn"),
        address(to, "phu-my@example.vn"),
        address(reply_to, "office@example.vn"),
    )
    return head_of(compose(RenderedMail(subject, "text", "<p>text</p>", lang), "<k@example.vn>", between, NOW))


def head_of(mail: bytes) -> dict[str, str]:
    """Name -> unfolded value; folding is CRLF before white space (RFC 5322, 2.2.3). No line is too long for anybody."""
    head = mail.partition(b"\r\n\r\n")[0].decode("ascii")
    assert all(len(line) <= 78 for line in head.split("\r\n"))
    lines = re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert len(headers) == len(lines)
    return headers


def read_mailbox(value: str) -> tuple[str, str]:
    """Display name and address of one mailbox: outside quotes there is nothing that could be a second one."""
    name, _, addr_spec = value.rpartition("<")
    assert addr_spec.endswith(">")
    return read_phrase(name.rstrip(" ")), addr_spec.removesuffix(">")


def read_phrase(value: str) -> str:
    """A display name: a quoted-string (RFC 5322, 3.2.4) or encoded words."""
    if value.startswith('"') and value.endswith('"'):
        assert re.fullmatch(r'(?:[^"\\]|\\.)*', value[1:-1])
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    assert all(WORD.fullmatch(word) for word in value.split(" "))
    return read(value)


def read(value: str) -> str:
    """Plain text as it is; of encoded words the octets joined, white space between them dropped."""
    words = value.split(" ")
    if not all(WORD.fullmatch(word) for word in words):
        return value
    return "".join(decoded(word) for word in words)


def decoded(word: str) -> str:
    match = WORD.fullmatch(word)
    assert match is not None
    assert len(word) <= 75
    encoding, text = match.groups()
    if encoding.lower() == "b":
        return base64.b64decode(text, validate=True).decode()
    octets = re.sub(rb"=([0-9A-F]{2})", lambda hexed: bytes.fromhex(hexed[1].decode()), text.replace("_", " ").encode())
    return octets.decode()
