"""Wires the notifier: the only place that knows how its parts fit together."""

import contextlib
import logging
from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx
from fastapi import FastAPI
from faststream.redis import RedisBroker

from services.notifier.api import build_api
from services.notifier.consumer import subscribe
from services.notifier.digests.renderer import Letters, LetterSettings
from services.notifier.evaluations import TAG, EvaluationRepository
from services.notifier.evaluator import Evaluator
from services.notifier.instruments import Instruments
from services.notifier.leases import Lease
from services.notifier.metrics_source import Figures
from services.notifier.notification_planner import NotificationPlanner
from services.notifier.outbox.delivery import Delivery
from services.notifier.outbox.http_senders import AlertmanagerSender, WebhookSender
from services.notifier.outbox.mailer import Mailer, MailServer
from services.notifier.outbox.messages import Channel, Sender
from services.notifier.outbox.outbox import BackOff, Outbox
from services.notifier.scheduler import Scheduler
from services.notifier.settings import NotifierSettings
from services.notifier.workers import Runner
from shared.domain.calendar import load_calendar
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import Clock, system_clock
from shared.runtime.server import listen, serve_with
from shared.runtime.settings import SettingsError, read_secret
from shared.runtime.store import connect, redis_options

log = logging.getLogger(__name__)

HTTP_TIMEOUT = httpx.Timeout(15.0)


class Parts(NamedTuple):
    """What a running notifier consists of."""

    api: FastAPI
    runner: Runner
    mornings: Scheduler


def build(settings: NotifierSettings, clock: Clock = system_clock) -> Parts:
    """The service, which connects when it starts.

    Raises:
        CatalogueError, CalendarError, SettingsError: what the service needs cannot be used.
    """
    catalogue = load_catalogue(settings.catalogue)
    calendar = load_calendar(settings.calendar)
    redis = connect(settings)
    client = httpx.AsyncClient(timeout=HTTP_TIMEOUT)
    senders = senders_of(settings, client, clock)
    channels = frozenset(senders)
    instruments = Instruments(channels)
    outbox = Outbox(redis, clock, BackOff(attempts=settings.mail_attempts))
    election = Lease(redis, TAG)
    archive = EvaluationRepository(redis, election.fence_key)
    figures = Figures(client, settings.metrics_url)
    letters = Letters(
        catalogue,
        LetterSettings(settings.board_url, settings.mail_domain, settings.mail_from, settings.mail_office),
    )
    correspondence = NotificationPlanner(catalogue, calendar, figures, archive, outbox, letters, channels, clock)
    evaluator = Evaluator(figures, archive, catalogue, calendar)
    mornings = Scheduler(
        election,
        evaluator,
        correspondence,
        archive,
        outbox,
        channels,
        calendar,
        instruments,
        clock,
    )
    deliveries = [Delivery(outbox, channel, sender, instruments) for channel, sender in senders.items()]
    broker = RedisBroker(**redis_options(settings), logger=logging.getLogger("faststream"))
    subscribe(broker, mornings)
    runner = Runner(redis, client, broker, mornings, deliveries, election)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log.info("notifier started", extra={"port": settings.notifier_port, "channels": sorted(channels)})
        yield
        log.info("notifier stopped")

    api = build_api(mornings, archive, outbox, instruments, clock, lifespan=lifespan)
    return Parts(api, runner, mornings)


def senders_of(settings: NotifierSettings, client: httpx.AsyncClient, clock: Clock) -> dict[Channel, Sender]:
    """A sender for every channel that is configured.

    Raises:
        SettingsError: a webhook without a secret.
    """
    senders: dict[Channel, Sender] = {}
    if settings.smtp_host is not None:
        server = MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.mail_from,
            security=settings.smtp_security,
            username=settings.smtp_username,
            password_file=settings.smtp_password_file,
            ca_file=settings.smtp_ca_file,
        )
        senders["mail"] = Mailer(server)
    if settings.webhook_url is not None:
        if settings.webhook_secret_file is None:
            raise SettingsError("PULSE_WEBHOOK_SECRET_FILE: a webhook needs a secret its posts are signed with")
        secret = read_secret(settings.webhook_secret_file, "PULSE_WEBHOOK_SECRET_FILE")
        senders["webhook"] = WebhookSender(client, settings.webhook_url, secret, clock)
    if settings.alertmanager_url is not None:
        senders["alertmanager"] = AlertmanagerSender(client, settings.alertmanager_url)
    return senders


async def serve(settings: NotifierSettings, clock: Clock = system_clock) -> None:
    """Run the service until it is told to stop.

    Raises:
        PortTakenError: something else listens on the port.
    """
    parts = build(settings, clock)
    with listen(settings.host, settings.notifier_port, "PULSE_NOTIFIER_PORT") as bound:
        await serve_with(parts.api, bound, parts.runner.run())
