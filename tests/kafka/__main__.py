"""Runs one broker on 127.0.0.1:9092 with its data under ./var/kafka, for a person who tries things."""

import signal
import sys
from pathlib import Path

from tests.kafka.broker import Cluster
from tests.kafka.jars import BrokerMissing

PORT = 9092
HOW_TO_USE = """Apache Kafka answers at {servers}; its data is in {folder} and stays there.

To use it, in another terminal:

    export KAFKA_BOOTSTRAP_SERVERS={servers}
    liaise topics

Ctrl-C ends it."""


def main() -> int:
    """Run until Ctrl-C; returns the exit status."""
    folder = Path("var", "kafka").resolve()
    cluster = Cluster(folder, ports=[PORT])
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        cluster.start()
        print(HOW_TO_USE.format(servers=cluster.bootstrap_servers, folder=folder), flush=True)
        signal.pause()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the broker has heard it too and is on its way out
        print("\nStopping Apache Kafka.", flush=True)
    except (BrokerMissing, RuntimeError) as reason:
        print(reason, file=sys.stderr)
        return 1
    finally:
        cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
