"""Files in the database: whole or not at all, and nothing is left behind for good."""

import io
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from random import Random

import pytest
from click.testing import CliRunner

from services import embedded, roles
from services.__main__ import main
from services.chassis.process import Process
from services.chassis.worker import Loop
from services.feedback.domain.files import MORE, TOO_LARGE, TOO_MANY, TOO_MUCH, FileRules, Refused
from services.feedback.handlers.files import Offered, sweep_files, take_files
from services.feedback.store import open_stores
from services.feedback.store.files import CHUNK, FileStore, TooLarge

RULES = FileRules(at_once=3, bytes_each=1_000, bytes_together=2_000)
A_DAY = timedelta(days=1, seconds=1)


@pytest.fixture
def files(process: Process) -> FileStore:
    """An empty store."""
    store = FileStore(process.store("feedback"))
    store.prepare()
    return store


def contents(files: FileStore, file_id: str) -> bytes | None:
    """The bytes of a file."""
    found = files.open(file_id)
    return b"".join(found) if found is not None else None


def chunks(process: Process) -> int:
    """How many pieces of files there are."""
    return process.store("feedback")["files.chunks"].count_documents({})


def offer(name: str, size: int) -> Offered:
    """A file of so many bytes."""
    return Offered(name, "image/png", io.BytesIO(b"x" * size))


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 20 * CHUNK + 7])
def test_a_file_comes_out_as_it_went_in(process: Process, files: FileStore, size: int) -> None:
    data = Random(size).randbytes(size)
    blocks = [data[start : start + 60_000] for start in range(0, size, 60_000)]
    file = files.keep(blocks, "a.bin", "text/plain", "some feedback", process.clock.now(), size)
    assert (file.name, file.content_type, file.size) == ("a.bin", "text/plain", size)
    assert file.sha256 == sha256(data).hexdigest()
    assert contents(files, file.id) == data


def test_what_is_too_large_leaves_nothing(process: Process, files: FileStore) -> None:
    endless = iter(lambda: b"x" * 100_000, b"")
    with pytest.raises(TooLarge):
        files.keep(endless, "a.bin", "", "some feedback", process.clock.now(), 30 * CHUNK)
    assert chunks(process) == 0
    assert files.of_feedback("some feedback") == []


def test_one_that_is_refused_is_named_and_the_others_are_kept(process: Process, files: FileStore) -> None:
    offered = [offer("a.png", 900), offer("b.png", 1_001), offer("e.png", 1_000), offer("f.png", 101)]
    offered += [offer("g.png", 100), offer("h.png", 1)]
    taken = take_files(offered, "some feedback", files, RULES, process.clock.now())
    assert [file.name for file in taken.kept] == ["a.png", "e.png", "g.png"]
    assert taken.refused == (
        Refused("b.png", TOO_LARGE),
        Refused("f.png", TOO_MUCH),
        Refused("h.png", TOO_MANY),
    )
    assert sorted(files.of_feedback("some feedback")) == sorted(file.id for file in taken.kept)


def test_no_more_are_named_than_may_come_at_once(process: Process, files: FileStore) -> None:
    offered = [offer("c.exe", 5), *[offer(f"{n}.png", 0) for n in range(50)]]
    taken = take_files(offered, "some feedback", files, RULES, process.clock.now())
    assert taken.refused == (
        Refused("c.exe", "program"),
        Refused("0.png", "empty"),
        Refused("1.png", "empty"),
        Refused("", MORE, 48),
    )


def test_a_feedback_does_not_grow_for_ever(process: Process, files: FileStore) -> None:
    taken = take_files([offer("a.png", 1), offer("b.png", 1)], "f", files, RULES, process.clock.now(), before=99)
    assert [file.name for file in taken.kept] == ["a.png"]


def test_what_a_crash_left_behind_is_swept_away_after_a_day(process: Process, files: FileStore) -> None:
    def cut() -> Iterator[bytes]:
        yield b"x" * CHUNK * 10
        raise SystemExit  # what the store itself never sees coming

    now = process.clock.now()
    kept = files.keep([b"words"], "whole.txt", "", "no such feedback", now, 100)
    with pytest.raises(SystemExit):
        files.keep(cut(), "half.txt", "", "no such feedback", now, 100 * CHUNK)
    feedbacks = open_stores(process.store("feedback")).feedbacks
    assert not sweep_files(files, feedbacks, now + timedelta(hours=23))
    assert contents(files, kept.id) == b"words"
    assert sweep_files(files, feedbacks, now + A_DAY)
    assert not sweep_files(files, feedbacks, now + A_DAY)
    assert contents(files, kept.id) is None
    assert chunks(process) == 0
    assert files.of_feedback("no such feedback") == []


def test_nobody_opens_what_is_not_there(files: FileStore) -> None:
    assert files.open("6f0c1f9e-6f0e-4a52-8f3a-0d2a4a1d6b7e") is None
    assert files.open("../../etc/passwd") is None


def test_the_sweeper_runs_in_one_process_and_beside_the_consumer(
    process: Process, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Loop] = []
    monkeypatch.setattr(roles, "run_loops", lambda _process, loops: ran.extend(loops))
    CliRunner().invoke(main, ["consume", "feedback"], catch_exceptions=False)
    embedded_loops = embedded.loops(process)
    long_ago = process.clock.now() - timedelta(days=3650)  # the role asks the real clock
    for loops in (embedded_loops, ran):
        (sweep,) = (loop for loop in loops if loop.name == "sweep files")
        files.keep([b"words"], "a.txt", "", "no such feedback", long_ago, 100)
        assert sweep.run_once()
        assert not sweep.run_once()
        assert files.of_feedback("no such feedback") == []
    for loop in [*embedded_loops, *ran]:
        loop.close()
