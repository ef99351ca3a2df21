"""What is recorded when something is heard. A message is inserted before the mark that its event is applied: a crash
between the two writes loses nothing, and the message's id, computed from its event, lets nothing be told twice."""

from collections.abc import Callable

from ...contracts.feedback import FeedbackJoined, FeedbackSubmitted, MailReported, ProfileSet
from ...contracts.registry import Event
from ...contracts.triage import CaseClosed, CaseReopened, QuestionAsked
from .answering import keep_profile, note_mail
from .deciding import resume_conversation, tell_outcome, tell_question
from .speaking import tell_joined, tell_receipt

HANDLERS: dict[type[Event], Callable[..., None]] = {
    FeedbackSubmitted: tell_receipt,
    FeedbackJoined: tell_joined,
    QuestionAsked: tell_question,
    CaseClosed: tell_outcome,
    CaseReopened: resume_conversation,
    ProfileSet: keep_profile,
    MailReported: note_mail,
}

__all__ = ["HANDLERS"]
