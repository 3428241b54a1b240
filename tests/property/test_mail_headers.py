"""Subjects and names arrive as they were written, read by rules taken from RFC 2047 and RFC 5322 alone."""

import base64
import datetime as dt
import re
from email.headerregistry import Address

from hypothesis import example, given
from hypothesis import strategies as st

from services.notifier.digests.view_models import counts_text, one_line
from services.notifier.outbox.messages import RenderedMail, compose
from shared.contracts.flags import FlagCounts
from shared.domain.formatting import LANGUAGES, Lang, format_date
from shared.runtime.messages import translate
from tests.support.notice434 import catalogue

NOW = dt.datetime(2023, 7, 21, 0, 30, tzinfo=dt.UTC)
WORD = re.compile(r"=\?utf-8\?([bq])\?([^? ]*)\?=", re.IGNORECASE)

names = st.sampled_from([name for unit in catalogue().units for name in (unit.name_vi, unit.name_en)])
hostile = st.text(max_size=120).map(one_line).filter(bool)
counts = st.builds(FlagCounts, st.integers(0, 140), st.integers(0, 140), st.integers(0, 7))


@given(
    names, counts, st.integers(0, 140), st.sampled_from(LANGUAGES), st.dates(dt.date(2022, 1, 1), dt.date(2099, 1, 1))
)
def test_every_subject_is_read_as_it_was_written(
    unit: str, numbers: FlagCounts, resolved: int, lang: Lang, day: dt.date
) -> None:
    said = counts_text(numbers, resolved, lang)
    subject = translate(lang, "digests.subject_digest", unit=unit, counts=said, day=format_date(day, lang))
    assert read(header(subject, "a", "Subject")) == subject


@given(hostile)
@example("Đoàn, Thanh niên <x@y.vn>")
@example('Union "A", B\\C; x')
@example("=?utf-8?q?no?=")
@example("00000000000¡¡¡¡¡¡𐀀\U0001ed01")
@example("Huyện đoàn Vân Canh: 1 chậm lại, 3 tăng nhanh, 2 trở lại bình thường")
def test_any_text_is_read_as_it_was_written_and_every_line_is_short(text: str) -> None:
    assert read(header(text, "a", "Subject")) == text
    mailbox = header("s", text, "To")
    assert mailbox.endswith("<phu-my@example.vn>")
    assert read_phrase(mailbox.removesuffix("<phu-my@example.vn>").rstrip(" ")) == text


def header(subject: str, name: str, wanted: str) -> str:
    """The unfolded value of a header of a composed mail; folding is CRLF before white space (RFC 5322, 2.2.3)."""
    to = Address(display_name=name, addr_spec="phu-my@example.vn")
    mail = compose(RenderedMail(subject, "text", "<p>text</p>", "vi"), "<k@example.vn>", to, to, NOW)
    head = mail.partition(b"\r\n\r\n")[0].decode("ascii")
    assert all(len(line) <= 78 for line in head.split("\r\n"))
    unfolded = re.sub(r"\r\n(?=[ \t])", "", head)
    return next(line.partition(": ")[2] for line in unfolded.split("\r\n") if line.startswith(f"{wanted}: "))


def read_phrase(value: str) -> str:
    """A display name: a quoted-string (RFC 5322, 3.2.4) or encoded words."""
    if value.startswith('"') and value.endswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1])
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
