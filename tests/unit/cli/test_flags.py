"""The flags under the table of `pulse5299 run`."""

from services.cli.flags import flags_text
from shared.contracts.flags import Direction, Flag
from tests.support.sample_flags import LAG, SURGE


def flag(number: int, direction: Direction, q: float | None) -> Flag:
    """A flag whose sentence is its number."""
    evidence = LAG.verdict.evidence
    assert evidence is not None
    verdict = LAG.verdict.model_copy(update={"evidence": None if q is None else evidence.model_copy(update={"q": q})})
    return LAG.model_copy(update={"direction": direction, "verdict": verdict, "sentence_en": f"flag {number}"})


def test_five_flags_are_shown_lags_first_then_the_least_likely_chance() -> None:
    flags = [
        flag(6, "surge", 0.001),
        flag(7, "surge", 0.01),
        flag(3, "lag", 0.1),
        flag(4, "lag", None),
        flag(2, "lag", 0.02),
        flag(1, "lag", 0.0),
        flag(8, "surge", None),
    ]
    counts, *lines = flags_text(flags).splitlines()
    assert counts == "7 flags: 4 lag, 3 surge"
    assert [line.rpartition("flag ")[2] for line in lines] == ["1", "2", "3", "4", "6"]
    assert lines[0].startswith("▼ lags")
    assert lines[4].startswith("▲ surges")


def test_fewer_than_five_flags_are_all_shown_and_none_is_said_so() -> None:
    assert len(flags_text([SURGE, LAG]).splitlines()) == 3
    assert flags_text([]) == "No flags.\n"
