"""A post room: mails as a server would hand them over, and what became of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from services.chassis import ids
from services.chassis.settings import Settings
from services.feedback.domain import Feedback
from services.feedback.mail.parsing import parse
from services.feedback.mail.receiving import ours
from services.feedback.mail.taking import Delivery, Taken, Taker
from tests.conftest import SECRET_KEY
from tests.unit.feedback.conftest import Room

SENDER = "amara@example.com"
AUTHSERV = "mx.liaise.example"
PASS = f"{AUTHSERV}; dkim=pass header.d=example.com; dmarc=pass header.from=example.com"
WRITTEN = SMTP.clone(max_line_length=998)
"""Mail programs leave a long Message-ID alone, where the standard library would encode it."""
FAIL = f"{AUTHSERV}; dkim=none; spf=fail smtp.mailfrom=example.com; dmarc=fail header.from=example.com"


@dataclass
class Post:
    """Mails go in; reading them needs no child process here."""

    room: Room
    taker: Taker

    def take(self, content: bytes | EmailMessage, *to: str, sender: str | None = SENDER, unit: str = "") -> Taken:
        """One delivery."""
        return self.taker.take(Delivery(content=bytes(content), sender=sender, recipients=to, unit=unit or None))

    def stored(self) -> list[Feedback]:
        """Every feedback there is."""
        found = self.room.feedbacks.collection.find({}, {"_id": 1})
        return [self.feedback(document["_id"]) for document in found]

    def feedback(self, feedback_id: str) -> Feedback:
        kept = self.room.feedbacks.find(feedback_id)
        assert kept
        return kept.feedback

    def events(self, feedback_id: str) -> list[dict[str, Any]]:
        """What was said of it and not published yet."""
        return list(self.room.document(feedback_id)["outbox"])

    def reports(self) -> list[dict[str, Any]]:
        """What machines reported."""
        return list(self.room.stores.reports.collection.find({}))

    def first(self, **headers: str) -> Feedback:
        """A feedback that came by mail."""
        taken = self.take(mail("The VPN drops.", **headers))
        assert taken.feedback
        return self.feedback(taken.feedback.id)


@pytest.fixture
def post_with(room: Room) -> Callable[..., Post]:
    """A post room with settings of its own."""

    def make(**changes: Any) -> Post:
        settings: Settings = replace(room.process.settings, **changes)
        known = ours(settings)
        return Post(
            room, Taker(settings, room.clock, room.stores, lambda content, sender: parse(content, known, sender))
        )

    return make


@pytest.fixture
def post(post_with: Callable[..., Post]) -> Post:
    return post_with()


@pytest.fixture
def proving(post_with: Callable[..., Post]) -> Post:
    """A post room behind a mail server that checks senders."""
    return post_with(mail_authserv_id=AUTHSERV)


def mail(text: str, **headers: str) -> EmailMessage:
    """A mail as people write it; a header's `_` is `-`, None leaves it out."""
    message = EmailMessage(policy=WRITTEN)
    values = {
        "From": f"Amara Okafor <{SENDER}>",
        "To": "it@liaise.example",
        "Subject": "VPN",
        "Message-ID": f"<{ids.new()}@example.com>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in values.items():
        if value is not None:
            message[name] = value
    message.set_content(text)
    return message


def reference(feedback: Feedback) -> str:
    """What our mails about it carry."""
    return ids.signed_reference(SECRET_KEY, "reply", feedback.id)


def our_message_id(feedback: Feedback) -> str:
    return f"<{ids.new()}.{reference(feedback)}@liaise.example>"
