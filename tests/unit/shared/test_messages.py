"""The message catalogue is whole: both languages, the same placeholders, every message used and every use a message."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from shared.domain.formatting import LANGUAGES, Lang
from shared.runtime.messages import LOCALE, catalogue, message_text, translate

ROOT = Path(__file__).parents[3]
TOPICS = sorted({path.stem for path in LOCALE.glob("*/LC_MESSAGES/*.po")})
FILE_NAME = re.compile(r"\.(html|j2|docx|po|css|js|json|py|svg|txt|csv|xlsx|lua|log)$")
EXPRESSION = r"[a-z0-9_.]+"


@cache
def messages(lang: Lang, topic: str) -> dict[str, Message]:
    """Key -> message, as the file has it; a key that stands there twice is the reader's error."""
    with (LOCALE / lang / "LC_MESSAGES" / f"{topic}.po").open("rb") as file:
        return {key_of(message): message for message in read_po(file, locale=lang, abort_invalid=True) if message.id}


def key_of(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def placeholders(message: Message) -> set[str]:
    names = (name for text in texts(message) for _, name, _, _ in Formatter().parse(text) if name is not None)
    return {*names, *({"number"} if message.pluralizable else ())}


def keys() -> set[str]:
    return {key for topic in TOPICS for key in messages("en", topic)}


def uses() -> dict[str, set[str]]:
    """Every literal in code and templates that begins as a key does -> the files it stands in."""
    areas = {key.partition(".")[0] for key in keys()}
    literal = re.compile(rf"""(["'])((?:{"|".join(sorted(areas))})\.(?:[a-z0-9_.]|\{{[^{{}}"']*\}})*)\1""")
    places: dict[str, set[str]] = {}
    for folder in ("services", "shared"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".html", ".j2", ".txt"}:
                for match in literal.finditer(path.read_text(encoding="utf-8")):
                    if not FILE_NAME.search(match[2]):
                        places.setdefault(match[2], set()).add(str(path.relative_to(ROOT)))
    return places


def matching(use: str) -> set[str]:
    """The keys a literal can mean: itself, or all of its form where it has an expression or is only their beginning."""
    pieces = re.split(r"\{[^{}]*\}", use)
    pattern = EXPRESSION.join(map(re.escape, pieces)) + (EXPRESSION if use.endswith((".", "_")) else "")
    return {key for key in keys() if re.fullmatch(pattern, key)}


@pytest.mark.parametrize("topic", TOPICS)
def test_both_languages_have_the_same_keys_and_placeholders(topic: str) -> None:
    vietnamese, english = messages("vi", topic), messages("en", topic)
    assert vietnamese.keys() == english.keys()
    for key, message in vietnamese.items():
        assert placeholders(message) == placeholders(english[key]), key
        assert message.pluralizable == english[key].pluralizable, key


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty_fuzzy_or_without_a_plural_form(lang: Lang, topic: str) -> None:
    forms = {"vi": 1, "en": 2}[lang]
    for key, message in messages(lang, topic).items():
        assert all(text.strip() for text in texts(message)), key
        assert not message.fuzzy, key
        assert len(texts(message)) == (forms if message.pluralizable else 1), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_key_stands_once_and_in_one_topic(lang: Lang) -> None:
    lines = re.compile(r'^msgid "(.+)"$', re.MULTILINE)
    files = [LOCALE / lang / "LC_MESSAGES" / f"{topic}.po" for topic in TOPICS]
    counts = Counter(key for file in files for key in lines.findall(file.read_text(encoding="utf-8")))
    assert [key for key, count in counts.items() if count > 1] == []


def test_every_key_that_code_or_a_template_uses_exists() -> None:
    assert {use: places for use, places in uses().items() if not matching(use)} == {}


def test_every_message_is_used() -> None:
    used = {key for use in uses() for key in matching(use)}
    assert keys() - used == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_text_of_every_file_is_what_is_looked_up(lang: Lang) -> None:
    for topic in TOPICS:
        for key, message in messages(lang, topic).items():
            assert message_text(lang, key) == texts(message)[0]
            if message.pluralizable:
                assert message_text(lang, key, 1) == texts(message)[0]
                assert message_text(lang, key, 2) == texts(message)[-1]


def test_a_key_that_does_not_exist_is_an_error() -> None:
    missing = "notice.atlantis"
    with pytest.raises(KeyError, match=missing):
        translate("en", missing)
    with pytest.raises(KeyError, match=missing):
        message_text("vi", missing, 2)


def test_a_message_is_read_once() -> None:
    assert catalogue("vi") is catalogue("vi")
