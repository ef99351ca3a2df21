"""What machines write about our mails: counted and passed on once, never a feedback, never answered."""

from email.message import EmailMessage
from time import perf_counter
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.chassis import ids
from services.feedback.domain import Feedback
from tests.unit.feedback.mail_receiving.conftest import SENDER, Post, mail, our_message_id, reference

STORM = 2_000
STORM_SECONDS = 60.0
"""Far more than it takes; what is told of the machine is printed."""


def bounce(original: str = "<1@elsewhere.example>", *addresses: str, status: str = "5.1.1") -> bytes:
    """A delivery report as mail servers write it (RFC 3464)."""
    blocks = "\r\n".join(
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n" for address in addresses
    )
    return f"""From: MAILER-DAEMON@mx.example
To: answers@liaise.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <{ids.new()}@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut

I am sorry to have to inform you that your message could not be delivered.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

{blocks}
--cut
Content-Type: text/rfc822-headers

From: answers@liaise.example
Subject: Your feedback
Message-ID: {original}

--cut--
""".encode()


def complaint(feedback: Feedback) -> bytes:
    """An abuse report (RFC 5965) that names nobody, as the large providers write it."""
    return f"""From: feedbackloop@provider.example
To: answers@liaise.example
Subject: complaint
Message-ID: <{ids.new()}@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut

This is an email abuse report.

--cut
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1.0
Version: 1

--cut
Content-Type: message/rfc822

From: answers@liaise.example
Subject: Your feedback
Message-ID: {our_message_id(feedback)}

Hello
--cut--
""".encode()


def events(post: Post) -> list[dict[str, Any]]:
    return [event["data"] for report in post.reports() for event in report.get("outbox", ())]


def count(outcome: str) -> float:
    return REGISTRY.get_sample_value("liaise_mails_received_total", {"outcome": outcome}) or 0.0


def test_a_bounce_is_told_once_for_each_address_and_knows_what_it_is_about(post: Post) -> None:
    first = post.first()
    original = our_message_id(first)
    report = bounce(original, SENDER, "boss@example.com")
    assert [post.take(report, sender="").repeated for _ in range(3)] == [False, True, True]
    told = {event["address"]: event for event in events(post)}
    assert set(told) == {SENDER, "boss@example.com"}
    known = {"kind": "bounce", "permanent": True, "original_id": original, "feedback": first.id}
    assert {name: told[SENDER][name] for name in known} == known
    assert told[SENDER]["status"].startswith("5.")
    assert told[SENDER]["person"] == first.person
    assert len(post.stored()) == 1


def test_a_bounce_of_what_we_never_sent_proves_nothing(post: Post) -> None:
    first = post.first()
    forged = f"<{ids.new()}.{ids.signed_reference('another secret', 'reply', first.id)}@liaise.example>"
    post.take(bounce(forged, SENDER), sender="")
    [event] = events(post)
    assert event["feedback"] is None


def test_a_complaint_that_names_nobody_is_about_whom_we_wrote_to(post: Post) -> None:
    first = post.first()
    assert post.take(complaint(first)).outcome == "complaint"
    [event] = events(post)
    assert (event["kind"], event["address"], event["feedback"]) == ("complaint", SENDER, first.id)
    assert event["original_id"].endswith(f".{reference(first)}@liaise.example>")


def test_an_absence_note_is_of_its_sender_and_adds_nothing_to_the_conversation(post: Post) -> None:
    first = post.first()
    note = mail(
        "I am away until Monday.",
        Subject="Automatic reply: Your feedback",
        Auto_Submitted="auto-replied",
        In_Reply_To=our_message_id(first),
    )
    assert post.take(note, sender="").outcome == "auto-reply"
    [event] = events(post)
    assert (event["kind"], event["address"], event["feedback"]) == ("auto-reply", SENDER, first.id)
    assert len(post.feedback(first.id).history) == 1


def test_a_report_without_an_address_is_counted_once(post: Post) -> None:
    before = count("bounce")
    report = bounce()
    for _ in range(3):
        assert post.take(report, sender="").outcome == "bounce"
    assert count("bounce") - before == 1
    assert len(post.reports()) == 1
    assert events(post) == []


@pytest.mark.parametrize(
    ("outcome", "headers"),
    [
        ("own", {"From": "Liaise <answers@liaise.example>", "Auto_Submitted": "auto-generated"}),
        ("list", {"List_Unsubscribe": "<https://news.example/u>", "Precedence": "bulk", "Feedback_ID": "1:news"}),
    ],
)
def test_what_comes_from_us_and_newsletters_are_counted_and_nothing_else(
    post: Post, outcome: str, headers: dict[str, str]
) -> None:
    before = count(outcome)
    assert post.take(mail("Read our news.", **headers)).outcome == outcome
    assert count(outcome) - before == 1
    assert (post.stored(), post.reports()) == ([], [])


def test_a_storm_of_bounces_is_no_feedback_and_soon_over(post: Post) -> None:
    first = post.first()
    reports = [bounce(our_message_id(first), f"person{number}@example.com") for number in range(STORM)]
    started = perf_counter()
    for report in reports:
        assert post.take(report, sender="").outcome == "bounce"
    seconds = perf_counter() - started
    print(f"{STORM} bounces in {seconds:.1f} s, {STORM / seconds:.0f} a second")
    assert seconds < STORM_SECONDS
    assert len(post.stored()) == 1
    assert len(post.reports()) == STORM


def robot(number: int, answered: str, *, honest: bool) -> EmailMessage:
    """A program that answers every mail, and says so or does not."""
    headers = {"Auto_Submitted": "auto-replied"} if honest else {}
    return mail(f"Your mail is important to us. Ticket {number}.", In_Reply_To=answered, **headers)


@pytest.mark.parametrize("honest", [True, False], ids=["marked", "unmarked"])
def test_a_robot_that_answers_every_mail_makes_no_feedback_however_long_it_goes_on(post: Post, honest: bool) -> None:
    first = post.first()
    for number in range(100):
        taken = post.take(robot(number, our_message_id(first), honest=honest), sender="" if honest else SENDER)
        assert taken.outcome == ("auto-reply" if honest else "reply")
    assert len(post.stored()) == 1
    submitted = [event for event in post.events(first.id) if event["type"] == "feedback.submitted"]
    assert len(submitted) == 1


def test_our_own_mail_that_comes_back_ends_here(post: Post) -> None:
    first = post.first()
    back = mail("We have it.", From="Forwarder <f@example.com>", Auto_Submitted="auto-generated")
    del back["Message-ID"]
    back["Message-ID"] = our_message_id(first)
    assert post.take(back).outcome in ("own", "auto-reply")
    assert post.take(mail("We have it.", X_Loop="answers@liaise.example")).outcome == "own"
    assert len(post.stored()) == 1
