"""What one mail says, as parsing understands it; what becomes of it is decided elsewhere."""

from dataclasses import dataclass
from typing import Final

FEEDBACK, REPLY, BOUNCE, AUTO_REPLY = "feedback", "reply", "bounce", "auto-reply"
COMPLAINT, LIST, OWN, QUARANTINE = "complaint", "list", "own", "quarantine"
TITLE_LONGEST: Final = 200
EMPTY_NOTE: Final = "[This mail had no text.]"
VERDICTS: Final = (FEEDBACK, REPLY, BOUNCE, AUTO_REPLY, COMPLAINT, LIST, OWN, QUARANTINE)
"""Parsing gives all but REPLY, which needs to know what was said before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file that came with a mail, decoded."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a delivery report (RFC 3464) or its like says: an enhanced status code (RFC 3463) or "", and of whom.

    `original_id` is the Message-ID of the mail it is about, "" when it does not say.
    """

    status: str
    recipients: tuple[str, ...]
    permanent: bool
    original_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, decoded; texts are NFC with LF, addresses as they were written.

    `from_*` is what the header From says; `answer_to` is the address to answer, None when nobody can or may be.
    `text` is all of it, `visible_text` what this writer wrote now, without quotes and signature; both may be "".
    `content_type` is text/html when it came as HTML, alone or beside a plain form, which is then the one given here.
    `recipients` are all addresses it was sent to by its headers, `references` the Message-IDs it answers, newest first.
    `authenticated` is what our own mail server found (RFC 8601), None when it said nothing.
    `key` is the same however often the same mail arrives.
    `certain` is False where only words and names make it a machine's, and a person may have written it.
    """

    verdict: str
    reason: str
    from_email: str
    from_display_name: str
    answer_to: str | None
    answer_name: str | None
    subject: str
    text: str
    visible_text: str
    content_type: str
    language: str
    attachments: tuple[AttachedFile, ...]
    bounce: Bounce | None
    message_id: str
    references: tuple[str, ...]
    recipients: tuple[str, ...]
    authenticated: bool | None
    key: str
    certain: bool = True

    @property
    def title(self) -> str | None:
        """The subject as the title of a feedback, None for none."""
        return self.subject[:TITLE_LONGEST].strip() or None

    @property
    def said(self) -> str:
        """The text, or what stands for it in a mail that has none; never "", so that it can be a feedback."""
        return self.text.strip() or self.title or EMPTY_NOTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """What parsing has to know of this install: the address it sends from, and whose Authentication-Results count."""

    address: str
    authserv_id: str = ""
