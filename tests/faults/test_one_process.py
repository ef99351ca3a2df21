"""`liaise run` and its database killed in the middle of work, at moments that a seed chooses."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.chassis.identity import issue_token
from services.triage import app as triage
from tests.faults import checker, snapshot
from tests.faults.driver import Driver
from tests.faults.install import process_of
from tests.faults.ledger import Ledger
from tests.faults.logs import EmbeddedReader
from tests.running import SECRET_KEY, Running, Sink, in_one_process, until

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(400)]

VICTIMS = ("run", "database", "run", "database", "run")
STORIES_BETWEEN = 5


def test_killed_again_and_again(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    with Sink() as sink, in_one_process(tmp_path, sink.url, DELIVERY_LEASE_SECONDS="3") as running:
        ledger = Ledger(tmp_path / "ledger")
        driver = Driver(running.port, running.port, running.mail_port, _token(running), ledger, random)
        with ThreadPoolExecutor(4) as pool:
            stories: list[Any] = []
            for victim in VICTIMS:
                stories += [pool.submit(driver.story) for _ in range(STORIES_BETWEEN)]
                facts = len((tmp_path / "ledger").read_text().splitlines()) + random.randint(1, STORIES_BETWEEN)
                until(lambda facts=facts: _lines(tmp_path) >= facts, "some work", 60)  # type: ignore[misc]
                _kill(running, victim)
            for story in stories:
                story.result()
        found = _findings(running, ledger, sink)
        said = len(ledger.read().said)
        print(f"{len(VICTIMS)} kills of {VICTIMS}, {said} submissions acknowledged, findings: {found}")
        assert found == []


def _kill(running: Running, victim: str) -> None:
    role = running.roles["run"]
    assert role.process
    if victim == "database":
        os.kill(_database(role.process.pid), signal.SIGKILL)  # liaise starts it again by itself
        return
    role.kill()
    assert role.process.returncode == -signal.SIGKILL
    role.start()


def _database(parent: int) -> int:
    """The process id of the embedded database below this process."""

    def look() -> int:
        for task in Path(f"/proc/{parent}/task").iterdir():
            for child in (task / "children").read_text().split():
                if b"secantusd" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
        return 0

    return until(look, "the database runs")


def _findings(running: Running, ledger: Ledger, sink: Sink) -> list[str]:
    data_dir = Path(running.environment["DATA_DIR"])
    log = EmbeddedReader(data_dir)
    process = process_of(running.environment | {"MONGODB_URI": (data_dir / "store.address").read_text()})
    before: list[int] = []

    def quiet() -> bool:
        count = log.count()
        still = not snapshot.busy(process, log) and before == [count]
        before[:] = [count]
        return still

    until(quiet, "quiet", 120)
    found = checker.check(ledger.read(), snapshot.take(process, log, sink.mails), len(VICTIMS))
    process.client.close()
    return found


def _token(running: Running) -> str:
    uri = (Path(running.environment["DATA_DIR"]) / "store.address").read_text()
    return issue_token(SECRET_KEY, triage.find_account(process_of(running.environment | {"MONGODB_URI": uri}), "ada"))


def _lines(folder: Path) -> int:
    return len((folder / "ledger").read_text().splitlines())
