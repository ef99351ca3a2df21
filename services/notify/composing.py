"""Makes a mail of a notification: the same one byte for byte each time, so that a resend is the same mail.

Nothing somebody wrote can add a header: control characters and address syntax are taken out of names, and an address
that is not one is refused.
"""

import re
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from ..contracts.sealed import ERASED
from .channels import Mail, TransportError
from .domain import Notification, greeted
from .rendering import Renderer

BODY_POLICY = SMTP.clone(max_line_length=76)
HEADER_POLICY = SMTP.clone(max_line_length=998)
"""Long header values, such as links, stay whole: folded into encoded words they no longer work."""
SYNTAX = re.compile(r'[()<>\[\]:;@\\,"]')
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
NAME_LENGTH = 60


class Composer:
    """Composes mails from one sender."""

    def __init__(self, renderer: Renderer, mail_from: str) -> None:
        name, address = parseaddr(mail_from)
        self._renderer = renderer
        self._from = Address(display_name=plain_name(name), addr_spec=address)

    def compose(self, notification: Notification) -> Mail:
        """The mail of a notification; raises TransportError for an address no mail can go to."""
        written = self._renderer.write(notification)
        to = _address(greeted(notification), notification.recipient)
        message = EmailMessage(policy=BODY_POLICY)
        message["From"] = self._from
        message["To"] = to
        message["Subject"] = one_line(written.subject)
        message["Date"] = notification.created_at
        message["Message-ID"] = notification.message_id
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["X-Loop"] = self._from.addr_spec
        if notification.thread:
            message["In-Reply-To"] = notification.thread
            message["References"] = notification.thread
        if notification.reply_to:
            message["Reply-To"] = notification.reply_to
        message.set_content(written.text, cte="quoted-printable")
        message.add_alternative(written.html, subtype="html", cte="quoted-printable")
        message.set_boundary(f"={notification.id}=")
        return Mail(
            message_id=notification.message_id,
            sender=self._from.addr_spec,
            recipient=to.addr_spec,
            subject=written.subject,
            text=written.text,
            html=written.html,
            source=message.as_bytes(policy=HEADER_POLICY.clone(utf8=not to.addr_spec.isascii())),
            at=notification.created_at,
        )


def one_line(text: str) -> str:
    """The text without anything that could end a header: every run of control characters and blanks is one blank.

    An encoded word is taken apart too: the email package decodes it, line breaks and all, before it writes the header.
    """
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.replace("=?", "= ?").split())


def plain_name(name: str) -> str:
    """A name as it may stand before an address, without a character that means something there."""
    return one_line(SYNTAX.sub(" ", name))[:NAME_LENGTH].strip()


def _address(name: str | None, recipient: str) -> Address:
    if one_line(recipient) != recipient or recipient == ERASED:
        raise TransportError("bad-address", permanent=True)
    local, _, domain = recipient.rpartition("@")
    try:
        host = domain if domain.isascii() else domain.encode("idna").decode()
        Address(addr_spec=f"{NOT_ASCII.sub('x', local)}@{host}")  # it refuses what is not an address, and any umlaut
        return Address(display_name=plain_name(name or ""), username=local, domain=host)
    except (MessageError, ValueError, IndexError, TypeError):
        raise TransportError("bad-address", permanent=True) from None
