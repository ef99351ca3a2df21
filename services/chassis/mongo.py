"""The one way to the database: majority and journalled writes, bounded waits."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pymongo import IndexModel, MongoClient, WriteConcern
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, ExecutionTimeout, WriteConcernError

from .errors import Unavailable
from .settings import BadSetting, Settings

Document = dict[str, Any]
Store = Database[Document]
Documents = Collection[Document]

WAIT_MS = 5_000
AWAY = (ConnectionFailure, ExecutionTimeout, WriteConcernError)


def connect(settings: Settings) -> MongoClient[Document]:
    """A client for this process; made after fork, since it is not fork-safe. It connects at first use."""
    if settings.mongodb_uri is None:
        raise BadSetting("MONGODB_URI is not set. Set it, or use `liaise run`, which brings its own database.")
    return MongoClient(
        settings.mongodb_uri.reveal(),
        tz_aware=True,
        serverSelectionTimeoutMS=WAIT_MS,
        connectTimeoutMS=WAIT_MS,
        socketTimeoutMS=4 * WAIT_MS,
        waitQueueTimeoutMS=WAIT_MS,
        maxPoolSize=64,
        appname="liaise",
    )


def database(client: MongoClient[Document], name: str) -> Store:
    """One database; a write is acknowledged when a majority has it on disk."""
    return client.get_database(name, write_concern=WriteConcern("majority", j=True))


def ensure_indexes(collection: Documents, indexes: Sequence[IndexModel]) -> None:
    """Create what is missing; safe to repeat."""
    if indexes:
        collection.create_indexes(list(indexes))


@contextmanager
def away_is_unavailable() -> Iterator[None]:
    """Turn a database that is away or too slow into Unavailable."""
    try:
        yield
    except AWAY as error:
        raise Unavailable(f"the database did not answer ({type(error).__name__})") from error
