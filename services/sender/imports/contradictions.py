"""Rows of all sheets of a plan that speak of one thing: repetitions, contradictions, other spellings. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from services.sender.batches import Event
from services.sender.imports.complaints import complaint
from services.sender.imports.headings import SUBJECT
from services.sender.imports.identity import likeness
from services.sender.imports.rows import Refusal, SheetImport


class _Place(NamedTuple):
    sheet: SheetImport
    row: int
    event: Event

    def seen_from(self, other: "_Place") -> str:
        """How a message about `other` names this row."""
        return str(self.row) if self.sheet is other.sheet else f"{self.row} (“{self.sheet.sheet.name}”)"


def sort_out(sheets: list[SheetImport]) -> None:
    """Leave in `sheets` only events that can be sent together.

    The first row of an event stays and its repetitions are listed. Rows that say different things of one subject at
    one time are all refused: which of them would count is a matter of chance. Of ids that differ only in their
    spelling the first is taken and the others are refused. Other rows about one subject are sent and listed.
    """
    places = [*_places(sheets)]
    first: dict[tuple[str, str, str], dict[str, _Place]] = {}
    spelled: dict[tuple[str, str], _Place] = {}
    about: dict[tuple[str, str], set[str]] = {}
    for place in places:
        first.setdefault(_statement(place), {}).setdefault(place.event["id"], place)
        spelled.setdefault(_alike(place), place)
        about.setdefault(_entity(place), set()).add(place.event["id"])
    for sheet in sheets:
        sheet.events, sheet.rows = [], []
    for place in places:
        said = first[_statement(place)]
        others = [other for event_id, other in said.items() if event_id != place.event["id"]]
        model = spelled[_alike(place)]
        if others:
            is_elsewhere = others[0].sheet is not place.sheet
            _refuse(place, "contradiction", others[0], is_doubt=is_elsewhere)
        elif model.event["subject"] != place.event["subject"]:
            _refuse(place, "other_spelling", model, is_doubt=True)
        elif said[place.event["id"]] is not place:
            place.sheet.repeated.append(place.row)
        else:
            place.sheet.events.append(place.event)
            place.sheet.rows.append(place.row)
            if len(about[_entity(place)]) > 1:
                place.sheet.restated.append(place.row)


def _places(sheets: list[SheetImport]) -> Iterator[_Place]:
    for sheet in sheets:
        for row, event in zip(sheet.rows, sheet.events, strict=True):
            yield _Place(sheet, row, event)


def _entity(place: _Place) -> tuple[str, str]:
    return place.event["type"], place.event["subject"]


def _statement(place: _Place) -> tuple[str, str, str]:
    return place.event["type"], place.event["subject"], place.event["time"]


def _alike(place: _Place) -> tuple[str, str]:
    return place.sheet.layout.type.kind, likeness(place.event["subject"])


def _refuse(place: _Place, problem: str, other: _Place, *, is_doubt: bool) -> None:
    found = complaint(problem, row=other.seen_from(place), text=other.event["subject"], is_doubt=is_doubt)
    place.sheet.refused.append(Refusal(place.row, [(place.sheet.layout.column_name(SUBJECT), found)]))
