"""The submitter thinks again: takes it back, or puts right what somebody wrote down for them."""

from dataclasses import replace
from datetime import datetime

from ...contracts.feedback import FeedbackCorrected, FeedbackWithdrawn
from ...contracts.triage import WITHDRAWN
from .feedback import CORRECTED, WITHDREW, Entry, Feedback
from .moves import FULL, HISTORY_LONGEST, IllegalMove, KeyReused, Step, noted
from .room import has_room


def withdraw(feedback: Feedback, withdrawal_id: str, why: str | None, now: datetime) -> Step:
    """Nothing more is wanted: the case's own service ends it. Asking again, by whichever id, changes nothing."""
    known = _known(feedback, WITHDREW, withdrawal_id)
    if known and known.text != why:
        raise KeyReused
    if known or feedback.withdraw_asked or feedback.status == WITHDRAWN:
        return feedback, []
    if feedback.ended:
        raise IllegalMove("There is an outcome already, so there is nothing left to withdraw.")
    if why and not has_room(feedback, why):
        raise IllegalMove("This conversation is full. Please withdraw it without words.")
    entry = Entry(at=now, kind=WITHDREW, id=withdrawal_id, text=why)
    return noted(feedback, entry), [FeedbackWithdrawn(person=feedback.person, why=why)]


def correct(feedback: Feedback, correction_id: str, text: str, now: datetime) -> Step:
    """Other words for what a liaison wrote down; those of before stay in the history. The same id changes nothing."""
    known = _known(feedback, CORRECTED, correction_id)
    if known:
        if known.text != text:
            raise KeyReused
        return feedback, []
    if not feedback.recorded_by:
        raise IllegalMove("You wrote this yourself. To add something, send a reply.")
    if not feedback.may_correct:
        raise IllegalMove("This has ended. To say that it is not right, send a reply.")
    if text == feedback.text:
        return feedback, []
    if len(feedback.history) >= HISTORY_LONGEST or not has_room(feedback, text, text):
        raise IllegalMove(FULL)
    event = FeedbackCorrected(correction_id=correction_id, person=feedback.person, text=text)
    entry = Entry(at=now, kind=CORRECTED, id=correction_id, text=text)
    return replace(noted(_with_first_words(feedback), entry), text=text), [event]


def _with_first_words(feedback: Feedback) -> Feedback:
    """The first entry keeps the words it came with once others take their place."""
    first, *later = feedback.history
    return replace(feedback, history=(replace(first, text=first.text or feedback.text), *later))


def _known(feedback: Feedback, kind: str, entry_id: str) -> Entry | None:
    return next((entry for entry in feedback.history if entry.kind == kind and entry.id == entry_id), None)
