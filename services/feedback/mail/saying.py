"""A mail in the words of a feedback: what is said, by whom, with which files, and whether it may reopen anything."""

from collections.abc import Iterable
from io import BytesIO
from typing import Final

from ...chassis.settings import MEGABYTE, Settings
from ...contracts.feedback import EMAIL
from ...contracts.triage import DECLINED
from ..domain import Feedback, Submission
from ..domain.files import EMPTY, MORE, PROGRAM, TELLING, TOO_LARGE, TOO_MANY, TOO_MUCH, FileRules, Refused
from ..domain.room import has_room
from ..handlers import ReplyToFeedback
from ..handlers.files import Offered, Taken
from .parsing import Mail

WHY: Final = {
    EMPTY: "it is empty",
    PROGRAM: "this type is not taken",
    TOO_LARGE: "it is too large",
    TOO_MANY: "there were too many",
    TOO_MUCH: "together they were too large",
    TELLING: "this picture cannot be freed of what it says about its sender",
}
BYTES_MOST: Final = 600_000
"""UTF-8 bytes of a text and its full form together; sealed they take a third more, and an event holds 1,000,000."""
CUT_NOTE: Final = "\n\n[The rest of this mail was too long to keep.]"


def words(mail: Mail) -> tuple[str, str | None]:
    """What this writer wrote, never empty, and the whole text with its quotes where that is more."""
    text = mail.visible_text.strip() or mail.said
    whole = mail.text.strip()
    return text, _fitting(whole, BYTES_MOST - len(text.encode())) if whole and whole != text else None


def offered(mail: Mail) -> list[Offered]:
    """Its files, as any door offers them."""
    return [Offered(one.filename, one.content_type, BytesIO(one.content)) for one in mail.attachments]


def with_note(text: str, refused: Iterable[Refused]) -> str:
    """The text, with a line for each file that was not kept, so that nobody waits for an answer to it."""
    notes = [
        f"[Not kept: {one.count} more.]" if one.reason == MORE else f"[Not kept: {one.name}, {WHY[one.reason]}.]"
        for one in refused
    ]
    return "\n".join([f"{text}\n", *notes]) if notes else text


def rules(settings: Settings) -> FileRules:
    """How much one mail may bring."""
    return FileRules(
        at_once=settings.attachments_at_once,
        bytes_each=settings.attachment_megabytes * MEGABYTE,
        bytes_together=settings.attachments_megabytes * MEGABYTE,
    )


def submission_of(mail: Mail, unit: str | None, kind: str, files: Taken) -> Submission:
    """A new feedback; a sender who cannot be answered is named as they named themselves."""
    text, full_text = words(mail)
    return Submission(
        channel=EMAIL,
        text=with_note(text, files.refused),
        full_text=full_text,
        title=mail.title,
        name=mail.answer_name or (None if mail.answer_to else mail.from_display_name or mail.from_email or None),
        email=mail.answer_to,
        language=mail.language,
        unit=unit,
        kind=kind,
        files=files.kept,
        verified=mail.authenticated,
    )


def reply_of(mail: Mail, feedback: Feedback, files: Taken) -> ReplyToFeedback:
    """The reply; only the submitter, from their own address, contests a decline by answering it.

    An address that is not the submitter's is named, but never beside one who gave no address: nobody may unmask them.
    """
    text, full_text = words(mail)
    own = is_submitter(mail, feedback)
    hidden = feedback.email is None
    contests = own and mail.authenticated is not False and not feedback.reopen_asked and feedback.status == DECLINED
    return ReplyToFeedback(
        feedback_id=feedback.id,
        text=with_note(text, files.refused),
        reopen=contests,
        channel=EMAIL,
        key=mail.key,
        full_text=full_text,
        files=files.kept,
        sender=None if own or hidden else mail.from_email or None,
        verified=False if hidden or not (own or mail.from_email) else mail.authenticated,
    )


def is_submitter(mail: Mail, feedback: Feedback) -> bool:
    """Whether From is the submitter's address; whoever gave none cannot be recognised."""
    return bool(feedback.email) and mail.from_email.lower() == (feedback.email or "").lower()


def is_full(feedback: Feedback) -> bool:
    """Whether no more words fit into this conversation."""
    return not has_room(feedback)


def _fitting(text: str, most: int) -> str:
    raw = text.encode()
    return text if len(raw) <= most else raw[: most - len(CUT_NOTE)].decode(errors="ignore") + CUT_NOTE
