"""The local mailbox: takes every mail while no mail server is set, and the page /mailbox/ shows it."""

from dataclasses import dataclass
from typing import ClassVar

from ..store import MailboxStore
from . import Mail


@dataclass(frozen=True, slots=True)
class MailboxChannel:
    """Keeps mails in the database; the same Message-ID never shows twice."""

    mailbox: MailboxStore
    name: ClassVar[str] = "mailbox"

    def send(self, mail: Mail) -> str:
        """Keep it."""
        values = {"subject": mail.subject, "to": mail.recipient, "html": mail.html, "text": mail.text, "at": mail.at}
        self.mailbox.add_once(mail.message_id, values | {"source": mail.source.decode("ascii", "replace")})
        return "kept"
