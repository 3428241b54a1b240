"""Our own notice in JSON: figures are traced to the snapshot in the file, totals checked like any. Pure."""

from collections.abc import Collection, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from services.reports.check.claims import Claim, UnreadableClaimError, parse_count, parse_percent
from services.reports.check.findings import Finding
from services.reports.statements.sentences import printed
from services.reports.statements.statement import Number
from shared.domain.catalogue import PROVINCE
from shared.domain.formatting import Lang
from shared.domain.snapshot import Snapshot, UnknownReferenceError


class PrintedFigure(Number):
    id: str
    text: str


class PrintedSentence(BaseModel):
    model_config = ConfigDict(extra="ignore")
    kind: str
    figures: list[PrintedFigure]


class PrintedTarget(BaseModel):
    model_config = ConfigDict(extra="ignore")
    target: int
    sentences: list[PrintedSentence]


class PrintedNotice(BaseModel):
    """The parts of the JSON notice that the check reads."""

    model_config = ConfigDict(extra="ignore")
    lang: Lang
    changes: list[PrintedSentence]
    targets: list[PrintedTarget]
    attention: list[PrintedSentence]
    snapshot: Snapshot


def is_notice(document: Any) -> bool:
    """Whether a parsed JSON file is a notice of ours."""
    return isinstance(document, dict) and "snapshot" in document


def parse_notice(document: Any) -> PrintedNotice:
    """The notice in a parsed JSON file.

    Raises:
        UnreadableClaimError: something in it is missing or of another form.
    """
    try:
        return PrintedNotice.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UnreadableClaimError(f"{place}: {first['msg']}; write the notice again") from error


def claims_from_notice(notice: PrintedNotice, ratio_targets: Collection[int]) -> Iterator[Claim]:
    """What its sentences print of the totals and of units over 100 %, and the units' own figures."""
    for target in notice.targets:
        for sentence in target.sentences:
            texts = [figure.text for figure in sentence.figures]
            where = ", ".join(figure.id for figure in sentence.figures[:3])
            if sentence.kind in ("total_count", "total_ratio"):
                yield Claim(
                    where=where,
                    target=target.target,
                    achieved=parse_count(texts[0]),
                    goal=parse_count(texts[1]),
                    is_part=target.target in ratio_targets,
                    percent=parse_percent(texts[2]),
                )
            elif sentence.kind == "over_goal" and target.target not in ratio_targets:
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


def untraced(notice: PrintedNotice) -> Iterator[Finding]:
    """Every figure that is not what its references say, printed for the notice's language.

    Figures of an earlier snapshot are passed over: the file does not carry it.
    """
    groups: list[tuple[int | None, list[PrintedSentence]]] = [(None, notice.changes)]
    groups += [(paragraph.target, paragraph.sentences) for paragraph in notice.targets]
    groups.append((None, notice.attention))
    for target, sentences in groups:
        for figure in (figure for sentence in sentences for figure in sentence.figures):
            if figure.revision is None:
                yield from _untraced(figure, target, notice)


def _untraced(figure: PrintedFigure, target: int | None, notice: PrintedNotice) -> Iterator[Finding]:
    refs = " ".join(figure.refs)
    try:
        value = traced(figure, notice.snapshot)
    except UnknownReferenceError:
        yield Finding("reference", figure.id, target, figure.text, detail=refs)
        return
    expected = printed(figure.model_copy(update={"value": value}), notice.lang)
    if expected != figure.text:
        yield Finding("figure", figure.id, target, figure.text, expected, refs)


def traced(number: Number, snapshot: Snapshot) -> float | int:
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
