"""Who holds a topic of the embedded log, when two members want it in the same moment."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.chassis.eventlog import Message, TopicSpec
from services.chassis.eventlog_embedded import EmbeddedLog, member

SECONDS = 10.0


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EmbeddedLog]:
    with closing(EmbeddedLog(tmp_path / "log.sqlite3", lease_seconds=SECONDS)) as opened:
        opened.create_topics({"topic": TopicSpec(1)})
        with closing(opened.producer()) as producer:
            producer.append([Message("topic", "key", b"1")])
        yield opened


@pytest.mark.parametrize(
    ("later", "taken"),
    [(-0.001, False), (-1.0, False), (SECONDS / 2, False), (SECONDS + 0.1, True), (-10 * SECONDS, True)],
    ids=["looked at the clock just before", "waited for the file", "held", "lapsed", "the clock began again"],
)
def test_a_lease_that_somebody_took_while_we_waited_for_the_file_is_theirs(
    log: EmbeddedLog, monkeypatch: pytest.MonkeyPatch, later: float, taken: bool
) -> None:
    monkeypatch.setattr(member, "monotonic", lambda: 1_000.0)
    with closing(log.consumer("group", ["topic"])) as first, closing(log.consumer("group", ["topic"])) as second:
        assert len(first.poll(0)) == 1
        monkeypatch.setattr(member, "monotonic", lambda: 1_000.0 + later)
        assert bool(second.poll(0)) is taken
