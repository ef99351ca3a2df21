"""The SQLite file under the embedded log: its tables, its connections, and what a failure of it means."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..eventlog import Headers, LogUnavailable

BUSY_SECONDS = 5.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (topic TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS records (topic TEXT, position INTEGER, key TEXT, value BLOB, headers TEXT,
    PRIMARY KEY (topic, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offsets (member_group TEXT, topic TEXT, next INTEGER, PRIMARY KEY (member_group, topic));
CREATE TABLE IF NOT EXISTS leases (member_group TEXT, topic TEXT, member TEXT, expires REAL,
    PRIMARY KEY (member_group, topic));
"""


def connect(path: Path, synchronous: str) -> sqlite3.Connection:
    """A connection of its own for one producer or consumer; `synchronous` FULL is an fsync per transaction."""
    with unavailable():
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing, and nobody else writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn a locked or unreadable file into LogUnavailable."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise LogUnavailable(f"the embedded event log did not answer ({error})") from error


def dump(headers: Headers) -> str:
    """Headers as the column holds them."""
    return json.dumps([[name, value.hex()] for name, value in headers])


def load(text: str) -> Headers:
    """Headers from the column."""
    return tuple((name, bytes.fromhex(value)) for name, value in json.loads(text))
