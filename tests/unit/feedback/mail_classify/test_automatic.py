"""Programs that answer, complain or send to many: no feedback comes of them."""

import pytest

from tests.unit.feedback.mail_classify.letters import letter, read, verdict

ADA = "From: Ada <ada@uni.example>\n"


@pytest.mark.parametrize(
    "headers",
    [
        "Subject: Re: We got your feedback\nAuto-Submitted: auto-replied",
        "Subject: Hello\nAuto-Submitted: auto-generated; owner-email=x@y.example",
        "Subject: Thanks\nX-Autoreply: yes",
        "Subject: Thanks\nX-Autorespond: We got your feedback",
        "Subject: Thanks\nPrecedence: auto_reply",
        "Subject: Automatic reply: We got your feedback\nX-Auto-Response-Suppress: All",
        "Subject: Abwesenheitsnotiz: Meldung\nIn-Reply-To: <receipt-1@liaise.example>",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique_=3A_message?=\nPrecedence: bulk",
        "Subject: Away\nX-Apple-Action: vacation",
    ],
)
def test_what_calls_itself_automatic_is_an_automatic_reply(headers: str) -> None:
    assert verdict(letter(ADA + headers, "I read your mail next week.")) == "auto-reply"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Out of office: We got your feedback", "I am out of the office until Monday."),
        ("Automatische Antwort: Ihre Meldung", "Ich bin bis zum 3. Mai nicht im Büro."),
        ("Respuesta automática: mensaje", "Estoy de vacaciones hasta el lunes."),
        ("自動返信：ご連絡", "不在にしております。"),
        ("Автоответ: письмо", "Я в отпуске до понедельника."),
        ("[Auto-Reply] We got your feedback", "This is an automated message."),
    ],
)
def test_an_absent_person_says_so_in_subject_and_text(subject: str, text: str) -> None:
    assert verdict(letter(f"{ADA}Subject: {subject}", text)) == "auto-reply"


def test_an_empty_envelope_sender_is_a_program_whatever_it_says() -> None:
    source = letter(f"{ADA}Subject: Hello", "I read your mail next week.")
    assert verdict(source, envelope="") == "auto-reply"
    assert verdict(source, envelope="ada@uni.example") == "feedback"
    assert verdict(source) == "feedback"
    assert verdict(b"Return-Path: <>\n" + source) == "auto-reply"


def test_a_return_path_that_the_sender_made_up_counts_nothing_where_the_envelope_is_known() -> None:
    source = b"Return-Path: <>\n" + letter(f"{ADA}Subject: Hello", "The door is broken.")
    assert verdict(source, envelope="ada@uni.example") == "feedback"


def test_an_absence_in_answer_to_a_mail_about_bounces_is_no_bounce() -> None:
    source = letter(f"{ADA}Subject: Automatic reply: Mails are not delivered", "I am out of the office.")
    assert verdict(source, envelope="") == "auto-reply"


def test_a_receipt_for_a_read_mail_is_an_automatic_reply() -> None:
    source = letter(
        f"{ADA}Subject: Read: We got your feedback\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
        "--b\n\nYour message was read.\n--b\nContent-Type: message/disposition-notification\n\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n--b--",
    )
    assert verdict(source) == "auto-reply"


def test_a_challenge_is_an_automatic_reply() -> None:
    source = letter(
        "From: Ada <ada@spamarrest.com>\nSubject: Re: We got your feedback",
        "Please click below to verify your email address so that Ada gets your message.",
    )
    assert verdict(source) == "auto-reply"


def test_a_complaint_is_known_in_its_standard_form_and_in_those_of_providers() -> None:
    standard = letter(
        "From: fbl@provider.example\nSubject: Abuse report\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
        "--b\n\nAn abuse report.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--",
    )
    hotmail = letter("From: staff@hotmail.com\nSubject: complaint about message from 192.0.2.1", "(attached)")
    apple = letter(f"{ADA}Subject: unsubscribe\nX-Apple-Unsubscribe: true\nAuto-Submitted: auto-replied", "Apple Mail")
    service = letter("From: no-reply@service.example\nSubject: Notification", '{"notificationType":"Complaint"}')
    abuse = letter(
        "From: abuse@provider.example\nSubject: Report", "This is an email abuse report for a mail of yours."
    )
    assert [verdict(source) for source in (standard, hotmail, apple, service, abuse)] == ["complaint"] * 5


@pytest.mark.parametrize(
    "headers",
    [
        "Subject: News\nPrecedence: bulk",
        "Subject: News\nPrecedence: junk",
        "Subject: News\nList-Unsubscribe: <mailto:out@shop.example>\nFeedback-ID: 1:2:3",
        "Subject: News\nList-Unsubscribe: <https://shop.example/>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Subject: News\nList-Post: NO\nPrecedence: bulk",
        "Subject: News\nList-Post: NO (posting not allowed)\nPrecedence: bulk",
    ],
)
def test_a_newsletter_is_no_feedback(headers: str) -> None:
    assert verdict(letter(f"From: Shop <news@shop.example>\n{headers}", "Buy now")) == "list"


@pytest.mark.parametrize(
    "headers",
    [
        "From: answers@liaise.example",
        "From: Liaise <Answers@Liaise.example>\nSender: Liaise <answers@liaise.example>",
        f"From: answers@liaise.example\nReply-To: <reply+{'a2' * 21}@liaise.example>",
        "From: relay@uni.example\nX-Loop: answers@liaise.example",
        "From: relay@uni.example\nMessage-ID: <0198-receipt@liaise.example>\nAuto-Submitted: auto-generated",
    ],
)
def test_our_own_mail_that_comes_back_is_ours(headers: str) -> None:
    assert verdict(letter(headers + "\nSubject: We got your feedback", "Thank you")) == "own"


def test_our_address_in_the_envelope_is_ours_where_nobody_else_is_named() -> None:
    assert verdict(letter("Subject: Hello", "Hello"), envelope="answers@liaise.example") == "own"
    assert verdict(letter(f"{ADA}Subject: Hello", "Hello"), envelope="answers@liaise.example") == "feedback"


def test_each_verdict_has_a_reason_in_one_sentence() -> None:
    mails = [
        letter("From: answers@liaise.example", "x"),
        letter("From: MAILER-DAEMON@mx.example\nSubject: failure notice", "x"),
        letter(f"{ADA}Auto-Submitted: auto-replied", "x"),
        letter(f"{ADA}Precedence: junk", "x"),
        letter(ADA, "x"),
    ]
    for said, reason, _ in map(read, mails):
        assert reason[0].isupper(), said
        assert reason.endswith(".")
        assert "\n" not in reason
