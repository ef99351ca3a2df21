"""What people say about being told, and what machines answer to our mails; to none of it anything is sent."""

from datetime import datetime

from ...contracts.envelope import Envelope
from ...contracts.feedback import BOUNCED, MailReported, ProfileSet
from .. import domain
from .ports import Notifications, Profiles


def keep_profile(message: Envelope[ProfileSet], profiles: Profiles) -> None:
    """Remember what a person wants to hear; it holds for every message made from now on."""
    profiles.keep(message)


def note_mail(message: Envelope[MailReported], notifications: Notifications, now: datetime) -> None:
    """Show that a mail of ours came back, or that a machine answered it; what is not about one of ours is nothing."""
    heard = message.data
    read = notifications.find_sent(heard.original_id)
    if read is None:
        return
    if heard.kind == BOUNCED:
        told, events = domain.bounced(read.value, heard.status, heard.permanent)
    else:
        told, events = domain.reported(read.value, heard.kind), []
    if told != read.value:
        notifications.save(read, told, events, now)
