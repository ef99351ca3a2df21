"""What kind of mail this is: a person's words, or what a machine sent, and why.

Headers decide before texts, and a text alone never does: whoever forwards a bounce or quotes an absence is a person.
"""

from email.message import Message
from email.utils import getaddresses
from typing import Final

from ..mail import AUTO_REPLY, BOUNCE, COMPLAINT, FEEDBACK, LIST, OWN, Bounce, Ours
from .anatomy import dissect
from .automatic import automatic_reason
from .bounces import bounce_reason, is_null
from .complaints import complaint_reason
from .heads import Fields, first, token
from .lists import list_reason
from .reported import bounce_of, is_delivered

SENDERS_MOST: Final = 10
PERSONAL: Final = "A person wrote it, as far as can be told."


def classify(message: Message, envelope_sender: str | None, ours: Ours, text: str) -> tuple[str, str, Bounce | None]:
    """The verdict (see mail.VERDICTS), why in one sentence, and what a bounce says.

    `envelope_sender` is "" for the null sender and None where nobody knows it; `text` is the decoded text of the mail.
    Never raises, whatever the mail; at most the first 64 KiB of text are read.
    """
    anatomy = dissect(message, text)
    fields = anatomy.fields
    if reason := _own_reason(fields, envelope_sender, ours):
        return OWN, reason, None
    if reason := complaint_reason(anatomy):
        return COMPLAINT, reason, None
    if is_delivered(anatomy):
        return AUTO_REPLY, "It is a receipt for a delivery that succeeded (RFC 3464).", None
    if reason := bounce_reason(anatomy, envelope_sender):
        return BOUNCE, reason, bounce_of(anatomy)
    if reason := automatic_reason(anatomy, null_sender=is_null(fields, envelope_sender)):
        return AUTO_REPLY, reason, None
    if reason := list_reason(fields):
        return LIST, reason, None
    return FEEDBACK, PERSONAL, None


def _own_reason(fields: Fields, envelope_sender: str | None, ours: Ours) -> str:
    """Why we wrote this ourselves, or "": taking it for feedback would begin a loop."""
    address = ours.address.strip().lower()
    if not address:
        return ""
    written = [value for name in ("from", "sender") for value in fields.get(name, [])[:SENDERS_MOST]]
    senders = {found.lower() for _, found in getaddresses(written)} | {(envelope_sender or "").strip("<> ").lower()}
    if address in senders:
        return "It comes from our own address."
    if address in {value.lower() for name in ("x-loop", "x-liaise") for value in fields.get(name, [])}:
        return "It carries our own mark against loops."
    echoed = first(fields, "message-id").lower().endswith("@" + address.rpartition("@")[2] + ">")
    if echoed and token(fields, "auto-submitted") == "auto-generated":
        return "It is a mail of ours that came back."
    return ""
