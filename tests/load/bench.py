"""The intake's throughput as a ratio to a Flask no-op under the same gunicorn, interleaved in the same run.

Both servers, the driver and the embedded database share this machine's cores, so the absolute figures are the
machine's; the ratio is the product's. CPU seconds per request show the cost where the clock shows the queue.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from services import embedded
from services.chassis import settings as configuration
from services.chassis.clock import monotonic
from services.chassis.embedded_store import EmbeddedStore, free_port
from services.chassis.process import Process, open_process
from tests.running import ROOT, Role, settings_for, until
from tests.world import World

CLIENTS = (16, 64)
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
WORKERS = os.environ.get("WEB_WORKERS", "2")
DRAIN_SECONDS = 15.0
TICKS = os.sysconf("SC_CLK_TCK")
GUNICORN = [str(Path(sys.executable).with_name("gunicorn")), "--config", "deploy/gunicorn.conf.py"]


@dataclass(frozen=True, slots=True)
class Round:
    """What one server did in one round; CPU in microseconds per request."""

    rate: float
    p50: float
    p99: float
    web_cpu: float
    store_cpu: float
    errors: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under test."""

    port: int
    pid: int
    store_pid: int

    def measure(self, clients: int) -> Round:
        """One round with so many clients that keep their connections."""
        web, store = _cpu_of_tree(self.pid), _cpu(self.store_pid)
        seen = _drive(self.port, clients)
        web, store = _cpu_of_tree(self.pid) - web, _cpu(self.store_pid) - store
        count = seen["requests"]
        rate = count / seen["seconds"]
        return Round(rate, seen["p50"], seen["p99"], web / count * 1e6, store / count * 1e6, int(seen["errors"]))


def main() -> int:
    """Print the figures; 1 if any request failed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liaise-bench-")))
        store = EmbeddedStore(folder)
        stack.callback(store.stop)
        environment = settings_for(folder, "smtp://127.0.0.1:1", MONGODB_URI=store.uri.reveal(), WEB_WORKERS=WORKERS)
        process = _install(environment)
        intake = stack.enter_context(_serving(("web", "feedback"), environment, folder, store.pid))
        noop = stack.enter_context(_noop(environment, folder, store.pid))
        failed = sum(_compare(intake, noop, clients) for clients in CLIENTS)
        _drain(process)
    return 1 if failed else 0


def _install(environment: dict[str, str]) -> Process:
    """A migrated install whose web process knows the units."""
    os.environ.update(environment)
    process = open_process(configuration.load())
    world = World(process)
    world.drain()
    world.close()
    return process


@contextmanager
def _serving(arguments: tuple[str, ...], environment: dict[str, str], folder: Path, store: int) -> Iterator[Subject]:
    role = Role(arguments, environment, folder / "web.log")
    role.start()
    try:
        assert role.process
        subject = Subject(int(environment["PORT"]), role.process.pid, store)
        _warm(subject)
        yield subject
    finally:
        role.stop()


@contextmanager
def _noop(environment: dict[str, str], folder: Path, store: int) -> Iterator[Subject]:
    port = free_port()
    with (folder / "noop.log").open("ab") as log:
        server = subprocess.Popen(
            [*GUNICORN, "tests.load.noop:app"],
            cwd=ROOT,
            env={**os.environ, **environment, "PORT": str(port)},
            stdout=log,
            stderr=log,
        )
    try:
        subject = Subject(port, server.pid, store)
        _warm(subject)
        yield subject
    finally:
        server.terminate()
        server.wait(15)


def _warm(subject: Subject) -> None:
    """Let it start, make its connections and fill its caches."""
    until(lambda: _answers(subject.port), "the server")
    _drive(subject.port, max(CLIENTS), 1.0)


def _answers(port: int) -> bool:
    try:
        return _drive(port, 1, 0.2)["errors"] == 0
    except subprocess.CalledProcessError:
        return False


def _compare(intake: Subject, noop: Subject, clients: int) -> int:
    """Rounds of one and the other in turn; returns the number of failed requests."""
    pairs = [(intake.measure(clients), noop.measure(clients)) for _ in range(ROUNDS)]
    ratios = [mine.rate / other.rate for mine, other in pairs]
    ours, yardstick = [mine for mine, _ in pairs], [other for _, other in pairs]
    print(f"\n{clients} clients, {ROUNDS} rounds of {SECONDS:g} s each, in turn:")
    print(f"  ratio      {median(ratios):.2f} of the no-op's requests per second ({min(ratios):.2f}-{max(ratios):.2f})")
    print(f"  intake     {_figures(ours)}, embedded database {_median(ours, 'store_cpu'):.0f} us")
    print(f"  no-op      {_figures(yardstick)}")
    cost = _median(yardstick, "web_cpu") / (_median(ours, "web_cpu") + _median(ours, "store_cpu"))
    print(f"  by CPU     {cost:.2f} (the no-op's CPU per request over that of intake and database)", flush=True)
    return sum(each.errors for each in [*ours, *yardstick])


def _figures(rounds: list[Round]) -> str:
    rate, p50, p99, web = (_median(rounds, name) for name in ("rate", "p50", "p99", "web_cpu"))
    errors = sum(each.errors for each in rounds)
    return f"{rate:5.0f}/s, p50 {p50:.0f} ms, p99 {p99:.0f} ms, {errors} errors, CPU per request: web {web:.0f} us"


def _median(rounds: list[Round], name: str) -> float:
    return median(getattr(each, name) for each in rounds)


def _drain(process: Process) -> None:
    """How fast the relay publishes and triage consumes what the rounds left pending, on the embedded log."""
    relay = embedded.SERVICES["feedback"].create_relay(process)
    assert relay
    feedback = process.store("feedback")["feedback"]
    pending = feedback.count_documents({"pending_since": {"$exists": True}})
    published, seconds = _until_quiet(relay.run_once, lambda: pending - _pending(feedback))
    print(f"\nrelay      {published / seconds:5.0f} events/s ({published} of {pending} pending), on the embedded log")
    consumer = embedded.SERVICES["triage"].create_consumer(process, poll_seconds=0)
    cases = process.store("triage")["cases"]
    opened, seconds = _until_quiet(consumer.run_once, cases.estimated_document_count)
    print(f"triage     {opened / seconds:5.0f} cases/s ({opened} opened)")
    relay.close()
    consumer.close()


def _pending(collection: Any) -> int:
    return int(collection.count_documents({"pending_since": {"$exists": True}}))


def _until_quiet(run_once: Callable[[], bool], count: Callable[[], int]) -> tuple[int, float]:
    start = monotonic()
    while run_once() and monotonic() - start < DRAIN_SECONDS:
        pass
    seconds = monotonic() - start
    return count(), seconds


def _drive(port: int, clients: int, seconds: float = SECONDS) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.load.driver", str(port), str(clients), str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=seconds + 30)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process and its children that live."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return _cpu(pid) + sum(_cpu(int(child)) for child in children)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    sys.exit(main())
