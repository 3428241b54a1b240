"""Flags in JSON: the direction is named "kind" wherever a flag stands, and read back from it."""

import datetime as dt
import json

from shared.contracts.flags import Flag, FlagChanged, FlagsResponse
from tests.support.sample_flags import LAG


def test_the_direction_is_kind_in_json() -> None:
    dumped = LAG.model_dump(mode="json")
    assert (dumped["kind"], "direction" in dumped) == ("lag", False)
    assert json.loads(LAG.model_dump_json()) == dumped
    assert Flag.model_validate(dumped) == LAG


def test_so_it_is_within_other_models() -> None:
    day = dt.date(2023, 7, 21)
    changed = FlagChanged(change="raised", day=day, flag=LAG)
    assert changed.model_dump(mode="json")["flag"]["kind"] == "lag"
    assert FlagChanged.model_validate_json(changed.model_dump_json()) == changed
    response = FlagsResponse(as_of=day, evaluated_on=day, flags=[LAG], verdicts=[])
    assert response.model_dump(mode="json")["flags"][0]["kind"] == "lag"
