"""Composition root of `notify`."""

from datetime import timedelta
from functools import partial

from flask import Flask

from ..chassis import ids
from ..chassis.consumer import Consumer
from ..chassis.http import create_flask, make_api
from ..chassis.process import Process
from ..chassis.relay import Relay
from ..chassis.settings import Settings
from ..chassis.wiring import bind
from ..contracts import topics
from . import api, pages
from .channels import Channel
from .channels.email import EmailChannel
from .channels.mailbox import MailboxChannel
from .composing import Composer
from .delivery import Delivery
from .domain import EMAIL, MAILBOX, Outbound
from .handlers import HANDLERS
from .rendering import Renderer
from .store import ConversationStore, MailboxStore, NotificationStore, ProfileStore

NAME = "notify"
HEARS = (topics.FEEDBACK, topics.TRIAGE)


def create_app(process: Process) -> Flask:
    """The pages /notify/ and /mailbox/, and the API."""
    store, settings, clock = process.store(NAME), process.settings, process.clock
    conversations, notifications = ConversationStore(store), NotificationStore(store)
    app = create_flask(__name__, settings, clock, checks={"database": process.ping})
    app.register_blueprint(pages.ledger.blueprint(conversations, notifications, clock, settings.time_zone))
    if settings.uses_mailbox:
        app.register_blueprint(pages.mailbox.blueprint(MailboxStore(store), settings))
    documented = make_api(app, "Liaise: notifications")
    documented.register_blueprint(api.blueprint(notifications))
    return app


def create_relay(process: Process) -> Relay:
    """Publishes what became of messages."""
    return Relay(
        [NotificationStore(process.store(NAME)).collection], process.log, process.keyring, process.lease(NAME, "relay")
    )


def create_consumer(process: Process, poll_seconds: float = 1.0) -> Consumer:
    """Hears what has to be told."""
    store, settings = process.store(NAME), process.settings
    handlers = bind(
        HANDLERS,
        process.clock,
        conversations=ConversationStore(store),
        notifications=NotificationStore(store),
        profiles=ProfileStore(store),
        unseal=process.keyring.unseal,
        outbound=outbound(settings),
    )
    return Consumer(NAME, HEARS, handlers, process.log, poll_seconds)


def outbound(settings: Settings) -> Outbound:
    """What this install adds to every message."""
    secret = settings.secret_key.reveal()
    return Outbound(
        channel=MAILBOX if settings.uses_mailbox else EMAIL,
        domain=settings.mail_domain,
        identify=partial(ids.keyed, secret, "notification"),
        refer=partial(ids.signed_reference, secret, "reply"),
        receipts_per_day=settings.receipts_per_day,
    )


def create_delivery(process: Process) -> Delivery:
    """Sends what is due."""
    store, settings = process.store(NAME), process.settings
    prove = partial(ids.signed_reference, settings.secret_key.reveal(), "profile")
    composer = Composer(Renderer(settings.public_url, settings.time_zone, prove), settings.mail_from)
    return Delivery(
        notifications=NotificationStore(store),
        conversations=ConversationStore(store),
        channel=_channel(process),
        compose=composer.compose,
        clock=process.clock,
        lease=timedelta(seconds=settings.delivery_lease_seconds),
    )


def migrate(process: Process) -> None:
    """Make the indexes."""
    store = process.store(NAME)
    for collection in (ConversationStore(store), NotificationStore(store), MailboxStore(store)):
        collection.ensure_indexes()


def _channel(process: Process) -> Channel:
    url = process.settings.smtp_url
    return EmailChannel(url.reveal()) if url else MailboxChannel(MailboxStore(process.store(NAME)))
