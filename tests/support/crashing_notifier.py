"""A notifier that breaks at a chosen point: `main(["notifier"])`, with the point in BREAK_AT.

"delivery" raises what no sender should; every other point ends the process as kill -9 ends it, the first time only
(BREAK_TALLY is the file that remembers). The service itself has no hook for this.
"""

import asyncio
import datetime as dt
import os
import signal
from functools import partial
from pathlib import Path

import services.notifier.app
from services.cli.services import run_service
from services.notifier.evaluations import EvaluationRepository, StoredEvaluation
from services.notifier.outbox.mailer import Mailer
from services.notifier.outbox.messages import Channel, Message, MessageState
from services.notifier.outbox.outbox import MessageClaim, Outbox
from services.notifier.settings import NotifierSettings
from tests.support.clock import process_clock


async def crash(point: str) -> None:
    """End the process if this is the point and it has not ended there yet, with no attempt to deliver under way.

    An attempt cut short would be due again only when its lease ends; `tests/faults/test_delivery_crashes.py` has those.
    """
    if os.environ["BREAK_AT"] != point:
        return
    tally = Path(os.environ["BREAK_TALLY"])
    if not tally.exists():  # noqa: ASYNC240
        CrashingOutbox.closing = True
        while CrashingOutbox.attempts:
            await asyncio.sleep(0.01)
        tally.touch()  # noqa: ASYNC240
        os.kill(os.getpid(), signal.SIGKILL)


class BreakingMailer(Mailer):
    async def send(self, message: Message) -> str:
        if os.environ["BREAK_AT"] == "delivery":
            raise LookupError("an unexpected error of a sender")
        return await super().send(message)


class CrashingEvaluationRepository(EvaluationRepository):
    async def store(self, evaluation: StoredEvaluation, before: StoredEvaluation | None, term: int) -> None:
        await crash("before an evaluation is stored")
        await super().store(evaluation, before, term)
        await crash("after an evaluation is stored")

    async def record_digested(self, day: object) -> None:
        await crash("before the day is marked")
        await super().record_digested(day)  # type: ignore[arg-type]
        await crash("after the day is marked")


class CrashingOutbox(Outbox):
    closing = False
    attempts = 0
    """Under way, from before the claim to after its end is recorded."""

    recorded = 0

    async def claim(self, channel: Channel) -> MessageClaim | None:
        if CrashingOutbox.closing:
            return None
        CrashingOutbox.attempts += 1
        claim = await super().claim(channel)
        if claim is None:
            CrashingOutbox.attempts -= 1
        return claim

    async def _settled(self, claim: MessageClaim, state: MessageState, due: dt.datetime, note: str) -> bool:
        settled = await super()._settled(claim, state, due, note)
        CrashingOutbox.attempts -= 1
        return settled

    async def record(self, message: Message) -> bool:
        await crash("before the outbox")
        new = await super().record(message)
        self.recorded += 1
        if self.recorded == 2:
            await crash("between messages")
        return new


def main(command: list[str]) -> None:
    assert command == ["notifier"]
    wired = vars(services.notifier.app)
    wired |= {"Mailer": BreakingMailer, "EvaluationRepository": CrashingEvaluationRepository, "Outbox": CrashingOutbox}
    run_service("notifier", NotifierSettings, partial(services.notifier.app.serve, clock=process_clock()))
