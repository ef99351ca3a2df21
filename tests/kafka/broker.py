"""Runs real Apache Kafka, one broker or several on this machine, for the tests and for a person who tries things."""

import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.kafka.jars import class_path, java

CLUSTER_ID = "LiaiseLiaiseLiaiseLiai"
JVM = ["-Xmx384m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xlog:disable"]
QUIET = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"]
START_SECONDS = 60
STOP_SECONDS = 20


class Broker:
    """One broker process with its data folder and its two ports; it may be stopped, killed and started again."""

    def __init__(self, node: int, folder: Path, port: int, controller_port: int) -> None:
        self.node, self.folder, self.port, self.controller_port = node, folder, port, controller_port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port, as a client writes them."""
        return f"127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Whether the process is there; it may not answer yet."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process that was started last."""
        assert self._process is not None, "it was started"
        return self._process.pid

    def format(self, properties: str) -> None:
        """Write the configuration, and lay out the data folder unless it is there already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._config.write_text(properties)
        if not (self.folder / "data" / "meta.properties").exists():
            tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(self._config)]
            done = subprocess.run([*_java(), *tool], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"Kafka could not lay out {self.folder}: {done.stdout}{done.stderr}")

    def start(self) -> None:
        """Start the process and return at once; BrokerMissing when Java is not there."""
        if self.running:
            return
        with open(self.folder / "broker.log", "ab") as output:
            command = [*_dies_with_us(), *_java(), "kafka.Kafka", str(self._config)]
            self._process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)

    def stop(self) -> None:
        """End it in good order; kill it when that takes too long."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """SIGKILL, as when the machine loses power; the data folder stays."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def _config(self) -> Path:
        return self.folder / "server.properties"


class Cluster:
    """Brokers that know each other; as a context manager it runs them, and with nothing else said on free ports."""

    def __init__(self, folder: Path, size: int = 1, ports: Sequence[int] = ()) -> None:
        free = _free_ports(2 * size)
        own, controllers = list(ports) or free[:size], free[size:]
        self.brokers = [
            Broker(node, folder / f"broker-{node}", own[node - 1], controllers[node - 1]) for node in range(1, size + 1)
        ]

    @property
    def bootstrap_servers(self) -> str:
        """What a client is configured with."""
        return ",".join(broker.address for broker in self.brokers)

    @property
    def size(self) -> int:
        """How many brokers there are, running or not."""
        return len(self.brokers)

    def start(self) -> None:
        """Start the brokers that do not run and wait until all of them answer; RuntimeError when they do not."""
        for broker in self.brokers:
            if not broker.running:
                broker.format(self._properties(broker))
                broker.start()
        self._wait()

    def stop(self) -> None:
        """End every broker in good order."""
        with ExitStack() as stack:
            for broker in self.brokers:
                stack.callback(broker.stop)

    def kill(self) -> None:
        """SIGKILL to every broker; start() brings them back with the same data on the same ports."""
        for broker in self.brokers:
            broker.kill()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # The tests' data goes away with the folder: ending three brokers in good order would only take time.
        self.kill()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while (answering := self._answering()) < self.size:
            dead = [broker for broker in self.brokers if not broker.running]
            if dead or time.monotonic() > deadline:
                log = (dead or self.brokers)[0].folder / "broker.log"
                raise RuntimeError(f"{answering} of {self.size} brokers answer.\n{log.read_text()[-2000:]}")
            time.sleep(0.1)

    def _answering(self) -> int:
        try:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap_servers, bootstrap_timeout_ms=2000)
        except KafkaError:
            return 0
        try:
            return len(admin.describe_cluster()["brokers"])
        except KafkaError:
            return 0
        finally:
            admin.close()

    def _properties(self, broker: Broker) -> str:
        voters = ",".join(f"{other.node}@127.0.0.1:{other.controller_port}" for other in self.brokers)
        copies, in_sync = min(3, self.size), 2 if self.size > 2 else 1
        lines = {
            "process.roles": "broker,controller",
            "node.id": broker.node,
            "listeners": f"PLAINTEXT://{broker.address},CONTROLLER://127.0.0.1:{broker.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{broker.address}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.quorum.voters": voters,
            "log.dirs": broker.folder / "data",
            "auto.create.topics.enable": "false",
            "min.insync.replicas": in_sync,
            "default.replication.factor": copies,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
            # Small and quick: fifty partitions for offsets and nine seconds to notice a death are for big clusters.
            "offsets.topic.num.partitions": 4,
            "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "broker.session.timeout.ms": 2000,
            "broker.heartbeat.interval.ms": 500,
            "replica.lag.time.max.ms": 5000,
        }
        return "".join(f"{name}={value}\n" for name, value in lines.items())


def _java() -> list[str]:
    return [java(), *JVM, *QUIET, "-cp", class_path()]


def _dies_with_us() -> list[str]:
    setpriv = shutil.which("setpriv")  # Linux: no broker outlives a test run that was killed
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
