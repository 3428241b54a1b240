"""A notice in JSON, as this program writes it: numbers are traced to the snapshot in the file, totals checked. Pure."""

from collections.abc import Collection, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.reports.check.claims import Claim, Discrepancy, UnreadableClaimError, parse_count, parse_percent
from services.reports.statements.sentences import number_text
from services.reports.statements.statement import ReferencedNumber
from shared.domain.catalogue import PROVINCE
from shared.domain.formatting import Lang
from shared.domain.snapshot import Snapshot, UnknownReferenceError


class JsonNumber(ReferencedNumber):
    id: str
    text: str


class JsonSentence(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: str = Field(alias="kind")
    numbers: list[JsonNumber] = Field(alias="figures")


class JsonTarget(BaseModel):
    model_config = ConfigDict(extra="ignore")
    target: int
    sentences: list[JsonSentence]


class JsonNotice(BaseModel):
    """The parts of the JSON notice that the check reads."""

    model_config = ConfigDict(extra="ignore")
    lang: Lang
    changes: list[JsonSentence]
    targets: list[JsonTarget]
    attention: list[JsonSentence]
    snapshot: Snapshot


def is_notice(document: Any) -> bool:
    """Whether a parsed JSON file is a notice written by this program."""
    return isinstance(document, dict) and "snapshot" in document


def parse_notice(document: Any) -> JsonNotice:
    """The notice in a parsed JSON file.

    Raises:
        UnreadableClaimError: something in it is missing or of another form.
    """
    try:
        return JsonNotice.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UnreadableClaimError(f"{place}: {first['msg']}; write the notice again") from error


def claims_from_notice(notice: JsonNotice, ratio_targets: Collection[int]) -> Iterator[Claim]:
    """What its sentences print of the totals and of units over 100 %, and what each unit achieved of its goal."""
    for target in notice.targets:
        for sentence in target.sentences:
            texts = [printed.text for printed in sentence.numbers]
            where = ", ".join(printed.id for printed in sentence.numbers[:3])
            if sentence.type in ("total_count", "total_ratio"):
                yield Claim(
                    where=where,
                    target=target.target,
                    achieved=parse_count(texts[0]),
                    goal=parse_count(texts[1]),
                    is_part=target.target in ratio_targets,
                    percent=parse_percent(texts[2]),
                )
            elif sentence.type == "over_goal" and target.target not in ratio_targets:
                yield Claim(
                    where=where,
                    target=target.target,
                    units_total=sum(row.target == target.target for row in notice.snapshot.rows) - 1,
                    units_over=parse_count(texts[0]),
                )
    for row in notice.snapshot.rows:
        if row.unit != PROVINCE and row.numerator is None and row.achieved is not None:
            yield Claim(
                where=f"t{row.target}.{row.unit}",
                target=row.target,
                unit=row.unit,
                achieved=int(row.achieved),
                goal=None if row.goal is None else int(row.goal),
            )


def untraced(notice: JsonNotice) -> Iterator[Discrepancy]:
    """Every number that is not what its references say, printed for the notice's language.

    Numbers of an earlier snapshot are passed over: the file does not carry it.
    """
    groups: list[tuple[int | None, list[JsonSentence]]] = [(None, notice.changes)]
    groups += [(paragraph.target, paragraph.sentences) for paragraph in notice.targets]
    groups.append((None, notice.attention))
    for target, sentences in groups:
        for printed in (number for sentence in sentences for number in sentence.numbers):
            if printed.revision is None:
                yield from _untraced(printed, target, notice)


def _untraced(printed: JsonNumber, target: int | None, notice: JsonNotice) -> Iterator[Discrepancy]:
    refs = " ".join(printed.refs)
    try:
        value = traced(printed, notice.snapshot)
    except UnknownReferenceError:
        yield Discrepancy("reference", printed.id, target, printed.text, detail=refs)
        return
    expected = number_text(printed.model_copy(update={"value": value}), notice.lang)
    if _unspaced(expected) != _unspaced(printed.text):
        yield Discrepancy("figure", printed.id, target, printed.text, expected, refs)


def _unspaced(text: str) -> str:
    """Without spaces: earlier notices print one before the sign of percent."""
    return "".join(text.split())


def traced(number: ReferencedNumber, snapshot: Snapshot) -> float | int:
    """The value of `number` recomputed from `snapshot`.

    Raises:
        UnknownReferenceError: it refers to a value the snapshot does not have, or that is empty.
    """
    values = [_filled(ref, snapshot) for ref in number.refs]
    if number.derivation == "count":
        return len(values)
    if number.derivation == "share":
        return sum(values[:-1]) / values[-1]
    return values[0]


def _filled(ref: str, snapshot: Snapshot) -> float | int:
    value = snapshot.value(ref)
    if value is None:
        raise UnknownReferenceError(f"value {ref!r} of the snapshot as of {snapshot.as_of} is empty")
    return value
