"""Something new comes in: once per key, durable before it is answered."""

import json
import unicodedata
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Final

from ...chassis import ids
from ...chassis.clock import working_days_after
from ...chassis.errors import Invalid, Unavailable
from ...chassis.failpoints import hit
from ...contracts.feedback import WEB, WIDGET
from .. import domain
from ..domain import Feedback, Labels, Submission, Unit, UnknownService, UnknownUnit
from ..store import FeedbackStore, Kept, UnitStore

NUMBER_TRIES: Final = 5
KEY_REUSED: Final = "This Idempotency-Key came before with something else. Take a new key for a new request."
SAID: Final = tuple(field.name for field in fields(Submission) if field.name != "refused")
SHOWN: Final = (WEB, WIDGET)
"""Channels whose language is that of the page: who switches it and sends again has said nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitFeedback:
    """Take this in; the same key from the same scope (door and principal) makes one feedback."""

    said: Submission
    scope: str
    key: str | None = None
    client: str | None = None

    @property
    def fingerprint(self) -> str:
        """The digest of everything that was said; of files names and contents, for their ids are new each time.

        Nothing of who is anonymous goes into it: whoever knows the words could try names until one fits.
        """
        kept = replace(self.said, name=None, email=None) if self.said.nameless else self.said
        said = {name: value for name in SAID if (value := getattr(kept, name)) not in (None, False, ())}
        if self.said.channel in SHOWN:
            said.pop("language", None)
        said["files"] = [(file.name, file.sha256) for file in self.said.files]
        return ids.digest(json.dumps(said, default=datetime.isoformat, sort_keys=True))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the submitter gets; `repeated` says that this key had been here before."""

    feedback: Feedback
    tracking_token: str
    repeated: bool


class AlreadySaid(Exception):
    """The key came before with something else; a form can lead its sender to the first one."""

    def __init__(self, feedback: Feedback, tracking_token: str) -> None:
        super().__init__(KEY_REUSED)
        self.feedback = feedback
        self.tracking_token = tracking_token


def submit_feedback(
    command: SubmitFeedback, feedbacks: FeedbackStore, units: UnitStore, secret: str, now: datetime
) -> Receipt:
    """One durable feedback per key, however often it comes; raises AlreadySaid, Invalid, Unavailable."""
    feedback_id = ids.keyed(secret, command.scope, command.key) if command.key else ids.random_id()
    token = ids.keyed_token(secret, "tracking", feedback_id)
    try:
        email = None if command.said.anonymous else command.said.email
        unit = units.current().find(command.said.unit, command.said.service, email)
    except (UnknownUnit, UnknownService) as error:
        # A repeat gets its first answer even when the unit has gone since.
        kept = feedbacks.find(feedback_id) if command.key else None
        if kept is None:
            raise _unknown(error) from None
        return _repeat(kept, command, token)
    labels = Labels(
        id=feedback_id,
        person=_person(secret, command.said),
        tracking_token=token,
        tracking_hash=ids.digest(token),
        fingerprint=command.fingerprint,
        answer_due=working_days_after(now, unit.answer_days, unit.time_zone),
        code_hash=code_hash(secret, code(secret, feedback_id)),
        client=command.client,
    )
    return _add(command, unit, labels, feedbacks, now)


def is_taken(scope: str, key: str, feedbacks: FeedbackStore, secret: str) -> bool:
    """Whether this key came before in another scope of the same principal; nothing is kept of having asked."""
    return feedbacks.find(ids.keyed(secret, scope, key)) is not None


def code(secret: str, feedback_id: str) -> str:
    """The code that brings an anonymous submitter back: five groups of four digits."""
    return ids.keyed_digits(secret, "code", feedback_id)


def code_hash(secret: str, code: str) -> str:
    """The digest by which a code is found, digits of any script; whoever holds the database alone cannot try codes."""
    values = (unicodedata.decimal(character, None) for character in code)
    return ids.keyed_token(secret, "code digest", "".join(str(value) for value in values if value is not None))


def _add(command: SubmitFeedback, unit: Unit, labels: Labels, feedbacks: FeedbackStore, now: datetime) -> Receipt:
    for _ in range(NUMBER_TRIES):
        feedback, events = domain.receive(command.said, unit, labels, ids.number(), now)
        _before_write(feedback)
        added = feedbacks.add(feedback, events, now)
        _after_write(feedback)
        if added:
            return Receipt(feedback, labels.tracking_token, repeated=False)
        kept = feedbacks.find(labels.id)
        if kept:
            return _repeat(kept, command, labels.tracking_token)
    raise Unavailable("No free number was found. Please try again.")


def _before_write(feedback: Feedback) -> None:
    hit("mail.before_write") if feedback.channel == "email" else hit("intake.before_write")


def _after_write(feedback: Feedback) -> None:
    hit("mail.after_write") if feedback.channel == "email" else hit("intake.after_write")


def _repeat(kept: Kept, command: SubmitFeedback, token: str) -> Receipt:
    if kept.feedback.fingerprint != command.fingerprint:
        raise AlreadySaid(kept.feedback, token)
    return Receipt(kept.feedback, token, repeated=True)


def _unknown(error: Exception) -> Invalid:
    if isinstance(error, UnknownUnit):
        return Invalid("No unit has this id; GET /v1/units lists them.", "/unit")
    return Invalid("The unit does not offer this service; GET /v1/units lists them.", "/service")


def _person(secret: str, said: Submission) -> str:
    """The same person for the same address; strangers and the anonymous are somebody new each time."""
    if said.nameless or not said.email:
        return ids.random_id()
    return ids.keyed(secret, "person", said.email.lower())
