"""Words and files come together: a feedback, a reply, or a form that is shown once more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from types import MappingProxyType
from typing import Final

from ...chassis import ids
from ...chassis.errors import Conflict, Invalid, NotFound
from ...contracts.files import File
from ..domain import Feedback
from ..domain.feedback import Entry
from ..domain.files import GONE, TELLING, FileRules, Refused, clean_name, few
from ..store import FileStore, Stores
from .files import Offered, Taken, feedback_id, is_telling, let_go, take_files
from .speak_again import ReplyToFeedback, reply_id, reply_to_feedback
from .submit import AlreadySaid, Receipt, SubmitFeedback, submit_feedback

FORM_TRIES: Final = 10
"""As many times what may come at once is kept for one form, in a day: it may be shown again often, but not for ever."""
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class NothingKept(Exception):
    """No words came, and no file that could be kept."""

    def __init__(self, refused: tuple[Refused, ...]) -> None:
        super().__init__()
        self.refused = refused


def keep_draft(
    offered: Iterable[Offered],
    chosen: Mapping[str, str],
    draft_id: str,
    files: FileStore,
    rules: FileRules,
    now: datetime,
    *,
    anonymous: bool | None = None,
) -> Taken:
    """Keep the files of a form that is shown again, and those `chosen` among what it had brought before.

    `chosen` are ids, each with the name to tell when it is gone. They wait for a day for the feedback that the form
    will be, whose id is `draft_id`; `anonymous` as in `take_files`. Raises Unavailable.
    """
    here = files.waiting(draft_id)
    waiting = [file for file in here if file.id in chosen]
    gone = _gone(chosen, waiting)[: rules.at_once]
    telling = [file for file in waiting if anonymous and is_telling(file, files)]
    waiting = [file for file in waiting if file not in telling]
    free = _still_free(rules, [file for file in here if file.id not in chosen])
    taken = take_files(offered, draft_id, files, free, now, beside=waiting, anonymous=anonymous)
    refused = (*gone, *(Refused(file.name, TELLING) for file in telling), *taken.refused)
    return Taken((*waiting, *taken.kept), few(refused, rules.at_once))


def moved(chosen: Mapping[str, str], draft_id: str, files: FileStore) -> dict[str, Offered]:
    """The chosen files of one form, by id, to be kept for the form in its place; raises Unavailable."""
    found = [file for file in files.waiting(draft_id) if file.id in chosen] if chosen else []
    return {
        file.id: Offered(file.name, file.content_type, BytesIO(b"".join(files.open(file.id) or ()))) for file in found
    }


def _gone(chosen: Mapping[str, str], waiting: Sequence[File]) -> list[Refused]:
    here = {file.id for file in waiting}
    return [Refused(clean_name(name), GONE) for file_id, name in chosen.items() if file_id not in here]


def _still_free(rules: FileRules, unused: Sequence[File]) -> FileRules:
    """The rules for a form for which these files are kept and no longer chosen."""
    room = FORM_TRIES * rules.bytes_together - sum(file.size for file in unused)
    return replace(
        rules,
        at_once=max(0, min(rules.at_once, rules.in_all - len(unused))),
        bytes_together=max(0, min(rules.bytes_together, room)),
    )


def submit_with_files(
    command: SubmitFeedback,
    offered: Sequence[Offered],
    stores: Stores,
    rules: FileRules,
    secret: str,
    now: datetime,
    chosen: Mapping[str, str] = NOTHING,
) -> Receipt:
    """A feedback and its files, `chosen` as in `keep_draft`; once per key. Raises what `submit_feedback` does."""
    if not offered and not chosen:
        return submit_feedback(command, stores.feedbacks, stores.units, secret, now)
    key = command.key or ids.token()
    draft_id, anonymous = feedback_id(secret, command.scope, key), command.said.nameless
    taken = keep_draft(offered, chosen, draft_id, stores.files, rules, now, anonymous=anonymous)
    said = replace(command.said, files=taken.kept, refused=taken.refused)
    with _forgotten_if_refused(stores.files, [file for file in taken.kept if file.id not in chosen]):
        receipt = submit_feedback(replace(command, said=said, key=key), stores.feedbacks, stores.units, secret, now)
    brought = taken.kept if receipt.repeated else stores.files.waiting(receipt.feedback.id)
    let_go(stores.files, brought, receipt.feedback)
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
    first = _reply(command, feedback, secret)
    before = len(feedback.all_files) - (len(first.files) if first else 0)
    taken = take_files(offered, feedback.id, stores.files, rules, now, before, anonymous=feedback.anonymous)
    text = command.text or ", ".join(file.name for file in taken.kept)
    if not text:
        raise NothingKept(taken.refused)
    said = replace(command, text=text, files=taken.kept, refused=taken.refused)
    with _forgotten_if_refused(stores.files, taken.kept):
        changed = reply_to_feedback(said, stores.feedbacks, secret, now)
    let_go(stores.files, taken.kept, changed)
    written = _reply(command, changed, secret)
    return Taken(written.files, written.refused) if written else taken


def _reply(command: ReplyToFeedback, feedback: Feedback, secret: str) -> Entry | None:
    """The reply with this key, when it is there; its files are the first time's, whatever came in a repeat."""
    known = reply_id(command, secret)
    return next((entry for entry in feedback.history if known and entry.kind == "reply" and entry.id == known), None)


@contextmanager
def _forgotten_if_refused(files: FileStore, kept: Sequence[File]) -> Iterator[None]:
    """A database that did not answer may have written it all the same: those files are for the sweeper."""
    try:
        yield
    except (AlreadySaid, Conflict, Invalid, NotFound):
        let_go(files, kept, None)
        raise
