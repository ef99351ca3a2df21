"""Mail in, through a real SMTP conversation: 250 only after the write, one mail one feedback."""

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any, cast

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from services.chassis.embedded_store import free_port
from services.chassis.mongo import Document
from services.feedback import app as feedback_app
from services.feedback.mail import conversation, server
from services.feedback.mail.parsing.limits import TEXT_LONGEST
from services.feedback.mail.receiving import Receiving, taking_once
from services.feedback.store import UnitStore, open_stores
from tests.unit.feedback.conftest import Room

SENDER = "amara@example.com"


@pytest.fixture
def post(room: Room) -> Iterator[Any]:
    controller = feedback_app.create_mail(room.process)
    controller.start()

    def send(content: bytes | EmailMessage, *to: str, sender: str = SENDER) -> tuple[int, str]:
        return converse(room, bytes(content), list(to) or ["it@liaise.example"], sender)

    yield send
    controller.stop()


def converse(room: Room, content: bytes, to: list[str], sender: str) -> tuple[int, str]:
    settings = room.process.settings
    with smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=20) as smtp:
        smtp.ehlo()
        smtp.mail(sender)
        for address in to:
            smtp.rcpt(address)
        code, text = smtp.data(content)
        return code, text.decode()


def mail(text: str = "The VPN drops.", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Amara Okafor <amara@example.com>"
    message["To"] = "it@liaise.example"
    message["Subject"] = "VPN"
    message["Message-ID"] = "<1@example.com>"
    for name, value in headers.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def stored(room: Room) -> list[dict[str, Any]]:
    return list(room.feedbacks.collection.find({}))


def test_a_mail_becomes_one_feedback_of_its_sender(room: Room, post: Any) -> None:
    assert post(mail())[0] == 250
    [document] = stored(room)
    expected = {
        "unit": "it", "channel": "email", "kind": "question", "name": "Amara Okafor", "email": SENDER,
        "title": "VPN", "text": "The VPN drops.", "anonymous": False,
    }  # fmt: skip
    assert {name: document[name] for name in expected} == expected
    assert document["outbox"][0]["type"] == "feedback.submitted"


def test_delivered_three_times_it_is_one_and_another_body_is_two(room: Room, post: Any) -> None:
    for _ in range(3):
        assert post(mail())[0] == 250
    assert len(stored(room)) == 1
    assert post(mail("Something else."))[0] == 250
    assert len(stored(room)) == 2


def test_without_a_message_id_the_same_mail_is_one_and_the_same_words_of_another_day_are_two(
    room: Room, post: Any
) -> None:
    monday = mail(Date="Mon, 23 Nov 2026 08:00:00 +0000")
    tuesday = mail(Date="Tue, 24 Nov 2026 08:00:00 +0000")
    for message in (monday, tuesday):
        del message["Message-ID"]
        post(message)
        post(message)
    assert len(stored(room)) == 2


def test_the_address_names_unit_and_kind_and_what_nobody_has_goes_to_the_fallback(room: Room, post: Any) -> None:
    post(mail("1"), "HR+Complaint@liaise.example")
    post(mail("2"), "people@liaise.example")
    post(mail("3"), "nobody+holiday@liaise.example")
    found = {document["text"]: (document["unit"], document["kind"]) for document in stored(room)}
    assert found == {"1": ("hr", "complaint"), "2": ("hr", "question"), "3": ("it", "question")}


def test_one_mail_to_two_units_is_one_for_the_first_known(room: Room, post: Any) -> None:
    assert post(mail(), "unknown@liaise.example", "hr@liaise.example", "it@liaise.example")[0] == 250
    assert [document["unit"] for document in stored(room)] == ["hr"]


def test_the_same_mail_in_two_conversations_to_two_units_is_one(room: Room, post: Any) -> None:
    assert post(mail(), "hr@liaise.example")[0] == 250
    assert post(mail(), "it@liaise.example")[0] == 250
    assert [document["unit"] for document in stored(room)] == ["hr"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Precedence": "bulk"},
        {"Precedence": "junk"},
        {"Precedence": "bulk", "List_Id": "<news.example.com>", "List_Post": "NO"},
        {"From": "Liaise <answers@liaise.example>"},
    ],
)
def test_what_a_machine_wrote_makes_no_feedback_and_gets_no_error(
    room: Room, post: Any, headers: dict[str, str]
) -> None:
    assert post(mail(**headers))[0] == 250
    assert stored(room) == []


@pytest.mark.parametrize(
    ("headers", "name", "address"),
    [
        ({}, "Amara Okafor", SENDER),
        ({"Reply_To": "staff@example.com", "Sender": "staff-bounces@example.com"}, "Amara Okafor", SENDER),
        ({"Precedence": "bulk"}, "Amara Okafor", SENDER),
        ({"From": "Amara via Staff <Staff@example.com>", "Reply_To": f"A. <{SENDER}>"}, "Amara via Staff", SENDER),
        ({"From": "Amara via Staff <staff@example.com>", "Sender": "b@example.com"}, "Amara via Staff", None),
    ],
)
def test_what_a_mailing_list_passed_on_is_taken_and_the_list_is_never_answered(
    room: Room, post: Any, headers: dict[str, str], name: str, address: str | None
) -> None:
    by_list = {
        "Precedence": "list", "List_Id": "Staff <staff.example.com>", "List_Post": "<mailto:staff@example.com>",
    }  # fmt: skip
    assert post(mail(**by_list | headers), sender="staff-bounces@example.com")[0] == 250
    [document] = stored(room)
    assert (document["text"], document["name"], document["email"]) == ("The VPN drops.", name, address)


@pytest.mark.parametrize("headers", [{"Precedence": "List"}, {"List_Id": "<staff.example.com>"}])
def test_one_sign_of_a_mailing_list_is_no_reason_to_drop_a_mail(room: Room, post: Any, headers: dict[str, str]) -> None:
    assert post(mail(**headers), sender="staff-bounces@example.com")[0] == 250
    assert [document["email"] for document in stored(room)] == [SENDER]


def test_a_bounce_makes_no_feedback_and_a_person_who_says_no_is_taken(room: Room, post: Any) -> None:
    assert post(mail(), sender="")[0] == 250
    assert stored(room) == []
    assert post(mail(Auto_Submitted="no"))[0] == 250
    assert len(stored(room)) == 1


def test_html_alone_is_read_as_text(room: Room, post: Any) -> None:
    message = mail()
    message.set_content("<html><body><p>The <b>VPN</b></p><p>drops &amp; drops</p></body></html>", subtype="html")
    post(message)
    text = stored(room)[0]["text"]
    assert "The VPN" in text
    assert "drops & drops" in text
    assert "<" not in text


def test_an_empty_body_is_the_subject(room: Room, post: Any) -> None:
    post(mail(" \n"))
    assert stored(room)[0]["text"] == "VPN"


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("iso-8859-1", b"Gr\xfc\xdfe", "Grüße"),
        ("x-unknown", "Grüße".encode(), "Grüße"),
        ("utf-8", b"Gr\xfc\xdfe", "Grüße"),
        ("koi8-r", "привет".encode("koi8-r"), "привет"),
    ],
)
def test_charsets_are_read_and_wrong_ones_survived(room: Room, post: Any, charset: str, body: bytes, text: str) -> None:
    head = f"From: {SENDER}\r\nSubject: x\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode()
    assert post(head + body)[0] == 250
    assert stored(room)[0]["text"] == text


def test_a_very_long_text_is_cut_with_a_note(room: Room, post: Any) -> None:
    assert post(mail("word " * 60_000))[0] == 250
    text = stored(room)[0]["text"]
    assert len(text) == TEXT_LONGEST
    assert text.endswith("too long to keep.]")


def test_a_refused_file_is_named_and_the_others_are_kept(room: Room, post: Any) -> None:
    message = mail()
    for name, content in (("a.pdf", b"%PDF"), ("setup.exe", b"MZ\0"), ("b.txt", b"notes")):
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    for _ in range(2):
        assert post(message)[0] == 250
    [document] = stored(room)
    assert document["text"] == "The VPN drops.\n\n[Not kept: setup.exe, this type is not taken.]"
    assert [(file["name"], file["size"]) for file in document["files"]] == [("a.pdf", 4), ("b.txt", 5)]
    assert len(room.stores.files.of_feedback(document["_id"])) == 2


def test_who_cannot_be_answered_is_taken_by_the_name_they_give(room: Room, post: Any) -> None:
    assert post(b"From: somebody\r\nSubject: x\r\n\r\nhello", sender="somebody")[0] == 250
    [document] = stored(room)
    assert (document["name"], document["email"], document["text"]) == ("somebody", None, "hello")


def test_without_a_from_line_the_envelope_tells_the_sender(room: Room, post: Any) -> None:
    assert post(b"Subject: x\r\n\r\nhello")[0] == 250
    assert stored(room)[0]["email"] == SENDER


def test_a_header_cannot_bring_another_header(room: Room, post: Any) -> None:
    subject = "=?utf-8?q?one=0D=0ABcc=3A_x=40example=2Ecom?="
    post(f"From: =?utf-8?q?A=0AB?= <{SENDER}>\r\nSubject: {subject}\r\n\r\nhello".encode())
    [document] = stored(room)
    assert not set("\r\n") & set(document["title"] + document["name"])


def test_a_german_mail_program_is_answered_in_german(room: Room, post: Any) -> None:
    message = mail()
    message["Content-Language"] = "de-DE"
    post(message)
    assert stored(room)[0]["language"] == "de"


def test_too_large_is_552(room: Room, post: Any) -> None:
    settings = room.process.settings
    with smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=20) as smtp:
        smtp.ehlo()
        assert smtp.mail(SENDER, [f"SIZE={conversation.SIZE + 1}"])[0] == 552


def test_while_the_database_is_away_the_sender_tries_again(room: Room) -> None:
    gone: MongoClient[Document] = MongoClient(f"mongodb://127.0.0.1:{free_port()}", serverSelectionTimeoutMS=50)
    store = gone["gone"]
    for units in (UnitStore(store), room.units):
        stores = replace(open_stores(store), units=units)
        with taking_once(room.process.settings, room.clock, stores) as taker:
            assert server.Receiver(taker).take(bytes(mail()), SENDER, ("it@liaise.example",)).startswith("451")
    gone.close()


class Full:
    """A collection on a full disk."""

    def find_one(self, *_: Any, **__: Any) -> None:
        return None

    def insert_many(self, *_: Any, **__: Any) -> None:
        raise OperationFailure("cannot write: out of disk space", 14031)


def test_a_write_that_fails_is_told_as_temporary_and_the_same_conversation_goes_on(room: Room) -> None:
    works = room.feedbacks.collection
    settings = room.process.settings
    controller = Receiving(settings, room.clock, room.stores)
    controller.start()
    try:
        with smtplib.SMTP(settings.mail_host, settings.mail_port, timeout=20) as smtp:
            codes = []
            for room.feedbacks.collection in (cast(Any, Full()), works):
                try:
                    smtp.sendmail(SENDER, "it@liaise.example", bytes(mail()))
                    codes.append(250)
                except smtplib.SMTPDataError as refused:
                    codes.append(refused.smtp_code)
    finally:
        controller.stop()
    assert codes == [451, 250]
    assert len(stored(room)) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: " + SENDER.encode() + b"\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
        b"From: " + SENDER.encode() + b"\r\nContent-Type: text/plain; charset*=''x\r\nSubject: =?x?q?=ZZ?=\r\n\r\nhi",
        b"From: " + SENDER.encode() + b"\r\nMessage-ID: <[>\r\nContent-Type: ;;;\r\n\r\nhi",
        b"From: " + SENDER.encode() + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64",
    ],
)
def test_whatever_arrives_is_a_feedback_or_in_quarantine(room: Room, content: bytes) -> None:
    with taking_once(room.process.settings, room.clock, room.stores) as taker:
        answer = server.Receiver(taker).take(content, SENDER, ("it@liaise.example",))
    kept = {server.TAKEN: len(stored(room)), server.SET_ASIDE: room.stores.quarantine.count()}
    assert kept[answer] == 1
