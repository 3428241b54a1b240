"""An evaluation that release 0.1 stored is read as it was."""

from pathlib import Path

from services.notifier.evaluations import StoredEvaluation

STORED = Path(__file__).parents[2] / "data" / "release-0.1" / "evaluation.json"


def test_an_evaluation_of_release_0_1_is_read() -> None:
    evaluation = StoredEvaluation.model_validate_json(STORED.read_bytes())
    [flag] = evaluation.standing
    assert (flag.unit, flag.target, flag.direction) == ("an-nhon", 5, "surge")
    gate = flag.verdict.gate
    assert gate is not None
    assert (gate.previous, gate.own_ratio, flag.verdict.severity) == (None, None, 0.0)
    assert evaluation.state.standing == evaluation.standing
