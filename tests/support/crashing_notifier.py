"""A notifier that breaks at a chosen point: `main(["notifier"])`, with the point in BREAK_AT.

"delivery" raises what no sender should; every other point ends the process as kill -9 ends it, the first time only
(BREAK_TALLY is the file that remembers). The service itself has no hook for this.
"""

import os
import signal
from functools import partial
from pathlib import Path

import services.notifier.app
from services.cli.services import run_service
from services.notifier.evaluations import EvaluationRepository, StoredEvaluation
from services.notifier.outbox.mailer import Mailer
from services.notifier.outbox.messages import Message
from services.notifier.outbox.outbox import Outbox
from services.notifier.settings import NotifierSettings
from tests.support.clock import process_clock


def crash(point: str) -> None:
    if os.environ["BREAK_AT"] != point:
        return
    tally = Path(os.environ["BREAK_TALLY"])
    if not tally.exists():
        tally.touch()
        os.kill(os.getpid(), signal.SIGKILL)


class BreakingMailer(Mailer):
    async def send(self, message: Message) -> str:
        if os.environ["BREAK_AT"] == "delivery":
            raise LookupError("an unexpected error of a sender")
        return await super().send(message)


class CrashingEvaluationRepository(EvaluationRepository):
    async def store(self, evaluation: StoredEvaluation, before: StoredEvaluation | None, term: int) -> None:
        crash("before an evaluation is stored")
        await super().store(evaluation, before, term)
        crash("after an evaluation is stored")

    async def mark_digested(self, day: object) -> None:
        crash("before the day is marked")
        await super().mark_digested(day)  # type: ignore[arg-type]
        crash("after the day is marked")


class CrashingOutbox(Outbox):
    recorded = 0

    async def record(self, message: Message) -> bool:
        crash("before the outbox")
        new = await super().record(message)
        self.recorded += 1
        if self.recorded == 2:
            crash("between messages")
        return new


def main(command: list[str]) -> None:
    assert command == ["notifier"]
    wired = vars(services.notifier.app)
    wired |= {"Mailer": BreakingMailer, "EvaluationRepository": CrashingEvaluationRepository, "Outbox": CrashingOutbox}
    run_service("notifier", NotifierSettings, partial(services.notifier.app.serve, clock=process_clock()))
