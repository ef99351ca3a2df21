"""Files come in and are looked after: one that cannot be taken never harms the others, or the words beside them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Final, Protocol

from ...chassis import ids
from ...chassis.settings import MEGABYTE, Settings
from ...contracts.files import File
from ..domain import Feedback
from ..domain.files import (
    START_BYTES,
    TELLING,
    TOO_LARGE,
    TOO_MANY,
    TOO_MUCH,
    FileRules,
    Refused,
    clean_name,
    few,
    refusal,
)
from ..domain.metadata import freed, is_picture
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
    *,
    anonymous: bool | None = False,
) -> Taken:
    """Keep what may be kept for this feedback, which has `before` files already; raises Unavailable.

    `beside` are files that came with them and are kept already: together they may be no more than the rules allow.
    Pictures of somebody anonymous are freed of what they say about them, or refused; with None, of somebody who may
    yet ask for it, they are freed where that can be done.

    Done before the feedback is written that names them. Then: `let_go`.
    """
    kept: list[File] = []
    refused: list[Refused] = []
    room = min(rules.at_once, rules.in_all - before) - len(beside)
    for one in offered:
        name = clean_name(one.name)
        left = rules.bytes_together - sum(file.size for file in [*beside, *kept])
        keep = partial(files.keep, name=name, feedback_id=feedback_id, now=now)
        result = TOO_MANY if len(kept) >= room else _take(one, name, keep, rules.bytes_each, left, anonymous)
        if isinstance(result, File):
            kept.append(result)
        else:
            refused.append(Refused(name, result))
    return Taken(tuple(kept), few(refused, rules.at_once))


def is_telling(file: File, files: FileStore) -> bool:
    """Whether a kept file is a picture that was not freed of what it says about its maker; raises Unavailable."""
    blocks = files.open(file.id)
    content = b"".join(blocks or ())
    return is_picture(file.name, file.content_type, content[:START_BYTES]) and freed(content) != content


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
    one: Offered, name: str, keep: Callable[..., File], each: int, left: int, anonymous: bool | None
) -> File | str:
    """The file, or why it was not kept."""
    start = one.stream.read(START_BYTES)
    if reason := refusal(name, start):
        return reason
    blocks: Iterable[bytes] | None = chain([start], _blocks(one.stream))
    try:
        if anonymous is not False and is_picture(name, one.content_type, start):
            blocks = _freed(start + one.stream.read(max(each + 1 - len(start), 0)), each, anonymous)
        if blocks is None:
            return TELLING
        return keep(blocks, content_type=one.content_type[:TYPE_LONGEST], longest=min(each, left))
    except TooLarge:
        return TOO_LARGE if left >= each else TOO_MUCH


def _freed(content: bytes, each: int, anonymous: bool | None) -> list[bytes] | None:
    """The picture without what it says about its maker; None when it must not be kept. Raises TooLarge."""
    if len(content) > each:
        raise TooLarge
    free = freed(content)
    return [free] if free is not None else None if anonymous else [content]


def _blocks(stream: Readable) -> Iterator[bytes]:
    return iter(lambda: stream.read(BLOCK), b"")
