"""What a key limited to one unit takes from another is counted as it says, and never hidden."""

from pathlib import Path

import httpx

from shared.http.keys import digest_of
from tests.support.bearer import TOKEN
from tests.support.processes import System
from tests.support.sample_events import event
from tests.support.waiting import wait_until

UNITS_KEY = '[[keys]]\nname = "phu-my"\nsha256 = "{}"\nunits = ["phu-my"]\n'


def test_moved_and_ended_entities_are_listed_for_both_units(tmp_path: Path) -> None:
    with System(tmp_path) as system:
        with (tmp_path / "keys.toml").open("a") as keys:
            keys.write(UNITS_KEY.format(digest_of("a key of Phu My")))
        system.start()
        accounts = [event(id=f"a{n}", subject=f"account-{n}") for n in range(5)]
        article = event("article.published", id="b", subject="https://example.vn/1")
        send(system, TOKEN, [*accounts, article])
        moved = [
            event(id=f"m{n}", subject=f"account-{n}", time="2023-06-30T09:00:00+07:00", data=PHU_MY) for n in range(3)
        ]
        withdrawn = event("article.withdrawn", id="w", subject="https://example.vn/1", data={"unit": "phu-my"})
        send(system, "a key of Phu My", [*moved, withdrawn])
        wait_until(lambda: system.metrics.get("/v1/positions")["waiting"] == 0, "everything is counted")
        rows = {(row["unit"], row["kind"]): row["entities"] for row in system.metrics.get("/v1/contested")["rows"]}
        assert rows == {("an-nhon", "account"): 3, ("phu-my", "account"): 3, ("tuy-phuoc", "article"): 1}
        listed = system.metrics.get("/v1/contested/entities", unit="an-nhon")
        assert [(row["kind"], row["units"]) for row in listed["rows"]] == [("account", ["an-nhon", "phu-my"])] * 3
        assert system.metrics.metric("pulse_contested_entities") == 7
        assert system.metrics.client.get("/v1/contested/entities", params={"unit": "nowhere"}).status_code == 404


PHU_MY = {"unit": "phu-my", "holder": "member"}


def send(system: System, token: str, events: list[dict[str, object]]) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cloudevents-batch+json"}
    answer = system.ingest.client.post("/v1/events", json=events, headers=headers)
    assert answer.status_code == httpx.codes.ACCEPTED
    assert answer.json() == {"accepted": len(events), "rejected": []}
