"""The notice in every format, in both languages, first issue and reissue."""

import json
import re
from typing import get_args

import pytest

from services.reports.check.own_notice import traced
from services.reports.documents import render_html, render_json
from services.reports.statements.notice import compose
from services.reports.statements.sentences import number_text
from services.reports.statements.statement import ChangedField, ReferencedNumber, StatementType
from shared.domain.catalogue import Catalogue
from shared.domain.figures import Measures
from shared.domain.formatting import Lang
from shared.domain.snapshot import Snapshot, snapshot_from_measures
from shared.runtime.messages import LOCALE, message_text
from tests.support.notice434 import JULY, catalogue
from tests.support.notices import LANGS, body, july, july_reissued, notice, read_back

SENTENCE = "notice.sentence."


@pytest.mark.parametrize("lang", LANGS)
def test_every_number_of_the_json_is_what_its_references_say(lang: Lang) -> None:
    document = json.loads(render_json(notice(lang)))
    snapshot = Snapshot.model_validate(document["snapshot"])
    assert snapshot == july()
    sentences = [one for target in document["targets"] for one in target["sentences"]] + document["attention"]
    figures = [figure for sentence in sentences for figure in sentence["figures"]]
    assert [figure["id"] for figure in figures] == [f"n{n:03}" for n in range(1, len(figures) + 1)]
    for figure in figures:
        number = ReferencedNumber.model_validate({name: figure[name] for name in ReferencedNumber.model_fields})
        value = traced(number, snapshot)
        assert value == number.value
        assert number_text(number.model_copy(update={"value": value}), lang) == figure["text"]


def test_a_reissue_is_marked_and_says_what_changed() -> None:
    composed = compose(july_reissued(), catalogue(), "vi", earlier=july())
    paragraphs = body(read_back(composed))
    assert paragraphs[0] == "THÔNG BÁO (R)"
    changes = [text for text in paragraphs if "→" in text]
    assert changes == [
        "Chỉ tiêu 3, Thành đoàn Quy Nhơn, số đạt yêu cầu: 2.680 → 2.679.",
        "Chỉ tiêu 6, Huyện đoàn An Lão, kết quả: 33 → 35.",
        "Chỉ tiêu 3, toàn tỉnh, số đạt yêu cầu: 29.440 → 29.439.",
        "Chỉ tiêu 6, toàn tỉnh, kết quả: 801 → 803.",
    ]
    for sentence in composed.changes:
        old, new = (figure.number for figure in sentence.numbers)
        assert (old.revision, new.revision) == (0, None)
        assert traced(old, july()) == old.value
        assert traced(new, july_reissued()) == new.value


def test_a_reissue_without_changes_says_that() -> None:
    same = july().model_copy(update={"revision": 1})
    composed = compose(same, catalogue(), "en", earlier=july())
    assert composed.document_type == "NOTICE (R)"
    assert composed.remarks[-1] == "No figure has changed since the earlier notice."


def test_a_goal_that_vanishes_is_a_change_to_nothing() -> None:
    rows = tuple(
        row.model_copy(update={"goal": None}) if (row.unit, row.target) == ("an-lao", 6) else row for row in july().rows
    )
    composed = compose(july().model_copy(update={"rows": rows}), catalogue(), "en", earlier=july())
    assert [sentence.text for sentence in composed.changes] == ["Target 6, An Lao District Union, goal: 84 → none."]


def test_provisional_figures_are_called_so_in_every_format() -> None:
    open_month = july().model_copy(update={"status": "provisional"})
    composed = compose(open_month, catalogue(), "en")
    remark = "Provisional figures: month 06/2023 has not been closed."
    assert remark in body(read_back(composed))
    assert remark in render_html(composed)
    assert json.loads(render_json(composed))["remarks"] == [remark]
    assert compose(july(), catalogue(), "en").remarks == ()


def test_markup_in_a_name_stays_text() -> None:
    names = {"name_en": "A & B <script>alert(1)</script> {{ 7 * 7 }}"}
    units = [unit.model_copy(update=names) if unit.code == "an-nhon" else unit for unit in catalogue().units]
    odd: Catalogue = catalogue().model_copy(update={"units": tuple(units)})
    odd.__dict__.pop("unit_by_code", None)
    composed = compose(july(), odd, "en")
    assert "<script>" not in render_html(composed)
    assert any(names["name_en"] in text for text in body(read_back(composed)))


@pytest.mark.parametrize("lang", LANGS)
def test_every_statement_has_its_text_and_no_text_is_without_a_statement(lang: Lang) -> None:
    types = set(get_args(StatementType))
    parts = {"target", "share_clause", "nothing", "province", *get_args(ChangedField)}
    keys = {key.removeprefix(SENTENCE) for key in messages() if key.startswith(SENTENCE)}
    assert types | parts <= keys
    assert {key.removesuffix("_many").removesuffix("_unit") for key in keys - parts} == types
    for type_ in types:
        text = message_text(lang, f"{SENTENCE}{type_}")
        assert (f"{type_}_many" in keys) == ("{count}" in text or type_ == "grew")


def messages() -> list[str]:
    return re.findall(r'^msgid "(.+)"$', (LOCALE / "en" / "LC_MESSAGES" / "notice.po").read_text("utf-8"), re.MULTILINE)


def test_the_html_stands_alone() -> None:
    page = render_html(notice("vi"))
    assert page.lstrip().startswith("<!doctype html>")
    assert not re.search(r"(src|href)=|url\(|@import", page)
    assert "size: A4" in page


def test_a_fall_is_said_by_the_verb_and_not_by_a_sign_too() -> None:
    def accounts(opened: int, transacted: int) -> Measures:
        return {("member_accounts", "an-nhon"): opened, ("transacted_accounts", "an-nhon"): transacted}

    columns = accounts(1000, 300), accounts(1000, 1500), accounts(0, 0)
    composed = compose(snapshot_from_measures(catalogue(), JULY, columns), catalogue(), "en")
    [cause] = [one.text for one in composed.paragraphs[2].sentences if one.statement.type == "rate_fewer"]
    assert cause.endswith("because the accounts that count became fewer by 1,200.")
