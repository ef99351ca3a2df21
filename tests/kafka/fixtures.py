"""Pytest fixtures: real Apache Kafka, one broker or three, started once per test run and only when a test asks."""

from collections.abc import Iterator

import pytest

from tests.kafka.broker import Cluster
from tests.kafka.jars import BrokerMissing
from tests.skips import missing


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One running broker; a test that stops it starts it again."""
    yield from _running(tmp_path_factory, 1)


@pytest.fixture(scope="session")
def kafka3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three running brokers that keep three copies and want two of them in sync."""
    yield from _running(tmp_path_factory, 3)


def _running(tmp_path_factory: pytest.TempPathFactory, size: int) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp(f"kafka{size}"), size)
    try:
        cluster.start()
    except BrokerMissing as reason:
        missing(str(reason))
    except BaseException:
        cluster.kill()
        raise
    try:
        yield cluster
    finally:
        cluster.kill()
