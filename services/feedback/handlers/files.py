"""Files come in and are looked after: one that cannot be taken never harms the others, or the words beside them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Final, Protocol

from ...chassis import ids
from ...chassis.errors import Conflict, Invalid, NotFound
from ...chassis.settings import MEGABYTE, Settings
from ...contracts.files import File
from ..domain import Feedback
from ..domain.files import START_BYTES, TOO_LARGE, TOO_MANY, TOO_MUCH, FileRules, Refused, clean_name, refusal
from ..store import FeedbackStore, FileStore, Stores
from ..store.files import TooLarge
from .speak_again import ReplyToFeedback, reply_to_feedback
from .submit import AlreadySaid, Receipt, SubmitFeedback, submit_feedback

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


class NothingKept(Exception):
    """No words came, and no file that could be kept."""

    def __init__(self, refused: tuple[Refused, ...]) -> None:
        super().__init__()
        self.refused = refused


def rules_of(settings: Settings) -> FileRules:
    """What the operator allows."""
    return FileRules(
        at_once=settings.attachments_at_once,
        bytes_each=settings.attachment_megabytes * MEGABYTE,
        bytes_together=settings.attachments_megabytes * MEGABYTE,
    )


def submit_with_files(
    command: SubmitFeedback, offered: Sequence[Offered], stores: Stores, rules: FileRules, secret: str, now: datetime
) -> Receipt:
    """A feedback and the files with it, once per key; raises what `submit_feedback` does."""
    if not offered:
        return submit_feedback(command, stores.feedbacks, stores.units, secret, now)
    keyed = replace(command, key=command.key or ids.token())
    taken = take_files(offered, feedback_id(secret, keyed), stores.files, rules, now)
    said = replace(keyed.said, files=taken.kept, refused=taken.refused)
    with _forgotten_if_refused(stores.files, taken.kept):
        receipt = submit_feedback(replace(keyed, said=said), stores.feedbacks, stores.units, secret, now)
    let_go(stores.files, taken.kept, receipt.feedback)
    return receipt


def reply_with_files(
    command: ReplyToFeedback,
    offered: Sequence[Offered],
    feedback: Feedback,
    stores: Stores,
    rules: FileRules,
    secret: str,
    now: datetime,
) -> Taken:
    """A reply and the files with it; one of files alone is their names.

    A repeat gets the files of the first one. Raises NothingKept, and what `reply_to_feedback` does.
    """
    before = len(feedback.all_files)
    taken = take_files(offered, feedback.id, stores.files, rules, now, before)
    text = command.text or ", ".join(file.name for file in taken.kept)
    if not text:
        raise NothingKept(taken.refused)
    said = replace(command, text=text, files=taken.kept, refused=taken.refused)
    with _forgotten_if_refused(stores.files, taken.kept):
        changed = reply_to_feedback(said, stores.feedbacks, secret, now)
    let_go(stores.files, taken.kept, changed)
    return replace(taken, kept=_as_named(taken.kept, changed))


def feedback_id(secret: str, command: SubmitFeedback) -> str:
    """The id that this command's feedback will have; its files are kept for it before it is there."""
    return ids.keyed(secret, command.scope, command.key or "")


def take_files(
    offered: Iterable[Offered], feedback_id: str, files: FileStore, rules: FileRules, now: datetime, before: int = 0
) -> Taken:
    """Keep what may be kept for this feedback, which has `before` files already; raises Unavailable.

    Done before the feedback is written that names them. Then: `let_go`.
    """
    kept: list[File] = []
    refused: list[Refused] = []
    room = min(rules.at_once, rules.in_all - before)
    for one in offered:
        name = clean_name(one.name)
        left = rules.bytes_together - sum(file.size for file in kept)
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


@contextmanager
def _forgotten_if_refused(files: FileStore, kept: Sequence[File]) -> Iterator[None]:
    """A database that did not answer may have written it all the same: those files are for the sweeper."""
    try:
        yield
    except (AlreadySaid, Conflict, Invalid, NotFound):
        let_go(files, kept, None)
        raise


def _as_named(kept: Sequence[File], feedback: Feedback) -> tuple[File, ...]:
    """The same contents as the feedback names them: with the ids of the first time, when this was a repeat."""
    named = {(file.name, file.sha256): file for file in reversed(feedback.all_files)}
    ids_named = {file.id for file in feedback.all_files}
    return tuple(file if file.id in ids_named else named[file.name, file.sha256] for file in kept)


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
