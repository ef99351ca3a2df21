"""What becomes of one mail, whichever door it came through; nothing is taken that is not on disk when this returns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Counter

from ...chassis import ids
from ...chassis.clock import Clock
from ...chassis.errors import Conflict, Invalid, NotFound, Unavailable
from ...chassis.settings import Settings
from .. import handlers
from ..domain import Feedback
from ..handlers import AlreadySaid, SubmitFeedback
from ..handlers.files import Taken as TakenFiles
from ..handlers.files import let_go, take_files
from ..handlers.mails import ReportMail, SetAside, report_mail, set_aside
from ..store import Stores
from ..store.mails import REFUSED_BY_DATABASE
from . import placing
from .answering import Answering
from .doubting import doubt
from .parsing import Mail, unreadable
from .parsing.mail import AUTO_REPLY, BOUNCE, COMPLAINT, FEEDBACK, LIST, OWN, QUARANTINE, REPLY
from .saying import is_full, offered, reply_of, rules, submission_of

SCOPE: Final = "mail"
TOO_LARGE: Final = "It is too large. This is its beginning; the whole of it is in the mailbox it came from."
MAILS = Counter("liaise_mails_received_total", "Mails by what became of them", ["outcome"])

logger = structlog.get_logger()

Read = Callable[[bytes, str | None], Mail]
"""Bytes and the envelope sender -> what the mail says; raises OSError when nothing can be read now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A mail as it came; the envelope's sender is None and its recipients are none where nobody knows them.

    `unit` is whose mailbox it lay in.
    """

    content: bytes
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a mail: one of the verdicts of parsing; `repeated` says that it had been here before."""

    outcome: str
    repeated: bool = False
    feedback: Feedback | None = None


class Taker:
    """Takes mails, in any number of threads."""

    def __init__(self, settings: Settings, clock: Clock, stores: Stores, read: Read) -> None:
        self._secret = settings.secret_key.reveal()
        self._domain = settings.mail_domain
        self._rules = rules(settings)
        self._clock = clock
        self._stores = stores
        self._answering = Answering(stores, self._secret, self._domain)
        self._read = read

    def take(self, delivery: Delivery) -> Taken:
        """Take the mail once, however often it comes; raises Unavailable when it should come again later."""
        try:
            taken = self._take(delivery)
        except REFUSED_BY_DATABASE as error:
            raise Unavailable(f"the mail was not written ({type(error).__name__})") from error
        MAILS.labels("known" if taken.repeated else taken.outcome).inc()
        if taken.feedback is None:
            logger.info("mail made no feedback", outcome=taken.outcome, repeated=taken.repeated)
        return taken

    def take_beginning(self, delivery: Delivery) -> Taken:
        """Set aside the beginning of a mail that is too large to take; raises Unavailable."""
        mail = unreadable(delivery.content, TOO_LARGE)
        return self._set_aside(mail, delivery, mail.reason)

    def retry(self, delivery: Delivery) -> Taken:
        """Take a mail out of quarantine; what goes wrong leaves it there."""
        mail = self._mail(delivery)
        return Taken(QUARANTINE, repeated=True) if mail.verdict == QUARANTINE else self._become(mail, delivery)

    def take_as_said(self, delivery: Delivery) -> Taken:
        """Take a mail out of quarantine as a person's, whatever it reads like; one that cannot be read stays there."""
        mail = self._mail(delivery)
        return Taken(QUARANTINE, repeated=True) if mail.verdict == QUARANTINE else self._say(mail, delivery)

    def _take(self, delivery: Delivery) -> Taken:
        mail = self._mail(delivery)
        try:
            return self._become(mail, delivery)
        except (Unavailable, REFUSED_BY_DATABASE):
            raise
        except Exception as error:  # a defect of ours must not cost somebody's words, nor stop the mails behind them
            logger.exception("mail could not be taken")
            return self._set_aside(mail, delivery, f"It was read, but not taken ({type(error).__name__}).")

    def _mail(self, delivery: Delivery) -> Mail:
        try:
            return self._read(delivery.content, delivery.sender)
        except OSError as error:
            raise Unavailable(f"no mail can be read now ({type(error).__name__})") from error

    def _become(self, mail: Mail, delivery: Delivery) -> Taken:
        if mail.verdict == QUARANTINE:
            return self._set_aside(mail, delivery, mail.reason)
        if not mail.certain:
            return self._weigh(mail, delivery)
        if mail.verdict in (BOUNCE, COMPLAINT, AUTO_REPLY):
            return self._report(mail, delivery)
        if mail.verdict in (LIST, OWN):
            return Taken(mail.verdict)
        return self._say(mail, delivery)

    def _say(self, mail: Mail, delivery: Delivery) -> Taken:
        answered = self._answering.answered(mail, delivery.recipients)
        return self._reply_to_all(answered) or self._submit(mail, delivery)

    def _reply_to_all(self, answered: list[tuple[Mail, Feedback]]) -> Taken | None:
        """Add it to each conversation; None when there is none, or one does not take it."""
        replied = [taken for taken in (self._reply(*one) for one in answered) if taken]
        if len(replied) < len(answered):  # what one conversation took is not said in the other
            return None
        return min(replied, key=lambda taken: taken.repeated, default=None)

    def _weigh(self, mail: Mail, delivery: Delivery) -> Taken:
        """A machine's by its words alone: the conversation that a signature proves takes it, else somebody looks."""
        if self._stores.feedbacks.find(ids.keyed(self._secret, SCOPE, mail.key)):  # somebody looked, and took it
            return self._submit(mail, delivery)
        answered = self._answering.proven(mail, delivery.recipients)
        return self._reply_to_all(answered) or self._set_aside(mail, delivery, doubt(mail.verdict))

    def _set_aside(self, mail: Mail, delivery: Delivery, reason: str) -> Taken:
        command = SetAside(
            key=mail.key,
            content=delivery.content,
            reason=reason,
            sender=mail.from_email,
            subject=mail.subject,
            envelope_sender=delivery.sender,
            recipients=delivery.recipients,
            unit=delivery.unit,
        )
        added = set_aside(command, self._stores.quarantine, self._secret, self._clock.now())
        return Taken(QUARANTINE, repeated=not added)

    def _report(self, mail: Mail, delivery: Delivery) -> Taken:
        said, bounce = placing.quoted(self._secret, delivery.content), mail.bounce
        proofs = self._proofs(mail, delivery)
        absent = (mail.from_email,) if mail.verdict == AUTO_REPLY and "@" in mail.from_email else ()
        command = ReportMail(
            key=mail.key,
            kind=mail.verdict,
            addresses=bounce.recipients if bounce else absent,
            status=bounce.status if bounce else "",
            permanent=bounce.permanent if bounce else False,
            original_id=(bounce.original_id if bounce else "") or (said[0] if said else ""),
            feedback_id=proofs[0] if proofs else said[1] if said else None,
        )
        stores = self._stores
        added = report_mail(command, stores.reports, stores.feedbacks, self._secret, self._clock.now())
        return Taken(mail.verdict, repeated=not added)

    def _proofs(self, mail: Mail, delivery: Delivery) -> list[str]:
        original = (mail.bounce.original_id,) if mail.bounce else ()
        recipients = (*delivery.recipients, *mail.recipients)
        return placing.proven(self._secret, recipients, (*original, *mail.references))

    def _reply(self, mail: Mail, feedback: Feedback) -> Taken | None:
        """Add it to the conversation; None when that is full or gone."""
        reply_id = ids.keyed(self._secret, "reply", feedback.id, mail.key)
        if any(entry.id == reply_id for entry in feedback.history):
            return Taken(REPLY, repeated=True, feedback=feedback)
        if is_full(feedback):
            return None
        before, changed = len(feedback.all_files), None
        files = self._files(mail, feedback.id, feedback.anonymous, before)
        command, now = reply_of(mail, feedback, files), self._clock.now()
        try:
            changed = handlers.reply_to_feedback(command, self._stores.feedbacks, self._secret, now)
            taken: Taken | None = Taken(REPLY, feedback=changed)
        except Invalid:  # the same mail came at the same moment, and the case moved between the two
            taken = Taken(REPLY, repeated=True, feedback=feedback)
        except (Conflict, NotFound):
            taken = None
        let_go(self._stores.files, files.kept, changed)
        return taken

    def _submit(self, mail: Mail, delivery: Delivery) -> Taken:
        stores = self._stores
        feedback_id = ids.keyed(self._secret, SCOPE, mail.key)
        kept = stores.feedbacks.find(feedback_id)
        if kept:
            return Taken(FEEDBACK, repeated=True, feedback=kept.feedback)
        unit, kind = self._place(mail, delivery)
        files = self._files(mail, feedback_id, submission_of(mail, unit, kind, TakenFiles()).nameless)
        said = submission_of(mail, unit, kind, files)
        command, now = SubmitFeedback(said=said, scope=SCOPE, key=mail.key), self._clock.now()
        try:
            receipt = handlers.submit_feedback(command, stores.feedbacks, stores.units, self._secret, now)
            taken = Taken(FEEDBACK, receipt.repeated, receipt.feedback)
        except AlreadySaid as known:  # the same mail at the same moment, to another of our addresses
            taken = Taken(FEEDBACK, repeated=True, feedback=known.feedback)
        let_go(stores.files, files.kept, taken.feedback)
        return taken

    def _place(self, mail: Mail, delivery: Delivery) -> tuple[str | None, str]:
        known = any(unit.id == delivery.unit for unit in self._stores.units.current().units)
        mailbox = delivery.unit if known else None
        return placing.addressed(delivery.recipients, mail.recipients, mailbox, self._answering.unit_at, self._domain)

    def _files(self, mail: Mail, feedback_id: str, anonymous: bool, before: int = 0) -> TakenFiles:
        """Keep what may be kept; when the feedback's own write fails or leaves a doubt, the sweep finds them."""
        files, now = self._stores.files, self._clock.now()
        return take_files(offered(mail), feedback_id, files, self._rules, now, before, anonymous=anonymous)
