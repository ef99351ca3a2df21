"""People write about bounces and absence, forward them, and write through lists: all of it is feedback."""

import pytest

from tests.unit.feedback.mail_classify.letters import letter, report, verdict

ADA = "From: Ada <ada@uni.example>\n"
PASTED = """
    This message was created automatically by mail delivery software.

    A message that you sent could not be delivered to one or more of its recipients.
      support@uni.example
        550 5.1.1 User unknown
"""


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ("Subject: Undelivered mail?", "Hello,\n\nmy mail to support could not be delivered: user unknown."),
        ("Subject: Undeliverable: mail to support", "I got this when I wrote to support:\n" + PASTED),
        ("Subject: Fwd: Undelivered Mail Returned to Sender", PASTED),
        ("Subject: Re: Mail delivery failed: returning message to sender", "What is this?\n\n> " + PASTED),
        ("Subject: Mail delivery failed", "> This is the mail system at host mx.example.\n\nI get this all day."),
        ("Subject: Returned mail", "Hello\n" + PASTED),
        ("Subject: Out of office: the calendar shows it wrongly", "The absence of my colleague is shown a day late."),
        ("Subject: Urlaubsantrag: Formular defekt", "Wenn jemand im Urlaub ist, kann er den Antrag nicht sehen."),
        ("Subject: Re: Automatic reply: We got your feedback", "> I am out of the office\n\nDid anybody read this?"),
        ("Subject: Automation: broken", "The import does not run."),
        ("Subject: Spam complaint", "I get too much mail from you. This is an abuse report!"),
        ("Subject: complaint about message from Bob", "He wrote me three times."),
        ("Subject: unsubscribe", "Please take me off your list."),
        ("Subject: Thanks\nAuto-Submitted: no", "The door is broken."),
        ("Subject: Thanks\nX-Auto-Response-Suppress: DR, RN", "The door is broken."),
        ("Subject: Thanks\nList-Unsubscribe: <mailto:out@uni.example>", "The door is broken."),
    ],
)
def test_a_person_is_heard_whatever_the_words(headers: str, text: str) -> None:
    assert verdict(letter(ADA + headers, text)) == "feedback"
    assert verdict(letter(ADA + headers, text), envelope="ada@uni.example") == "feedback"


def test_a_bounce_that_a_person_attached_is_that_persons_mail() -> None:
    attached = report("failed", "5.1.1", "550 5.1.1 User unknown").decode()
    source = (
        f"{ADA}Subject: Undelivered Mail Returned to Sender\nContent-Type: multipart/mixed; boundary=outer\n\n"
        f"--outer\n\nWhat does this mean?\n--outer\nContent-Type: message/rfc822\n\n{attached}\n--outer--\n"
    )
    assert verdict(source.encode()) == "feedback"


def test_a_postmaster_is_a_person_too() -> None:
    headers = "From: Bob <postmaster@uni.example>\nSubject: Your mail could not be delivered here"
    text = "Hello,\n\nyour answers are rejected by our filter (user unknown). Please write to support instead."
    assert verdict(letter(headers, text), envelope="postmaster@uni.example") == "feedback"
    answer = letter("From: Bob <postmaster@uni.example>\nSubject: Re: Undeliverable: We got your feedback", "Fixed.")
    assert verdict(answer) == "feedback"
    typed = letter(
        "From: postmaster@uni.example\nSubject: Undeliverable\nX-Mailer: Thunderbird", "Your mails are that."
    )
    assert verdict(typed) == "feedback"
    assert verdict(letter("From: root@uni.example\nSubject: Door", "The door is broken.")) == "feedback"


@pytest.mark.parametrize(
    "headers",
    [
        "Precedence: list\nList-Post: <mailto:it@uni.example>\nList-Unsubscribe: <mailto:x@y.example>",
        "Precedence: bulk\nList-Post: <mailto:it@uni.example>",
        "Precedence: bulk\nX-BeenThere: it@uni.example",
        "Precedence: bulk\nSender: owner-it@uni.example",
        "Precedence: list\nSender: it-bounces@uni.example",
        "List-Unsubscribe: <mailto:x@y.example>\nX-Google-Group-Id: 12345\nMailing-List: list it@uni.example",
    ],
)
def test_what_a_list_or_a_group_passed_on_from_a_person_is_feedback(headers: str) -> None:
    assert verdict(letter(f"{ADA}Subject: Door\n{headers}", "The door is broken.")) == "feedback"


def test_an_absence_that_came_through_a_list_is_still_automatic() -> None:
    headers = f"{ADA}Subject: Away\nList-Post: <mailto:it@uni.example>\nAuto-Submitted: auto-replied"
    assert verdict(letter(headers, "I am away.")) == "auto-reply"
