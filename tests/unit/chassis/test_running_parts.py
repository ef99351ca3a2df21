"""Group commit, leases, time and the embedded database: the parts that hold under many threads and under kill -9."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from pymongo import MongoClient

from services.chassis.clock import FrozenClock, working_days_after
from services.chassis.embedded_store import EmbeddedStore, attached, only_one
from services.chassis.errors import Unavailable
from services.chassis.group_commit import GroupCommit
from services.chassis.lease import Lease
from services.chassis.process import Process
from services.chassis.settings import BadSetting
from services.chassis.worker import Loop, Runner


def test_many_callers_share_few_writes_and_each_hears_its_own_result() -> None:
    batches: list[int] = []
    first_is_written = Event()

    def flush(items: Sequence[int]) -> Sequence[int | Exception]:
        first_is_written.wait(5)
        batches.append(len(items))
        return [ValueError(str(item)) if item % 10 == 0 else item * 2 for item in items]

    commit = GroupCommit(flush)
    start = Barrier(50)

    def call(item: int) -> int | str:
        start.wait(5)
        if item == 49:
            first_is_written.set()
        try:
            return commit.submit(item)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(call, range(50)))
    assert results == [str(n) if n % 10 == 0 else n * 2 for n in range(50)]
    assert sum(batches) == 50
    assert len(batches) < 50


def test_a_failed_flush_reaches_every_caller_and_the_next_one_works() -> None:
    fail = [True]

    def flush(items: Sequence[int]) -> Sequence[int | Exception]:
        if fail.pop() if fail else False:
            raise OSError("disk")
        return list(items)

    commit = GroupCommit(flush)
    with pytest.raises(OSError, match="disk"):
        commit.submit(1)
    assert commit.submit(2) == 2


def test_too_many_waiting_writes_are_refused_at_once() -> None:
    release = Event()

    def flush(items: Sequence[int]) -> Sequence[int | Exception]:
        release.wait(5)
        return list(items)

    commit = GroupCommit(flush, max_queue=1)
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(commit.submit, n) for n in range(8)]
        refused = sum(isinstance(future.exception(0.5), Unavailable) for future in futures[2:] if future.done())
        release.set()
    outcomes = [future.exception() for future in futures]
    assert refused <= sum(isinstance(error, Unavailable) for error in outcomes)
    assert any(isinstance(error, Unavailable) for error in outcomes)


def test_a_lease_has_one_holder_until_it_ends(process: Process, clock: FrozenClock) -> None:
    leases = process.store("feedback")["leases"]
    one, two = (Lease(leases, "relay", owner, 10, clock) for owner in ("one", "two"))
    assert one.hold()
    assert not two.hold()
    assert one.hold()
    clock.advance(timedelta(seconds=11))
    assert two.hold()
    assert not one.hold()
    two.release()
    assert one.hold()
    clock.advance(timedelta(hours=-1))
    assert two.hold(), "a lease from the future is from a clock that was set back"


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (datetime(2026, 11, 23, 9, tzinfo=UTC), 2, datetime(2026, 11, 25, 16, tzinfo=UTC)),
        (datetime(2026, 11, 27, 22, 30, tzinfo=UTC), 1, datetime(2026, 11, 30, 16, tzinfo=UTC)),
        (datetime(2026, 11, 28, 9, tzinfo=UTC), 1, datetime(2026, 11, 30, 16, tzinfo=UTC)),
        (datetime(2026, 3, 27, 9, tzinfo=UTC), 1, datetime(2026, 3, 30, 15, tzinfo=UTC)),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), 1, datetime(2026, 11, 25, 16, tzinfo=UTC)),
    ],
    ids=["plain", "over a weekend", "from a Saturday", "into summer time", "past local midnight"],
)
def test_working_days_end_at_five_local_time(start: datetime, days: int, due: datetime) -> None:
    assert working_days_after(start, days, "Europe/Berlin") == due


def test_what_the_store_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    client: MongoClient[dict[str, object]] = MongoClient(store.uri.reveal(), w="majority", journal=True)
    try:
        for n in range(50):
            client["test"]["things"].insert_one({"_id": n})
        os.kill(store.pid, signal.SIGKILL)
        os.waitid(os.P_PID, store.pid, os.WEXITED | os.WNOWAIT)
        assert store.watch()
        assert client["test"]["things"].count_documents({}) == 50
        assert not store.watch()
    finally:
        client.close()
        store.stop()


def test_a_store_started_again_by_a_loop_outlives_that_loop(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    try:
        os.kill(store.pid, signal.SIGKILL)
        os.waitid(os.P_PID, store.pid, os.WEXITED | os.WNOWAIT)
        loop = Thread(target=store.watch)
        loop.start()
        loop.join()
        with MongoClient[dict[str, object]](store.uri.reveal(), serverSelectionTimeoutMS=2_000) as client:
            assert client["test"]["things"].count_documents({}) == 0
        assert not store.watch(), "it still runs"
    finally:
        store.stop()


def test_a_running_store_is_found_by_its_data_folder(store: EmbeddedStore, process: Process, tmp_path: Path) -> None:
    assert attached(process.settings) is None
    process.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (process.settings.data_dir / "store.address").write_text(store.uri.reveal())
    found = attached(process.settings)
    assert found
    assert found.reveal() == store.uri.reveal()


def test_a_data_folder_has_one_owner(tmp_path: Path) -> None:
    with only_one(tmp_path):
        with pytest.raises(BadSetting, match="in use by another Liaise"), only_one(tmp_path):
            pass
    with only_one(tmp_path):
        pass


def test_a_loop_outlives_its_failures_and_shows_them() -> None:
    rounds: list[int] = []
    failed, recovered = Event(), Event()

    def run_once() -> bool:
        rounds.append(1)
        if len(rounds) <= 2:
            failed.set()
            raise Unavailable("away")
        recovered.set()
        return False

    closed = Event()
    runner = Runner([Loop("relay", run_once, closed.set, idle_seconds=0.01)])
    runner.start()
    assert failed.wait(5)
    assert recovered.wait(10)
    assert runner.drain()
    assert closed.is_set()
    assert runner.failing() == {}


IMPATIENT = """
import os, signal, threading
from services.chassis.worker import Loop, Runner
notify_all = threading.Condition.notify_all
def notify_and_interrupt(condition):
    os.kill(os.getpid(), signal.SIGTERM)
    notify_all(condition)
def run_once():
    threading.Condition.notify_all = notify_and_interrupt
    os.kill(os.getpid(), signal.SIGINT)
    return False
Runner([Loop("impatient", run_once)]).run()
"""


def test_a_second_signal_in_the_middle_of_the_first_does_not_hang_the_process() -> None:
    assert subprocess.run([sys.executable, "-c", IMPATIENT], timeout=20, check=False).returncode == 0
