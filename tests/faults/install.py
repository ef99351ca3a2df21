"""One install whose roles are processes of their own over one log; any of them can be armed, killed and started."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services import embedded
from services.chassis import settings as configuration
from services.chassis.embedded_store import EmbeddedStore, free_port
from services.chassis.identity import issue_token
from services.chassis.process import Process, open_process
from services.triage import app as triage
from tests.faults import checker, snapshot
from tests.faults.driver import Driver
from tests.faults.ledger import Ledger
from tests.faults.logs import EmbeddedReader, KafkaReader, LogReader
from tests.faults.zygote import ForkedRole, Nursery
from tests.running import SECRET_KEY, UNITS, OverHttp, Sink, settings_for, until

QUIET_SECONDS = 90.0
MAIL_LEASE_SECONDS = "3"
ROLES = (
    ("web", "feedback"),
    ("web", "triage"),
    *(("relay", name) for name in ("feedback", "triage", "notify")),
    *(("consume", name) for name in embedded.SERVICES),
    ("deliver",),
    ("mail",),
)
WORKER_KILLED = re.compile(r"Worker \(pid:\d+\) was sent SIGKILL")


class Install:
    """The running roles, the doors, the ledger and the mail sink of one install."""

    def __init__(self, folder: Path, environment: dict[str, str], process: Process, log: LogReader, sink: Sink) -> None:
        self.folder, self.environment, self.process, self.log, self.sink = folder, environment, process, log, sink
        self.ledger = Ledger(folder / "ledger")
        self.roles: dict[str, ForkedRole] = {}
        self.kills = 0
        self.extra_copies = 0
        """How many mails may have come twice: one for each kill between DATA and the note that it was sent."""
        self._seen_kills: dict[str, int] = {}

    def start(self, nursery: Nursery) -> None:
        """Start every role and wait until the directory arrived at the form."""
        self.ports = {"web feedback": int(self.environment["PORT"]), "web triage": free_port()}
        for command in ROLES:
            name = " ".join(command)
            own = {"PORT": str(self.ports[name])} if name in self.ports else {}
            log = self.folder / f"{name.replace(' ', '-')}.log"
            self.roles[name] = ForkedRole(nursery, command, self.environment | own, log)
            self.roles[name].start()
        until(self._ready, f"the install in {self.folder}", 60)

    def driver(self, random: Random) -> Driver:
        """People at the doors of this install."""
        token = issue_token(SECRET_KEY, triage.find_account(self.process, "ada@example.com"))
        web, cases = self.ports["web feedback"], self.ports["web triage"]
        mail = int(self.environment["MAIL_LISTEN"].rpartition(":")[2])
        return Driver(web, cases, mail, token, self.ledger, random)

    def restart(self, name: str, **settings: str) -> None:
        """End a role in good order, unless it is dead already, and start it with these settings."""
        self.roles[name].stop()
        self._seen_kills[name] = self._worker_kills(name)
        self.roles[name].start(**settings)

    def revive(self) -> None:
        """Start every role that is dead, such as what a test that failed left behind."""
        for role in self.roles.values():
            if not role.alive:
                role.start()

    def died_at_its_point(self, name: str) -> bool:
        """Whether an armed role killed itself: by signal 9, or gunicorn saw it happen to a worker."""
        if self._worker_kills(name) > self._seen_kills.get(name, 0):
            return True
        ended = self.roles[name].process.poll()  # type: ignore[union-attr]
        assert ended in (None, -9), f"{name} ended with {ended} instead of signal 9; see {self.roles[name].log}"
        return ended == -9

    def quiet(self) -> None:
        """Wait until nothing is on its way any more."""
        before: list[int] = []

        def look() -> bool:
            assert not (dead := [name for name, role in self.roles.items() if not role.alive]), f"{dead} ended"
            count = self.log.count()
            still = not snapshot.busy(self.process, self.log) and before == [count]
            before[:] = [count]
            return still

        try:
            until(look, "quiet", QUIET_SECONDS)
        except AssertionError as error:
            busy = snapshot.busy(self.process, self.log)
            raise AssertionError(f"{error}; on its way: {busy}; see {self.folder}") from None

    def findings(self) -> list[str]:
        """What is lost, doubled or wrong, once all is quiet."""
        self.quiet()
        seen = snapshot.take(self.process, self.log, self.sink.mails)
        return checker.check(self.ledger.read(), seen, self.extra_copies)

    def stop(self) -> None:
        """End every role."""
        for role in self.roles.values():
            role.kill()
        self.ledger.close()
        said, mails = len(self.ledger.read().said), len(self.sink.mails)
        print(f"{self.kills} kills, {said} submissions acknowledged, {mails} mails, {self.extra_copies} may be copies")

    def _ready(self) -> bool:
        try:
            units = OverHttp(self.ports["web feedback"]).get("/v1/units").text
            alive = [OverHttp(port).get("/health/live").status_code == 200 for port in self.ports.values()]
            return all(f'"{unit}"' in units for unit in UNITS) and all(alive)
        except OSError:
            return False

    def _worker_kills(self, name: str) -> int:
        log = self.roles[name].log
        return len(WORKER_KILLED.findall(log.read_text())) if name in self.ports and log.exists() else 0


def process_of(environment: dict[str, str]) -> Process:
    """The parts of an install, for looking at it from here."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("FAILPOINTS", "KAFKA_BOOTSTRAP_SERVERS", "DIRECTORY_FILE"):
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        return open_process(configuration.load())


@contextmanager
def installed(folder: Path, store: EmbeddedStore, nursery: Nursery, **more: str) -> Iterator[Install]:
    """A migrated install with every role running."""
    with Sink() as sink:
        prefix = f"f{folder.name[-20:]}".replace("-", "").replace(".", "")
        environment = settings_for(
            folder,
            sink.url,
            MONGODB_URI=store.uri.reveal(),
            DATABASE_PREFIX=prefix,
            DELIVERY_LEASE_SECONDS=MAIL_LEASE_SECONDS,
            **more,
        )
        process = process_of(environment)
        embedded.migrate(process)
        kafka = environment.get("KAFKA_BOOTSTRAP_SERVERS")
        log: Any = KafkaReader(kafka) if kafka else EmbeddedReader(Path(environment["DATA_DIR"]))
        install = Install(folder, environment, process, log, sink)
        try:
            install.start(nursery)
            yield install
        finally:
            install.stop()
            process.log.close()
            process.client.close()
