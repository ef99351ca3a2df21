"""All four services in one process: one port, one store, one log, a thread per loop, one SIGTERM."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from .chassis.consumer import Consumer
from .chassis.embedded_store import EmbeddedStore, only_one
from .chassis.eventlog import topic_specs
from .chassis.http import operations_app
from .chassis.process import Process, open_process
from .chassis.relay import Relay
from .chassis.serving import Server, require_free
from .chassis.settings import Settings
from .chassis.worker import Loop, Runner
from .feedback import app as feedback
from .insights import app as insights
from .notify import app as notify
from .triage import app as triage

TOPICS_FILE = Path(__file__).parents[1] / "deploy" / "topics.yaml"
OPERATIONS = "operations"


class Service(Protocol):
    """What every service's app.py offers."""

    NAME: str
    HEARS: tuple[str, ...]

    def create_app(self, process: Process) -> Flask: ...
    def create_relay(self, process: Process) -> Relay | None: ...
    def create_consumer(self, process: Process, poll_seconds: float = 1.0) -> Consumer: ...
    def migrate(self, process: Process) -> None: ...


SERVICES: Mapping[str, Service] = {service.NAME: service for service in (triage, feedback, notify, insights)}
"""In the order in which they migrate: the directory first."""

PREFIXES: Mapping[str, tuple[str, ...]] = {
    "triage": ("/triage", "/sign-in", "/sign-out", "/v1/cases", "/v1/directory"),
    "notify": ("/notify", "/mailbox", "/v1/notifications"),
    "insights": ("/insights", "/v1/insights"),
    OPERATIONS: ("/health", "/metrics"),
}
"""Who answers which public path; everything else is feedback's. The gateway has the same table."""


def service_of(path: str) -> str:
    """The name of who answers a path."""
    for name, prefixes in PREFIXES.items():
        if any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes):
            return name
    return feedback.NAME


def dispatcher(apps: Mapping[str, WSGIApplication]) -> WSGIApplication:
    """One WSGI app over the services' apps."""

    def application(request: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return apps[service_of(request.get("PATH_INFO", "/"))](request, start_response)

    return application


def loops(process: Process) -> list[Loop]:
    """Every loop of the product: relays, consumers, delivery, chores."""
    parts: dict[str, Any] = {}
    for name, service in SERVICES.items():
        parts[f"relay {name}"] = service.create_relay(process)
        parts[f"consume {name}"] = service.create_consumer(process)
    parts["deliver"] = notify.create_delivery(process)
    looping = [Loop(name, part.run_once, part.close) for name, part in parts.items() if part]
    return [*looping, *feedback.chores(process)]


def run(settings: Settings, announce: Callable[[Settings], None]) -> None:
    """Run everything until SIGTERM or SIGINT; raises BadSetting with a plain sentence when it cannot."""
    with only_one(settings.data_dir), ExitStack() as stack:
        require_free(settings.host, settings.port, "PORT")
        require_free(settings.mail_host, settings.mail_port, "MAIL_LISTEN")
        if settings.lmtp_listen:
            require_free(*settings.lmtp_listen, "LMTP_LISTEN")
        process, own = _process(settings, stack)
        migrate(process)
        runner = Runner([*loops(process), *own])
        mail = feedback.create_mail(process)
        mail.start()
        stack.callback(mail.stop)
        server = Server(public_app(process, runner), settings.host, settings.port, max_body=settings.max_upload)
        stack.callback(server.stop)
        server.start()
        announce(settings)
        runner.run()


def public_app(process: Process, runner: Runner) -> WSGIApplication:
    """The whole product as one WSGI app."""
    apps = {name: service.create_app(process).wsgi_app for name, service in SERVICES.items()}
    operations = operations_app({"database": process.ping, "loops": runner.check})
    return dispatcher({**apps, OPERATIONS: operations.wsgi_app})


def migrate(process: Process) -> None:
    """Bring indexes, seeds and topics up to date; safe to repeat."""
    for service in SERVICES.values():
        service.migrate(process)
    process.log.create_topics(topic_specs(TOPICS_FILE))


def _process(settings: Settings, stack: ExitStack) -> tuple[Process, list[Loop]]:
    """The parts, over an own store unless the settings name one, and the loop that watches it."""
    if settings.mongodb_uri:
        return open_process(settings), []
    store = EmbeddedStore(settings.data_dir)
    stack.callback(store.stop)
    return open_process(replace(settings, mongodb_uri=store.uri)), [Loop("store", store.watch, idle_seconds=1.0)]
