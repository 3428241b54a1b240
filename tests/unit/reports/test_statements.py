"""What the notice of 1 July 2023 must say, as data; and the rules at their edges."""

import pytest

from services.reports.check.own_notice import traced
from services.reports.statements.notice_statements import attention_statements
from services.reports.statements.sentences import number_text
from services.reports.statements.statement import ReferencedNumber, Statement, StatementType
from services.reports.statements.target_statements import target_numbers, target_statements
from shared.domain.figures import Measures
from shared.domain.snapshot import Snapshot, snapshot_from_measures
from tests.support.notice434 import JULY, catalogue
from tests.support.notices import july


def message(snapshot: Snapshot, target: int) -> dict[StatementType, Statement]:
    return {statement.type: statement for statement in target_statements(snapshot, target)}


def text(number: ReferencedNumber | None) -> str:
    assert number is not None
    return number_text(number, "en").replace("\u00a0", " ")


def units(statement: Statement) -> set[str]:
    return {mention.unit for mention in statement.mentions}


def numbers(statement: Statement) -> dict[str, str]:
    return {mention.unit: text(mention.number) for mention in statement.mentions}


@pytest.mark.parametrize(
    ("target", "achieved", "goal", "attained"),
    [
        (1, "49,795", "48,000", "104 %"),
        (2, "40,676", "66,000", "61.6 %"),
        (5, "24,938", "51,000", "48.9 %"),
        (6, "801", "2,460", "32.6 %"),
        (7, "47,256", "400,000", "11.8 %"),
    ],
)
def test_totals(target: int, achieved: str, goal: str, attained: str) -> None:
    total = message(july(), target)["total_count"].numbers
    assert [text(total[name]) for name in ("achieved", "goal", "attainment")] == [achieved, goal, attained]


@pytest.mark.parametrize(
    ("target", "part", "whole", "goal"), [(3, "29,440", "90,471", "40 %"), (4, "10,594", "32,580", "80 %")]
)
def test_rates(target: int, part: str, whole: str, goal: str) -> None:
    total = message(july(), target)["total_ratio"].numbers
    shown = [text(total[name]) for name in ("numerator", "denominator", "rate", "goal")]
    assert shown == [part, whole, "32.5 %", goal]


@pytest.mark.parametrize(
    ("target", "kind", "expected"),
    [
        (1, "over_goal", {"phu-my", "hoai-nhon"}),
        (1, "no_change", {"military", "border-guard", "construction-college"}),
        (2, "over_goal", {"public-security", "hoai-an", "van-canh"}),
        (5, "at_goal", {"van-canh"}),
        (5, "little_change", {"vinh-thanh", "quy-nhon-university"}),
        (6, "at_goal", {"public-security"}),
        (7, "slower", {"an-lao", "vinh-thanh"}),
    ],
)
def test_units_that_are_named(target: int, kind: StatementType, expected: set[str]) -> None:
    statement = message(july(), target)[kind]
    assert units(statement) == expected
    assert statement.named
    assert statement.numbers["count"].value == len(expected)


@pytest.mark.parametrize(
    ("target", "kind", "expected"),
    [
        (
            1,
            "grew",
            {
                "businesses": "278 %",
                "technology-college": "85 %",
                "quy-nhon-university": "75 %",
                "tay-son": "120 %",
                "an-nhon": "202 %",
            },
        ),
        (2, "grew", {"technology-college": "133 %", "tay-son": "171 %", "an-nhon": "347 %"}),
        (4, "above_common", {"an-nhon": "61 %", "phu-my": "49 %", "tuy-phuoc": "42 %", "hoai-an": "37 %"}),
        (5, "grew", {"van-canh": "168 %", "an-nhon": "172 %"}),
    ],
)
def test_units_with_their_numbers(target: int, kind: StatementType, expected: dict[str, str]) -> None:
    statement = message(july(), target)[kind]
    assert numbers(statement) == expected
    values = [mention.number.value for mention in statement.mentions if mention.number is not None]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(("target", "kind", "count"), [(6, "grew", 13), (7, "over_goal", 7)])
def test_units_that_are_only_counted(target: int, kind: StatementType, count: int) -> None:
    statement = message(july(), target)[kind]
    assert not statement.named
    assert [statement.numbers[name].value for name in ("count", "total")] == [count, 20]


def test_seven_units_over_their_goal_are_explained_by_what_they_hold_of_it() -> None:
    assert text(message(july(), 7)["over_goal"].numbers["share"]) == "0.3 %"
    assert "share" not in message(july(), 2)["over_goal"].numbers


def test_new_accounts_diluted_the_rate() -> None:
    cause = message(july(), 3)["rate_diluted"].numbers
    shown = {name: text(number) for name, number in cause.items()}
    assert shown == {
        "rate": "32.5 %",
        "previous_rate": "37.9 %",
        "numerator_increase": "4,906",
        "denominator_increase": "25,673",
        "from_denominator": "10.7",
    }
    assert "rate_outpaced" in message(july(), 4)


def test_the_closing_names_what_needs_attention() -> None:
    closing = {statement.type: statement for statement in attention_statements(july())}
    assert [mention.targets for mention in closing["attention_low"].mentions] == [(7,), (6,), (4,), (5,)]
    assert [mention.targets for mention in closing["attention_diluted"].mentions] == [(3,)]
    stalled = {mention.unit: mention.targets for mention in closing["attention_stalled"].mentions}
    assert stalled == {
        "military": (1,),
        "border-guard": (1,),
        "construction-college": (1,),
        "vinh-thanh": (5,),
        "quy-nhon-university": (5,),
    }


def test_every_number_is_what_its_cells_say() -> None:
    statements = [one for target in target_numbers(july()) for one in target_statements(july(), target)]
    statements += attention_statements(july())
    result = [number for one in statements for number in one.numbers.values()]
    result += [mention.number for one in statements for mention in one.mentions if mention.number is not None]
    assert len(result) > 80
    for number in result:
        assert traced(number, july()) == number.value, number


def articles(now: dict[str, int], previous: dict[str, int], before: dict[str, int]) -> Snapshot:
    def measures(counts: dict[str, int]) -> Measures:
        return {("articles", unit): count for unit, count in counts.items()}

    return snapshot_from_measures(catalogue(), JULY, (measures(now), measures(previous), measures(before)))


def test_growth_of_exactly_three_quarters_is_named_but_not_counted() -> None:
    five = dict.fromkeys(["an-nhon", "hoai-an", "phu-cat", "phu-my", "tay-son"], 7)
    few = articles(five, dict.fromkeys(five, 4), {})
    assert units(message(few, 6)["grew"]) == set(five)
    more = articles(five | {"an-lao": 9}, dict.fromkeys([*five, "an-lao"], 4), {})
    assert units(message(more, 6)["grew"]) == {"an-lao"}


def test_growth_from_zero_is_new_and_never_a_percentage() -> None:
    snapshot = articles({"an-nhon": 3}, {}, {})
    assert units(message(snapshot, 6)["from_zero"]) == {"an-nhon"}
    assert "grew" not in message(snapshot, 6)


def test_little_change_is_not_said_of_a_unit_at_its_goal() -> None:
    snapshot = articles({"public-security": 1001, "quy-nhon": 101}, {"public-security": 1000, "quy-nhon": 100}, {})
    assert units(message(snapshot, 6)["little_change"]) == {"quy-nhon"}


def test_a_ratio_of_nothing_says_so_and_nothing_else() -> None:
    assert list(message(articles({}, {}, {}), 3)) == ["total_none"]


def test_a_rate_that_prints_the_same_has_not_moved() -> None:
    def accounts(transacted: int) -> Measures:
        return {("member_accounts", "an-nhon"): 100_000, ("transacted_accounts", "an-nhon"): transacted}

    snapshot = snapshot_from_measures(catalogue(), JULY, (accounts(30_010), accounts(30_020), {}))
    assert "rate_same" in message(snapshot, 3)
    assert all(one.type != "attention_diluted" for one in attention_statements(snapshot))


def test_fewer_transactions_are_not_called_dilution() -> None:
    def accounts(opened: int, transacted: int) -> Measures:
        return {("member_accounts", "an-nhon"): opened, ("transacted_accounts", "an-nhon"): transacted}

    fewer = snapshot_from_measures(catalogue(), JULY, (accounts(100, 30), accounts(100, 40), {}))
    assert "rate_fewer" in message(fewer, 3)
    shrunk = snapshot_from_measures(catalogue(), JULY, (accounts(80, 40), accounts(100, 40), {}))
    assert "rate_shrunk" in message(shrunk, 3)
