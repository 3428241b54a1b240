"""Wires the notifier: builds its parts, declares its streams, opens and closes its connections."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

import httpx
from fastapi import FastAPI
from faststream.redis import RedisBroker, StreamSub

from services.notifier.api import build_api
from services.notifier.digests.renderer import DigestRenderer, DigestSettings
from services.notifier.evaluations import TAG, EvaluationRepository, Evaluator
from services.notifier.instruments import Instruments, StateGauges
from services.notifier.notification_planner import NotificationPlanner
from services.notifier.outbox.delivery import Delivery
from services.notifier.outbox.http_senders import AlertmanagerSender, WebhookSender
from services.notifier.outbox.mailer import Mailer, MailServer, check_files
from services.notifier.outbox.messages import Channel, ChannelSender, address
from services.notifier.outbox.outbox import BackOff, Outbox
from services.notifier.scheduler import Lease, Scheduler
from services.notifier.settings import NotifierSettings
from shared.clients.metrics import MetricsClient
from shared.contracts.flags import FlagChanged
from shared.contracts.metrics import ProgressChanged
from shared.domain.calendar import load_calendar
from shared.domain.catalogue import load_catalogue
from shared.domain.clock import Clock, system_clock
from shared.http.authentication import Authentication
from shared.http.keys import keys_of
from shared.log.keys import FLAGS, PROGRESS
from shared.runtime import server
from shared.runtime.server import running_workers, set_within
from shared.runtime.settings import SettingsError, read_secret
from shared.runtime.store import REDIS_ERRORS, connect, keep_subscribed, make_broker

log = logging.getLogger(__name__)

HTTP_TIMEOUT = httpx.Timeout(15.0)
"""For posts to a webhook or to Alertmanager; the client of metrics has its own."""

DELIVERY_PAUSE = 0.5
"""Seconds between two looks for a due message."""

GRACE = 1.5
"""Seconds that an attempt under way is given when the process is stopped; then it is cut off, and the outbox brings its
message back when the lease ends. What a server has accepted by then is known as SENT, or sent twice:
docs/decisions/0030-outbox.md."""


class Parts(NamedTuple):
    """A notifier: its application, its scheduler, and its connections without any worker."""

    api: FastAPI
    scheduler: Scheduler
    connections: Callable[[], AbstractAsyncContextManager[None]]


def build(settings: NotifierSettings, clock: Clock = system_clock) -> Parts:
    """The service, which connects within its lifespan.

    Raises:
        CatalogueError, CalendarError, SettingsError: what the service needs cannot be used.
    """
    catalogue = load_catalogue(settings.catalogue)
    calendar = load_calendar(settings.calendar)
    redis = connect(settings)
    client = httpx.AsyncClient(timeout=HTTP_TIMEOUT)
    broker = make_broker(settings)
    senders = senders_of(settings, client, clock)
    channels = frozenset(senders)
    instruments = Instruments(channels)
    outbox = Outbox(redis, clock, BackOff(attempts=settings.mail_attempts))
    lease = Lease(redis, TAG)
    evaluations = EvaluationRepository(redis, lease.fence_key)
    metrics = MetricsClient(client, settings.metrics_url, "metrics (PULSE_METRICS_URL)")
    renderer = DigestRenderer(
        catalogue,
        DigestSettings(
            base_url=settings.board_url,
            domain=settings.mail_domain,
            sender=settings.mail_from,
            office=settings.mail_office,
            reply_to=settings.mail_reply_to,
            contact=settings.mail_contact,
        ),
    )
    planner = NotificationPlanner(catalogue, calendar, metrics, evaluations, outbox, renderer, channels, clock)
    evaluator = Evaluator(metrics, evaluations, catalogue, calendar, clock)
    gauges = StateGauges(instruments, evaluations, evaluator, outbox, channels, clock)
    scheduler = Scheduler(lease, evaluator, planner, instruments, gauges, clock)
    deliveries = [Delivery(outbox, channel, sender, instruments) for channel, sender in senders.items()]
    declare_streams(broker, scheduler.progress_changed)

    @contextlib.asynccontextmanager
    async def connections() -> AsyncIterator[None]:
        try:
            yield
        finally:
            with contextlib.suppress(*REDIS_ERRORS):
                await lease.resign()
            await broker.stop()
            await client.aclose()
            await redis.aclose()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log.info("notifier started", extra={"port": settings.notifier_port, "channels": sorted(channels)})
        async with connections(), running_workers(scheduler.run(), keep_subscribed(broker)), delivering(deliveries):
            yield
        log.info("notifier stopped")

    return Parts(
        build_api(
            scheduler,
            evaluations,
            outbox,
            instruments,
            broker,
            calendar,
            clock,
            Authentication(keys_of(settings.keys_file, catalogue), clock, instruments.registry),
            host_names=settings.host_names,
            lifespan=lifespan,
        ),
        scheduler,
        connections,
    )


def declare_streams(broker: RedisBroker, progress_changed: Callable[[ProgressChanged], None]) -> None:
    """Hand every entry of `progress` from now on to `progress_changed`, and describe `flags`.

    `flags` is published by the script that stores an evaluation (`lua/store.lua`), so that no crash can part the two.
    """

    @broker.subscriber(stream=StreamSub(PROGRESS, polling_interval=1000), title=PROGRESS)
    async def progress(changed: ProgressChanged) -> None:
        progress_changed(changed)

    broker.publisher(
        stream=FLAGS,
        title=FLAGS,
        description="Flags that an evaluation raised, changed or cleared, in the transaction that stores it.",
        schema=FlagChanged,
    )


@contextlib.asynccontextmanager
async def delivering(deliveries: Sequence[Delivery]) -> AsyncIterator[None]:
    """Run `deliveries` beside the block; after it, attempts under way have GRACE seconds to end.

    Raises:
        Exception: what ended a delivery.
    """
    stop = asyncio.Event()
    ended = [asyncio.Event() for _ in deliveries]

    async def deliver(delivery: Delivery, end: asyncio.Event) -> None:
        try:
            await delivery.run(stop, DELIVERY_PAUSE)
        finally:
            end.set()
        await asyncio.Event().wait()

    async with running_workers(*map(deliver, deliveries, ended)):
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*(set_within(end, GRACE) for end in ended))


def senders_of(settings: NotifierSettings, client: httpx.AsyncClient, clock: Clock) -> dict[Channel, ChannelSender]:
    """A sender for every channel that is configured.

    Raises:
        SettingsError: a webhook without a secret, a file that cannot be read, no address for bounces.
    """
    senders: dict[Channel, ChannelSender] = {}
    if settings.smtp_host is not None:
        server = MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=address("", settings.mail_bounces or settings.mail_from).addr_spec,
            security=settings.smtp_security,
            username=settings.smtp_username,
            password_file=settings.smtp_password_file,
            ca_file=settings.smtp_ca_file,
            helo=settings.mail_helo or settings.mail_domain,
        )
        check_files(server)
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
    """Run the service until SIGTERM or SIGINT.

    Raises:
        PortTakenError: something else listens on the port.
    """
    app = build(settings, clock).api
    with server.listen(settings.host, settings.notifier_port, "PULSE_NOTIFIER_PORT") as bound:
        await server.serve(app, bound)
