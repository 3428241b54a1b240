"""What an import would send, counted, for a person to look over before it goes. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from services.sender.batches import Event
from services.sender.sent_before import SentBefore
from shared.domain.formatting import Lang, format_number
from shared.runtime.messages import translate

_SHOWN = 12
"""Values of one attribute, or months, that are listed; the rest are counted."""


def summarised(events: Sequence[Event], known: SentBefore, lang: Lang) -> Iterator[str]:
    """Distinct ids, first and last day, rows by month and by value of each attribute, what is new; a line each."""
    if not events:
        return
    days = sorted(str(event["time"])[:10] for event in events)
    ids = len({event["subject"] for event in events})
    yield translate(lang, "import.show.ids", ids=format_number(ids, lang), rows=format_number(len(events), lang))
    yield translate(lang, "import.show.days", first=_day(days[0]), last=_day(days[-1]))
    months = Counter(f"{day[5:7]}/{day[:4]}" for day in days)  # in order, for the days are
    yield translate(lang, "import.show.months", counts=_counts(list(months.items()), lang))
    for name in events[0].get("data", {}):
        values = Counter(str(event["data"].get(name)) for event in events)
        shown = [(_value(name, value, lang), count) for value, count in values.most_common()]
        yield translate(lang, "import.show.values", name=_name(name, lang), counts=_counts(shown, lang))
    again = sum(known.has_event(event) for event in events)
    changed = sum(known.has_entity(event) and not known.has_event(event) for event in events)
    numbers = {"new": len(events) - again - changed, "changed": changed, "again": again}
    shown_numbers = {name: format_number(number, lang) for name, number in numbers.items()}
    yield translate(lang, "import.show.new", **shown_numbers)


def _day(day: str) -> str:
    return f"{day[8:]}/{day[5:7]}/{day[:4]}"


def _counts(counts: list[tuple[str, int]], lang: Lang) -> str:
    shown = [f"{name} {format_number(count, lang)}" for name, count in counts[:_SHOWN]]
    rest = len(counts) - _SHOWN
    return ", ".join([*shown, translate(lang, "import.show.more", count=rest)] if rest > 0 else shown)


def _name(attribute: str, lang: Lang) -> str:
    return _known(f"import.attribute.{attribute}", attribute, lang)


def _value(attribute: str, value: str, lang: Lang) -> str:
    return _known(f"import.value.{attribute}.{value.casefold()}", value, lang)


def _known(key: str, own: str, lang: Lang) -> str:
    """The message of `key`, or what the catalogue itself calls it."""
    try:
        return translate(lang, key)
    except KeyError:
        return own
