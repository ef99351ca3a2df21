"""People write about bounces and absence, forward them, and write through lists: all of it is feedback."""

import pytest

from tests.unit.feedback.mail_classify.letters import certain, letter, report, verdict

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
        ("Subject: Urlaub: Antrag im Portal kaputt", "Ich bin ab Montag im Urlaub und kann ihn nicht abschicken."),
        ("Subject: On parental leave: no access", "I am on parental leave and lost access to my payslips."),
        ("Subject: Automatic reply: cannot be switched on", "I cannot switch on the automatic reply in Outlook."),
        ("Subject: Mail delivery problem\nX-Mailer: Microsoft Outlook 16.0", "Delivery has failed to these recipients"),
        ("Subject: Your ticket\nIn-Reply-To: <1@liaise.example>\nX-Auto-Response-Suppress: All", "It still drops."),
        ("Subject: WG: VPN\nAuto-Submitted: auto-forwarded", "The VPN drops."),
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


@pytest.mark.parametrize(
    "sender",
    [
        "Apps Team <apps.team@uni.example>",
        "Rootes <rootes@uni.example>",
        "Bouncer <bouncer@uni.example>",
        "Microsoft Licensing Desk <ada@uni.example>",
        "Mail System Team <ada@uni.example>",
        "Abuse Officer <abuse-officer@uni.example>",
    ],
)
@pytest.mark.parametrize("subject", ["Mail delivery to building C", "Complaint about message from the boss"])
def test_a_person_whose_name_begins_as_that_of_a_program_is_heard(sender: str, subject: str) -> None:
    assert verdict(letter(f"From: {sender}\nSubject: {subject}", "The post was not delivered.")) == "feedback"


@pytest.mark.parametrize(
    "headers",
    [
        "From: \"'Ada' via Answers\" <answers@liaise.example>\nReply-To: ada@uni.example\nPrecedence: list\n"
        "List-Post: <mailto:answers@liaise.example>",
        "From: answers@liaise.example\nX-Original-From: Ada <ada@uni.example>",
        "From: answers@liaise.example\nReply-To: Ada <ada@uni.example>",
        "From: Ada <ada@uni.example>\nSender: answers@liaise.example",
    ],
)
def test_who_writes_through_a_group_or_a_form_that_sends_in_our_name_is_heard(headers: str) -> None:
    assert (
        verdict(letter(f"{headers}\nSubject: VPN", "The VPN drops."), envelope="answers@liaise.example") == "feedback"
    )


@pytest.mark.parametrize(
    ("expected", "headers", "text"),
    [
        ("auto-reply", "Subject: Vacation", "I am on vacation from Monday and the tool is broken."),
        ("auto-reply", "Subject: Automatic reply: VPN\nX-Auto-Response-Suppress: All", "I read it next week."),
        ("bounce", "Subject: Mail delivery problem", "Delivery has failed to these recipients: ada@uni.example."),
        ("list", "From: no-reply@uni.example\nList-Unsubscribe: <mailto:u@uni.example>", "An idea of Ada."),
        ("own", "From: answers@liaise.example", "The shared mailbox of the desk."),
    ],
)
def test_what_only_words_and_names_call_a_machines_may_be_a_persons(expected: str, headers: str, text: str) -> None:
    source = letter(headers if headers.startswith("From") else ADA + headers, text)
    assert (verdict(source), certain(source)) == (expected, False)
    for mark in ("Auto-Submitted: auto-replied", "Precedence: junk", "Return-Path: <>", "X-Autoreply: yes"):
        assert certain(f"{mark}\n".encode() + source)
