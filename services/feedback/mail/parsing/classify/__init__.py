"""What kind of mail this is: a person's words, or what a machine sent, and why.

Headers decide before texts, and a text alone never does: whoever forwards a bounce or quotes an absence is a person.
"""

from email.message import Message
from typing import Final, NamedTuple

from ..mail import AUTO_REPLY, BOUNCE, COMPLAINT, FEEDBACK, LIST, OWN, Bounce, Ours
from .anatomy import Anatomy, dissect
from .automatic import automatic_reason
from .bounces import bounce_reason, is_null
from .certainty import is_marked
from .complaints import complaint_reason
from .lists import list_reason
from .ours import BY_ADDRESS, own_reason
from .reported import bounce_of, is_delivered

PERSONAL: Final = "A person wrote it, as far as can be told."


class Judged(NamedTuple):
    """The verdict (see mail.VERDICTS), why in one sentence, what a bounce says, and whether no person can be meant."""

    verdict: str
    reason: str
    bounce: Bounce | None
    certain: bool


def classify(message: Message, envelope_sender: str | None, ours: Ours, text: str) -> Judged:
    """What kind of mail it is; not certain where only its words and names say so, which people have too.

    `envelope_sender` is "" for the null sender and None where nobody knows it; `text` is the decoded text of the mail.
    Never raises, whatever the mail; at most the first 64 KiB of text are read.
    """
    anatomy = dissect(message, text)
    verdict, reason, bounce = _verdict(anatomy, envelope_sender, ours)
    proven = verdict == FEEDBACK or (verdict == OWN and reason != BY_ADDRESS)
    return Judged(verdict, reason, bounce, proven or is_marked(anatomy, envelope_sender))


def _verdict(anatomy: Anatomy, envelope_sender: str | None, ours: Ours) -> tuple[str, str, Bounce | None]:
    fields = anatomy.fields
    if reason := own_reason(fields, envelope_sender, ours):
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
