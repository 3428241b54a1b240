"""The flags under the table of `pulse5299 run`."""

from services.cli.flags import flags_text
from shared.contracts.flags import Direction, Flag
from tests.support.sample_flags import LAG, PROVINCE, SURGE


def flag(number: int, direction: Direction, severity: float) -> Flag:
    """A flag whose sentence is its number."""
    verdict = LAG.verdict.model_copy(update={"severity": severity})
    return LAG.model_copy(update={"direction": direction, "verdict": verdict, "sentence_en": f"flag {number}"})


def test_five_flags_are_shown_lags_first_then_the_most_severe() -> None:
    flags = [
        flag(6, "surge", 9.0),
        flag(7, "surge", 8.0),
        flag(3, "lag", 1.0),
        flag(4, "lag", 0.5),
        flag(2, "lag", 2.0),
        flag(1, "lag", 3.0),
        PROVINCE,
    ]
    counts, *lines = flags_text(flags).splitlines()
    assert counts == "7 flags: 4 lag, 2 surge, 1 province-wide"
    assert [line.rpartition("flag ")[2] for line in lines] == ["1", "2", "3", "4", "6"]
    assert lines[0].startswith("▼ lags")
    assert lines[4].startswith("▲ surges")


def test_fewer_than_five_flags_are_all_shown_and_none_is_said_so() -> None:
    assert len(flags_text([SURGE, LAG]).splitlines()) == 3
    assert flags_text([]) == "No flags.\n"
