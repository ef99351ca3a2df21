"""What every test stands on: a real embedded database, a frozen clock, and all four services as one world."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from services.chassis import ids
from services.chassis import settings as configuration
from services.chassis.clock import FrozenClock
from services.chassis.embedded_store import EmbeddedStore, free_port
from services.chassis.process import Process, open_process
from services.chassis.settings import Settings

if TYPE_CHECKING:
    from tests.world import World

pytest_plugins = ["tests.kafka.fixtures"]

MONDAY_MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET_KEY = "a secret for tests alone, long enough"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    """The embedded database, once per worker."""
    store = EmbeddedStore(tmp_path_factory.mktemp("store"))
    yield store
    store.stop()


@pytest.fixture
def settings(store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings as an operator would give them, with databases of this test's own."""
    values = {
        "LIAISE_TESTING": "1",
        "SECRET_KEY": SECRET_KEY,
        "MONGODB_URI": store.uri.reveal(),
        "DATABASE_PREFIX": f"t{ids.new().replace('-', '')}",
        "DATA_DIR": str(tmp_path / "var"),
        "MAIL_LISTEN": f"127.0.0.1:{free_port()}",
        "MAIL_DOMAIN": "liaise.example",
        "MAIL_FROM": "Liaise <answers@liaise.example>",
        "TIME_ZONE": "Europe/Berlin",
    }
    for name in ("SMTP_URL", "KAFKA_BOOTSTRAP_SERVERS", "FAILPOINTS", "PORT", "PUBLIC_URL", "DIRECTORY_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return configuration.load()


@pytest.fixture
def clock() -> FrozenClock:
    """A Monday morning."""
    return FrozenClock(MONDAY_MORNING)


@pytest.fixture
def process(settings: Settings, clock: FrozenClock) -> Iterator[Process]:
    """The parts a service composes from; its databases are dropped afterwards."""
    process = open_process(settings, clock)
    yield process
    process.log.close()
    for name in process.client.list_database_names():
        if name.startswith(settings.database_prefix):
            process.client.drop_database(name)
    process.client.close()


@pytest.fixture
def world(process: Process) -> "Iterator[World]":
    """All four services over one store and one log, migrated, with the directory known everywhere."""
    from tests.world import World  # a test of one room must run when another is being rebuilt

    world = World(process)
    world.drain()
    yield world
    world.close()
