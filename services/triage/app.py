"""Composes triage from its rooms."""

from typing import Final

import structlog
from flask import Flask

from ..chassis.consumer import Consumer
from ..chassis.http import create_flask, make_api
from ..chassis.identity import Identity
from ..chassis.mongo import ensure_indexes
from ..chassis.process import Process
from ..chassis.relay import Relay
from ..chassis.wiring import bind
from ..contracts import topics
from . import api, pages
from .handlers import HANDLERS
from .handlers import accounts as people
from .handlers import directory as registry
from .schemas.directory import demo, demo_passwords, read_file
from .store import AccountStore, AttemptStore, CaseStore, UnitStore, watch_cases
from .store import accounts as accounts_indexes
from .store import cases as cases_indexes
from .store import units as units_indexes

logger = structlog.get_logger()

NAME: Final = "triage"
HEARS: Final = (topics.FEEDBACK, topics.NOTIFY)


def create_app(process: Process) -> Flask:
    """The pages and the API."""
    store = process.store(NAME)
    cases, units, accounts, attempts = CaseStore(store), UnitStore(store), AccountStore(store), AttemptStore(store)
    app = create_flask(__name__, process.settings, process.clock, {"database": process.ping})
    make_api(app, "Liaise: cases").register_blueprint(api.blueprint(cases, units, accounts, process.clock))
    app.register_blueprint(pages.queue(cases, units, accounts, process.clock))
    app.register_blueprint(pages.case(cases, units, accounts, process.clock))
    app.register_blueprint(pages.directory(units, accounts, cases, process.clock))
    app.register_blueprint(pages.password(accounts, attempts, process.clock))
    app.register_blueprint(pages.sign_in(accounts, units, attempts, process.clock, demo(process.settings)))
    return app


def create_relay(process: Process) -> Relay:
    """What publishes triage.* and directory.*."""
    store = process.store(NAME)
    collections = [CaseStore(store).documents, UnitStore(store).documents]
    return Relay(collections, process.log, process.keyring, process.lease(NAME, "relay"))


def create_consumer(process: Process, poll_seconds: float = 1.0) -> Consumer:
    """What hears feedback.* and notify.*."""
    store = process.store(NAME)
    cases, units, accounts = CaseStore(store), UnitStore(store), AccountStore(store)
    watch_cases(cases, units, accounts, process.clock)
    handlers = bind(
        HANDLERS,
        process.clock,
        cases=cases,
        units=units,
        accounts=accounts,
        unseal=process.keyring.unseal,
    )
    return Consumer(NAME, HEARS, handlers, process.log, poll_seconds)


def migrate(process: Process) -> None:
    """Make the indexes and, in an empty registry, the first directory; safe to repeat. Raises BadSetting.

    Where the demo is over, passwords that stand in a directory file open nothing any more.
    """
    store = process.store(NAME)
    ensure_indexes(store["cases"], cases_indexes.INDEXES)
    ensure_indexes(store["units"], units_indexes.INDEXES)
    ensure_indexes(store["accounts"], accounts_indexes.INDEXES)
    ensure_indexes(store["attempts"], accounts_indexes.ATTEMPT_INDEXES)
    units, accounts = UnitStore(store), AccountStore(store)
    if not units.is_seeded():
        first, password = read_file(process.settings.directory_file)
        registry.seed(first, password if demo(process.settings) else None, units, accounts, process.clock.now())
    if not process.settings.is_trial:
        cleared = people.clear_passwords(demo_passwords(process.settings), accounts)
        if cleared:
            logger.warning(
                "demo passwords taken away; `liaise account add` gives an account a new one", accounts=cleared
            )


def add_account(process: Process, name: str, email: str, role: str, password: str | None = None) -> Identity:
    """A new member of staff; raises Invalid, Conflict."""
    accounts = AccountStore(process.store(NAME))
    account = people.add(people.AddAccount(name=name, email=email, role=role, password=password), accounts)
    return people.identity(account, UnitStore(process.store(NAME)))


def find_account(process: Process, name: str) -> Identity:
    """The active account of an id or mail address; raises NotFound."""
    store = process.store(NAME)
    return people.find(name, AccountStore(store), UnitStore(store))
