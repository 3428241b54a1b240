"""The message catalogue: every sentence people read, in every language, from gettext files.

`shared/locale/LANG/LC_MESSAGES/*.po`, one file a topic. A message id is a key (`board.goal_changed`); both languages
have a text for it, with the same `{placeholders}`. Files are read and compiled in memory at the first use.
"""

from functools import lru_cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from shared.domain.formatting import Lang

LOCALE = Path(__file__).parents[1] / "locale"


def translate(lang: Lang, key: str, **values: object) -> str:
    """The text of `key` with its placeholders filled in; raises as `message_text`."""
    text = message_text(lang, key)
    return text.format(**values) if values else text


def message_text(lang: Lang, key: str, number: int | None = None) -> str:
    """The text of `key` with its placeholders as they stand; with `number`, in the plural form for it, if it has forms.

    Raises:
        KeyError: no such message; a fault of the program, which tests/unit/shared/test_messages.py finds.
    """
    messages = catalogue(lang)
    text = key if number is None else messages.ngettext(key, key, number)
    text = messages.gettext(key) if text == key else text
    if text == key:
        raise KeyError(f"no {lang} message {key!r}")
    return text


@lru_cache
def catalogue(lang: Lang) -> GNUTranslations:
    """Every message of one language."""
    merged = Catalog(locale=lang)
    for file in sorted((LOCALE / lang / "LC_MESSAGES").glob("*.po")):
        with file.open("rb") as source:
            for message in read_po(source, locale=lang):
                if message.id:
                    merged[str(message.id) if isinstance(message.id, str) else message.id[0]] = message
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return GNUTranslations(compiled)
