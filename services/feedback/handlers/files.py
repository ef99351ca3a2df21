"""Files come in and are looked after: one that cannot be taken never harms the others, or the words beside them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final, Protocol

from ...chassis import ids
from ...chassis.settings import MEGABYTE, Settings
from ...contracts.files import File
from ..domain import Feedback
from ..domain.files import START_BYTES, TOO_LARGE, TOO_MANY, TOO_MUCH, FileRules, Refused, clean_name, refusal
from ..store import FeedbackStore, FileStore
from ..store.files import TooLarge

BLOCK: Final = 64 * 1024
SWEEP_AT_ONCE: Final = 100
TYPE_LONGEST: Final = 100


class Readable(Protocol):
    """Something that gives its bytes bit by bit, and b"" at its end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Offered:
    """A file at a door; its name and type are what somebody claims."""

    name: str
    content_type: str
    stream: Readable


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the files that were offered."""

    kept: tuple[File, ...] = ()
    refused: tuple[Refused, ...] = ()


def rules_of(settings: Settings) -> FileRules:
    """What the operator allows."""
    return FileRules(
        at_once=settings.attachments_at_once,
        bytes_each=settings.attachment_megabytes * MEGABYTE,
        bytes_together=settings.attachments_megabytes * MEGABYTE,
    )


def feedback_id(secret: str, scope: str, key: str) -> str:
    """The id that a feedback with this key will have; its files are kept for it before it is there."""
    return ids.keyed(secret, scope, key)


def take_files(
    offered: Iterable[Offered],
    feedback_id: str,
    files: FileStore,
    rules: FileRules,
    now: datetime,
    before: int = 0,
    beside: Sequence[File] = (),
) -> Taken:
    """Keep what may be kept for this feedback, which has `before` files already; raises Unavailable.

    `beside` are files that came with them and are kept already: together they may be no more than the rules allow.

    Done before the feedback is written that names them. Then: `let_go`.
    """
    kept: list[File] = []
    refused: list[Refused] = []
    room = min(rules.at_once, rules.in_all - before) - len(beside)
    for one in offered:
        name = clean_name(one.name)
        left = rules.bytes_together - sum(file.size for file in [*beside, *kept])
        result = TOO_MANY if len(kept) >= room else _take(one, name, feedback_id, files, rules.bytes_each, left, now)
        if isinstance(result, File):
            kept.append(result)
        elif len(refused) < rules.in_all:
            refused.append(Refused(name, result))
    return Taken(tuple(kept), tuple(refused))


def let_go(files: FileStore, kept: Sequence[File], feedback: Feedback | None) -> None:
    """Erase those of the kept files that the feedback does not name after all: it came before, or was refused."""
    named = {file.id for file in feedback.all_files} if feedback else set()
    files.forget([file.id for file in kept if file.id not in named])


def sweep_files(files: FileStore, feedbacks: FeedbackStore, now: datetime) -> bool:
    """Look after the files of a day ago: those that their feedback names stay, the others go; True if there were any.

    Others come from a crash between the file and its feedback, and from a database that did not say what it wrote.
    """
    found = files.unsettled(now, SWEEP_AT_ONCE)
    for file_id, feedback_id in found:
        kept = feedbacks.find(feedback_id)
        if kept and any(file.id == file_id for file in kept.feedback.all_files):
            files.settle(file_id)
        else:
            files.forget([file_id])
    return bool(found)


def _take(
    one: Offered, name: str, feedback_id: str, files: FileStore, each: int, left: int, now: datetime
) -> File | str:
    """The file, or why it was not kept."""
    start = one.stream.read(START_BYTES)
    if reason := refusal(name, start):
        return reason
    try:
        blocks = chain([start], _blocks(one.stream))
        return files.keep(blocks, name, one.content_type[:TYPE_LONGEST], feedback_id, now, min(each, left))
    except TooLarge:
        return TOO_LARGE if left >= each else TOO_MUCH


def _blocks(stream: Readable) -> Iterator[bytes]:
    return iter(lambda: stream.read(BLOCK), b"")
