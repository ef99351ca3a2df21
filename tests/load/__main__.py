"""Load on every door of the production shape for a minute, then the books: what was acknowledged is stored, once.

LOAD_SECONDS (60) and LOAD_RATE (submissions per second, 10) change it. Without Java and Maven the processes share the
embedded log instead of Apache Kafka.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

from services.chassis.clock import monotonic
from tests.kafka.broker import Cluster
from tests.kafka.jars import BrokerMissing
from tests.load.ledger import Books, books
from tests.running import ROOT, Running, Sink, in_production_shape

SECONDS = os.environ.get("LOAD_SECONDS", "60")
RATE = os.environ.get("LOAD_RATE", "10")
REPORT = ROOT / "reports" / "load.html"
STOP_SECONDS = "20"
QUIET_SECONDS = 60.0
"""For how long nothing may move before what is missing counts as lost."""


def main() -> int:
    """Exit code 0 when every threshold holds and the books agree."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liaise-load-")))
        sink = stack.enter_context(Sink())
        servers = stack.enter_context(_kafka(folder / "kafka"))
        log = f"Apache Kafka at {servers}" if servers else "the embedded log"
        print(f"{RATE} submissions a second for {SECONDS} s; separate processes over {log}", flush=True)
        running = stack.enter_context(in_production_shape(folder, sink.url, servers))
        ledger = folder / "ledger"
        thresholds = _locust(running, ledger)
        misses = _account(running, ledger, sink)
        print(f"report in {REPORT.relative_to(ROOT)}")
    return 1 if thresholds or misses else 0


@contextmanager
def _kafka(folder: Path) -> Iterator[str]:
    """The address of a broker, or nothing when this machine cannot run one."""
    cluster = Cluster(folder)
    try:
        cluster.start()
    except BrokerMissing as reason:
        print(reason)
        yield ""
        return
    try:
        yield cluster.bootstrap_servers
    finally:
        cluster.kill()


def _locust(running: Running, ledger: Path) -> int:
    """Run every persona in a process of its own; returns its exit code."""
    REPORT.parent.mkdir(exist_ok=True)
    settings = {
        "LOAD_RATE": RATE,
        "LOAD_SECONDS": SECONDS,
        "LOAD_LEDGER": str(ledger),
        "LOAD_MAIL_PORT": str(running.mail_port),
        "PYTHONPATH": str(ROOT),
    }
    # The personas name their own numbers; more users than that would only be spread over them again.
    users = str(users_of(int(RATE)))
    command = [sys.executable, "-m", "locust", "-f", "tests/load/locustfile.py", "--headless", "--only-summary"]
    command += ["--host", f"http://127.0.0.1:{running.port}", "--html", str(REPORT), "--loglevel", "WARNING"]
    command += ["--users", users, "--spawn-rate", users, "--run-time", f"{SECONDS}s", "--stop-timeout", STOP_SECONDS]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, check=False).returncode


def users_of(rate: int) -> int:
    """One user per submission a second, and half as many readers."""
    return max(rate, 3) + max(1, rate // 2)


def _account(running: Running, ledger: Path, sink: Sink) -> list[str]:
    """Wait until the loops are quiet, then compare the ledger with every store."""
    uri, prefix = running.environment["MONGODB_URI"], running.environment["DATABASE_PREFIX"]
    start = monotonic()
    seen = _when_quiet(lambda: books(ledger, uri, prefix, [str(mail["To"]) for mail in list(sink.mails)]))
    misses = seen.misses()
    print(
        f"acknowledged {len(seen.acknowledged)}, stored {len(seen.feedbacks)}, cases {len(seen.cases)}, "
        f"journeys {len(seen.journeys)}, receipts sent {len(seen.told)}; "
        f"the loops had caught up {monotonic() - start:.0f} s after the last request"
    )
    for sentence in misses:
        print(f"MISSED  {sentence}")
    return misses


def _when_quiet(read: Callable[[], Books]) -> Books:
    """The books as soon as they agree, or once nothing has moved for QUIET_SECONDS."""
    pause, counts, moved_at = Event(), (0, 0, 0), monotonic()
    while True:
        seen = read()
        now = (len(seen.cases), len(seen.journeys), len(seen.told))
        if now != counts:
            counts, moved_at = now, monotonic()
        if not seen.misses() or monotonic() - moved_at > QUIET_SECONDS:
            return seen
        pause.wait(1.0)


if __name__ == "__main__":
    sys.exit(main())
