"""The loop by mail alone: what our mails carry brings the answers back, and robots get tired before we do."""

from collections.abc import Callable
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

import pytest

from services.chassis import ids
from services.feedback.app import stores_of
from services.feedback.mail.parsing import parse
from services.feedback.mail.receiving import ours
from services.feedback.mail.taking import Delivery, Taken, Taker
from services.notify.store import MailboxStore
from tests.world import World

AMARA = "amara@example.com"


@pytest.fixture
def take(world: World) -> Callable[..., Taken]:
    """The post comes; reading it needs no child process here."""
    settings, stores = world.process.settings, stores_of(world.process)
    taker = Taker(settings, world.clock, stores, lambda content, sender: parse(content, ours(settings), sender))

    def deliver(mail: EmailMessage, to: str = "it@liaise.example", sender: str = AMARA) -> Taken:
        taken = taker.take(Delivery(content=bytes(mail), sender=sender, recipients=(to,)))
        world.drain()
        return taken

    return deliver


def written(text: str, **headers: str) -> EmailMessage:
    mail = EmailMessage(policy=policy.SMTP.clone(max_line_length=998))
    values = {"From": f"Amara <{AMARA}>", "Subject": "The VPN", "Message-ID": f"<{ids.new()}@example.com>"}
    for name, value in (values | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        mail[name] = value
    mail.set_content(text)
    return mail


def sent(world: World) -> list[Any]:
    """Every mail to Amara as it left, the newest first."""
    box = MailboxStore(world.process.store("notify"))
    found = [box.find(mail["_id"]) for mail in box.newest(200) if mail["to"] == AMARA]
    return [message_from_string(mail["source"], policy=policy.default) for mail in found if mail]


def answers_to(mail: Any) -> dict[str, tuple[EmailMessage, str]]:
    """The ways in which mail programs answer, each with one of the four signs alone, and where it goes."""
    plain = "it@liaise.example"
    return {
        "In-Reply-To": (written("By In-Reply-To.", In_Reply_To=mail["Message-ID"]), plain),
        "References": (written("By References.", References=f"<x@example.com> {mail['Message-ID']}"), plain),
        "address": (written("By address."), mail["Reply-To"]),
        "number": (written("By number.", Subject=f"Re: {mail['Subject']}"), plain),
    }


def test_every_way_to_answer_our_mail_leads_back(world: World, take: Callable[..., Taken]) -> None:
    taken = take(written("The VPN drops at nine."))
    assert taken.feedback
    [receipt] = sent(world)
    for way, (answer, to) in answers_to(receipt).items():
        added = take(answer, to)
        assert (added.outcome, added.feedback and added.feedback.id) == ("reply", taken.feedback.id), way
    ines = world.liaison()
    page = ines.get(f"/triage/cases/{taken.feedback.id}").text
    assert [text in page for text in ("By In-Reply-To.", "By References.", "By address.", "By number.")] == [True] * 4
    assert len(sent(world)) == 1


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "unmarked"])
def test_a_robot_that_answers_every_mail_ends_by_itself(world: World, take: Callable[..., Taken], marked: bool) -> None:
    """It answers whatever comes, with and without the field of RFC 3834, and names nothing it answers."""
    headers = {"Auto_Submitted": "auto-replied"} if marked else {}
    take(written("The VPN drops at nine."))
    answered = 0
    while answered < len(sent(world)):
        answered += 1
        take(written(f"Thank you. Your call {answered} is important to us.", Subject=f"Call {answered}", **headers))
        assert answered < 100, "the loop goes on"
    most = world.process.settings.receipts_per_day
    print(f"robot ({'marked' if marked else 'unmarked'}): {answered} mails answered")
    assert answered == (1 if marked else most)
    feedbacks = stores_of(world.process).feedbacks.collection.count_documents({})
    assert feedbacks == (1 if marked else most + 1)
