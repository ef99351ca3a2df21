"""What came back: of whom, why, and whether the address is gone; in the standard's form and in many others."""

import json

import pytest

from tests.unit.feedback.mail_classify.letters import bounce, letter, read, report, verdict
from tests.unit.feedback.mail_classify.servers import RETURNED, SERVERS


def test_a_report_says_who_why_and_which_of_our_mails_came_back() -> None:
    found = bounce(report("failed", "5.1.1", "550 5.1.1 <ada@uni.example>: User unknown"))
    assert found.status == "5.1.1"
    assert found.recipients == ("ada@uni.example",)
    assert found.permanent
    assert found.original_id == "<receipt-7@liaise.example>"


@pytest.mark.parametrize(
    ("action", "status", "diagnosis"),
    [
        ("delayed", "4.4.1", "connect to mx.example: Connection timed out"),
        ("failed", "5.2.2", "552 5.2.2 Mailbox full"),
        ("failed", "5.7.1", "550 5.7.1 Message rejected as spam by content filter"),
        ("failed", "5.7.26", "550 5.7.26 Unauthenticated mail, SPF and DKIM did not pass"),
        ("failed", "5.3.4", "552 5.3.4 Message size exceeds fixed limit"),
        ("failed", "5.1.1", "550 5.1.1 mailbox is full: user unknown to the spool"),
        ("failed", "4.7.1", "450 4.7.1 Greylisted, try again later"),
        ("failed", "4.1.1", "450 4.1.1 User unknown"),
        ("delayed", "5.1.1", "550 5.1.1 User unknown"),
    ],
)
def test_a_delay_a_full_mailbox_or_a_refused_text_leave_the_address_good(
    action: str, status: str, diagnosis: str
) -> None:
    found = bounce(report(action, status, diagnosis))
    assert found.status == status
    assert not found.permanent


@pytest.mark.parametrize(
    ("status", "diagnosis"),
    [
        ("5.1.1", "550 5.1.1 The email account that you tried to reach does not exist"),
        ("5.1.2", "550 5.1.2 Host unknown"),
        ("5.4.4", "550 5.4.4 Unable to route: domain not found"),
        ("5.0.0", "550 <ada@uni.example>: Recipient unknown"),
        ("5.1.6", "551 5.1.6 Mailbox has moved"),
        ("5.1.10", "556 5.1.10 Domain has a null MX"),
    ],
)
def test_no_such_user_no_such_host_and_a_moved_mailbox_are_for_good(status: str, diagnosis: str) -> None:
    assert bounce(report("failed", status, diagnosis)).permanent


def test_a_vague_status_gives_way_to_what_the_server_said() -> None:
    assert bounce(report("failed", "5.0.0", "550-5.2.1 The account is disabled. 550 5.2.1")).status == "5.2.1"
    assert bounce(report("failed", "5.0.0", "connection from 5.1.2.3 refused")).status == "5.0.0"


def test_a_receipt_for_a_delivery_that_succeeded_is_no_bounce() -> None:
    said, reason, found = read(report("delivered", "2.0.0", "250 2.0.0 OK"))
    assert (said, found) == ("auto-reply", None)
    assert "succeeded" in reason


def test_all_failed_recipients_are_named() -> None:
    source = report("failed", "5.1.1", "550 5.1.1 User unknown").replace(
        b"Final-Recipient: rfc822; ada@uni.example\n",
        b"Original-Recipient: rfc822; old@uni.example\nFinal-Recipient: rfc822; bob@uni.example\n"
        b"Action: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; ada@uni.example\n",
    )
    assert bounce(source).recipients == ("bob@uni.example", "ada@uni.example")


def test_a_report_whose_boundaries_are_broken_is_still_read() -> None:
    found = bounce(report("failed", "5.1.1", "550 5.1.1 User unknown").replace(b'boundary="b"', b'boundary="lost"'))
    assert found.recipients == ("ada@uni.example",)
    assert (found.status, found.permanent) == ("5.1.1", True)
    assert found.original_id == "<receipt-7@liaise.example>"


@pytest.mark.parametrize("server", SERVERS)
def test_servers_that_follow_no_standard_are_understood(server: str) -> None:
    headers, text, status = SERVERS[server]
    found = bounce(letter(headers, "    " + text + RETURNED))
    assert found.recipients == ("ada@uni.example",)
    assert found.status == status
    assert found.permanent
    assert found.original_id == "<receipt-8@liaise.example>"


@pytest.mark.parametrize(
    "subject",
    [
        "Undeliverable: Hello",
        "=?utf-8?q?Unzustellbar=3A_Ihre_Meldung?=",
        "=?utf-8?b?0J3QtSDQtNC+0YHRgtCw0LLQu9C10L3Qvg==?=",
        "Onbestelbaar: melding",
        "Non remis : votre message",
    ],
)
def test_a_bounce_in_any_language_comes_from_nobody(subject: str) -> None:
    source = letter(f"From: postmaster@uni.example\nSubject: {subject}", "<p>...</p>")
    assert verdict(source, envelope="") == "bounce"


def test_the_names_of_hosts_and_addresses_say_nothing_about_the_reason() -> None:
    said = "550 5.1.1 <ada@quota.example> unknown user at spamfilter.policy.example, see https://blocked.example/spf"
    assert bounce(report("failed", "5.1.1", said)).permanent


def test_a_filter_that_says_user_unknown_after_the_text_means_the_text() -> None:
    assert not bounce(report("failed", "5.7.1", "550 5.7.1 User unknown (in reply to end of DATA command)")).permanent
    assert bounce(report("failed", "5.7.1", "550 5.7.1 User unknown (in reply to RCPT TO command)")).permanent


def test_of_several_sources_of_recipients_the_surest_counts() -> None:
    found = bounce(
        letter(
            "From: MAILER-DAEMON@mx.example\nX-Failed-Recipients: ada@uni.example, bob@uni.example",
            "<carol@uni.example>: 550 5.1.1 User unknown",
        )
    )
    assert found.recipients == ("ada@uni.example", "bob@uni.example")


@pytest.mark.parametrize(
    "line", ["<ada@uni.example>:", "Delivery failed 20 attempts: ada@uni.example", "* ada@uni.example"]
)
def test_who_failed_stands_in_the_words_and_not_in_the_address_of_the_returned_mail(line: str) -> None:
    text = f"{line}\n\n--- Below this line is a copy of the message.\n\nTo: everybody@uni.example\n"
    assert bounce(letter("From: MAILER-DAEMON@mx.example", text)).recipients == ("ada@uni.example",)


def test_a_report_inside_the_text_is_read_as_a_report() -> None:
    fields = "Final-Recipient: rfc822; ada@uni.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 Full"
    found = bounce(letter("From: MAILER-DAEMON@mx.example", f"bob@uni.example reports 5.1.1:\n\n{fields}"))
    assert (found.status, found.recipients) == ("5.2.2", ("ada@uni.example",))


def test_a_bounce_that_names_nobody_is_a_bounce_still() -> None:
    found = bounce(letter("From: MAILER-DAEMON@mx.example\nSubject: failure notice", "Something went wrong."))
    assert (found.status, found.recipients, found.permanent, found.original_id) == ("", (), False, "")


def test_a_mail_service_tells_of_a_bounce_as_json() -> None:
    told = {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bouncedRecipients": [
                {"emailAddress": "ada@uni.example", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
            ],
        },
        "mail": {"commonHeaders": {"messageId": "<receipt-9@liaise.example>"}},
    }
    for text in (json.dumps(told), json.dumps({"Type": "Notification", "Message": json.dumps(told)})):
        found = bounce(letter("From: no-reply@service.example\nSubject: Notification", text))
        assert found.recipients == ("ada@uni.example",)
        assert (found.status, found.permanent) == ("5.1.1", True)
        assert found.original_id == "<receipt-9@liaise.example>"
