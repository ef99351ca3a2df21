"""kill -9 at the points around the log, over real Apache Kafka."""

from collections.abc import Iterator
from random import Random

import pytest

from services.chassis.embedded_store import EmbeddedStore
from tests.faults.install import Install, installed
from tests.faults.test_failpoints import VICTIMS, kill_at
from tests.faults.zygote import Nursery
from tests.kafka.broker import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka"), pytest.mark.timeout(300)]

POINTS = (
    "relay.after_publish",
    "relay.mid_publish",
    "consumer.after_handle",
    "consumer.after_commit",
    "deliver.after_data",
)


@pytest.fixture(scope="module")
def on_kafka(
    tmp_path_factory: pytest.TempPathFactory, store: EmbeddedStore, nursery: Nursery, kafka: Cluster
) -> Iterator[Install]:
    folder = tmp_path_factory.mktemp("kafka-install")
    with installed(folder, store, nursery, KAFKA_BOOTSTRAP_SERVERS=kafka.bootstrap_servers) as install:
        yield install


@pytest.mark.parametrize("point", POINTS)
def test_kill_nine_over_kafka_at(point: str, on_kafka: Install, seed: int) -> None:
    kill_at(on_kafka, on_kafka.driver(Random(seed)), point, VICTIMS[point])
    assert on_kafka.findings() == []
