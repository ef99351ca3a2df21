"""What a message says, in each language, and that nothing somebody wrote gets out of its place."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from typing import Any

import pytest

from services.chassis.http import LANGUAGES
from services.contracts.triage import ENDINGS, OUTCOMES, REASONS
from services.notify import domain
from services.notify.channels import Mail, TransportError
from services.notify.composing import Composer
from services.notify.domain import Conversation, Listener, Notification, Outbound
from services.notify.rendering import Renderer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SITE = "https://feedback.example"
PAGE = f"{SITE}/t/{'t' * 43}"
REFERENCE = "r" * 42
OUTBOUND = Outbound(
    channel="email",
    domain="liaise.example",
    identify=lambda *_: "3f0e7d9f-0000-4000-8000-000000000001",
    refer=lambda _: REFERENCE,
)
KIM = Listener(person="k", name="Kim Wood", email="kim@example.com", language="en", tracking_token="k" * 43, voice="v")
WORDS: dict[str, Any] = {
    "by_name": "Ines Marchetti",
    "what_was_done": "We replaced the drum.",
    "link": None,
    "reason": "budget",
    "explanation": "The lease ends in March.",
    "alternative": None,
    "would_change": None,
    "duplicate_of_number": "2ABC-7XYZ",
}
BECAUSE = {
    "en": r"We (could|did) not do this, because ",
    "de": r"Wir (konnten|haben) das nicht (tun|getan), weil ",
    "es": r"(No hemos podido hacerlo|No lo hemos hecho), porque ",
}
CONTEST = {"en": "If you see it differently", "de": "Wenn Sie das anders sehen", "es": "Si usted lo ve de otra manera"}
INSTEAD = {
    "en": "What you can do instead",
    "de": "Was Sie stattdessen tun können",
    "es": "Qué puede hacer en su lugar",
}
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Loop",
    "Reply-To",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
}
PAYLOADS = [
    "Sam\r\nBcc: victim@example.com",
    "Sam\nBcc: victim@example.com",
    "Sam\rBcc: victim@example.com",
    "Sam\r\n\r\n<html>",
    "Sam\x00Field",
    "Sam\u2028Bcc: victim@example.com",
    "Sam\x85X-Mailer: mine",
    "Sam\x0b\x0cBcc: victim@example.com",
    'Sam" <victim@example.com>, "',
    "Müller, Anna <victim@example.com>",
    "=?utf-8?q?Sam=0d=0aBcc:_victim@example.com?=",
    "victim@example.com,",
    "Sam;victim@example.com:",
    "Sam \ud800 Field",
    "Sam " * 400,
    "山田" * 200 + "\r\nBcc: victim@example.com",
]


def conversation(**changes: Any) -> Conversation:
    values: dict[str, Any] = {
        "id": "f",
        "number": "7K3M-9QXT",
        "person": "p",
        "name": "Sam Field",
        "email": "sam@example.com",
        "language": "en",
        "tracking_token": "t" * 43,
        "unit": "it",
        "liaison_name": "Ines Marchetti",
        "answer_due": datetime(2026, 11, 25, 16, 0, tzinfo=UTC),
    }
    return Conversation(**values | changes)


def receipt(**changes: Any) -> Notification:
    return domain.receipt(conversation(**changes), "e", OUTBOUND, NOW)[0]


def question(text: str, **changes: Any) -> Notification:
    return domain.question(conversation(**changes), "e", {"by_name": "Ines", "question": text}, OUTBOUND, NOW)[0]


def closing(outcome: str, language: str = "en", **words: Any) -> Notification:
    return domain.outcome(conversation(language=language), 1, WORDS | {"outcome": outcome} | words, OUTBOUND, NOW)[0]


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer(
        Renderer(SITE, "Europe/Berlin", lambda feedback: f"proof-of-{feedback}"), "Liaise <answers@liaise.example>"
    )


def parsed(mail: Mail) -> EmailMessage:
    return message_from_bytes(mail.source, policy=policy.default)  # type: ignore[return-value]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("alternative", [None, "Use the one upstairs."])
def test_a_decline_always_says_why_what_instead_and_how_to_answer(
    composer: Composer, language: str, reason: str, alternative: str | None
) -> None:
    mail = composer.compose(closing("declined", language, reason=reason, alternative=alternative))
    for words in (mail.text, mail.html):
        assert re.search(BECAUSE[language], words)
        assert "The lease ends in March." in words
        assert INSTEAD[language] in words
        assert alternative is None or alternative in words
        assert CONTEST[language] in words
        assert f"{PAGE}\n" in words or f'href="{PAGE}"' in words


def test_each_reason_has_a_sentence_of_its_own(composer: Composer) -> None:
    for language in LANGUAGES:
        texts = [composer.compose(closing("declined", language, reason=reason)).text for reason in REASONS]
        assert len(set(texts)) == len(REASONS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_closing_message_asks_how_it_went_and_links_to_each_score(
    composer: Composer, language: str, outcome: str
) -> None:
    mail = composer.compose(replace(closing(outcome, language), closure=3))
    for words in (mail.text, mail.html):
        links = [unescape(link) for link in re.findall(r"/rate\?[\w=&;]+", words)]
        assert links == [f"/rate?score={score}&closure=3" for score in range(1, 6)]
        assert PAGE in words
    assert "checked" not in mail.html


def test_what_would_change_the_mind_is_told_when_it_is_known(composer: Composer) -> None:
    assert "What would change our mind" not in composer.compose(closing("declined")).text
    assert "A new lease." in composer.compose(closing("declined", would_change="A new lease.")).text


def test_the_receipt_names_number_liaison_day_and_link(composer: Composer) -> None:
    english, german = composer.compose(receipt()), composer.compose(receipt(language="de"))
    for words in (english.text, english.html):
        for part in ("7K3M-9QXT", "Ines Marchetti", "Wednesday 25 November", PAGE):
            assert part in words
    assert english.subject == "We have your feedback [7K3M-9QXT]"
    assert german.subject == "Ihre Rückmeldung ist da [7K3M-9QXT]"
    assert "Mittwoch, 25. November" in german.text


@pytest.mark.parametrize(("time_zone", "day"), [(None, "Wednesday 25"), ("America/Los_Angeles", "Tuesday 24")])
def test_the_promised_day_is_told_where_the_unit_is(composer: Composer, time_zone: str | None, day: str) -> None:
    due = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)  # 8:00 in Berlin, where the install is
    mail = composer.compose(receipt(answer_due=due, time_zone=time_zone))
    assert f"by {day} November" in mail.text
    assert f"by {day} November" in mail.html


def test_every_german_message_is_german_throughout(composer: Composer) -> None:
    theirs = {"what_was_done": "Getan.", "explanation": "Deshalb."}
    closings = [closing(outcome, "de", **theirs) for outcome in OUTCOMES]
    for message in [receipt(language="de"), question("?", language="de"), *closings]:
        assert not re.search(r"\b(the|your|you|and|is)\b", composer.compose(message).text)


def test_an_unknown_language_falls_back_to_english(composer: Composer) -> None:
    assert composer.compose(receipt(language="fr")).text.startswith("Hello Sam Field,")
    assert composer.compose(receipt(language="de-AT")).text.startswith("Guten Tag Sam Field,")


def test_a_page_in_html_is_small_and_fetches_nothing(composer: Composer) -> None:
    for message in [receipt(), question("Which?"), *(closing(outcome) for outcome in OUTCOMES)]:
        html = composer.compose(message).html
        assert len(html.encode()) < 100_000
        assert not re.search(r"<img|<script|<link|url\(|src=", html)
        assert "prefers-color-scheme: dark" in html
        assert 'style="' in html


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "100 %(x)s %"]
)
def test_what_somebody_wrote_stays_text(composer: Composer, words: str) -> None:
    for message in (
        receipt(name=words, liaison_name=words),
        question(words, name=words),
        closing("done", what_was_done=words, by_name=words, link="javascript:alert(1)"),
        closing("declined", explanation=words, alternative=words, would_change=words, by_name=words),
    ):
        mail = composer.compose(message)
        assert words in mail.text
        assert not re.search(r"<script|<img|javascript:", mail.html)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_name_adds_a_header_or_a_recipient(composer: Composer, payload: str) -> None:
    mail = composer.compose(
        receipt(name=payload.replace("\ud800", "\ud7ff"), liaison_name=payload.replace("\ud800", "?"))
    )
    message = parsed(mail)
    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    (to,) = message["To"].addresses
    assert to.addr_spec == "sam@example.com"
    assert not re.search(r'[<>@,;:"]', to.display_name)  # nor looks like another address to the reader
    assert mail.recipient == "sam@example.com"
    head = mail.source.split(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", head)


@pytest.mark.parametrize(
    "address",
    [
        "sam@example.com\r\nBcc: victim@example.com",
        "sam@example.com\nDATA",
        "sam@example.com\x00",
        "sam@example.com, victim@example.com",
        "sam@example.com> ORCPT=rfc822;x",
        "sam",
        "@example.com",
        "sam@",
        "sam field@example.com",
    ],
)
def test_an_address_that_is_not_one_is_refused_for_good(composer: Composer, address: str) -> None:
    with pytest.raises(TransportError) as refused:
        composer.compose(receipt(email=address))
    assert refused.value.permanent
    assert address not in str(refused.value)


def test_a_number_with_a_line_break_cannot_leave_the_subject(composer: Composer) -> None:
    message = parsed(composer.compose(receipt(number="7K3M\r\nBcc: victim@example.com")))
    assert set(message.keys()) == HEADERS


def test_an_answer_to_a_mail_leads_back_to_the_case(composer: Composer) -> None:
    messages = [parsed(composer.compose(message)) for message in (receipt(), question("Which?"), closing("done"))]
    for message in messages:
        assert message["Reply-To"] == f"reply+{REFERENCE}@liaise.example"
        assert message["References"] == message["In-Reply-To"] == f"<{REFERENCE}@liaise.example>"
        assert message["Message-ID"].endswith(f".{REFERENCE}@liaise.example>")
        assert message["Subject"].endswith(" [7K3M-9QXT]")
        assert "You can simply answer this mail." in message.get_body(("plain",)).get_content()


def test_a_mail_of_ours_is_known_as_such_by_every_machine(composer: Composer) -> None:
    message = parsed(composer.compose(receipt()))
    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert message["X-Loop"] == "answers@liaise.example"
    assert not {"Precedence", "List-Id", "List-Unsubscribe"} & set(message.keys())


def test_who_joined_cannot_answer_in_the_name_of_the_submitter(composer: Composer) -> None:
    told, words = conversation(), WORDS | {"outcome": "declined"}
    for notification, _ in (
        domain.joined(told, KIM, 3, "e", OUTBOUND, NOW),
        domain.outcome(told, 1, words, OUTBOUND, NOW, to=KIM),
    ):
        mail = composer.compose(notification)
        message = parsed(mail)
        assert message["Reply-To"] is None
        assert REFERENCE not in mail.source.decode()
        assert message["References"].endswith("@liaise.example>")
        assert "[7K3M-9QXT]" not in message["Subject"]
        for written in (mail.text, mail.html):
            assert "A reply to it reaches nobody." in written
            assert f"{SITE}/v/{'k' * 43}" in written
            assert "t" * 43 not in written
            assert "Sam Field" not in written
            assert "/rate" not in written


@pytest.mark.parametrize("outcome", ENDINGS)
def test_who_joined_hears_every_kind_of_outcome(composer: Composer, outcome: str) -> None:
    told = domain.outcome(conversation(), 1, WORDS | {"outcome": outcome}, OUTBOUND, NOW, to=KIM)[0]
    mail = composer.compose(told)
    expected = {
        "done": "We replaced the drum.",
        "declined": "The lease ends in March.",
        "duplicate": "It goes on together with theirs",
        "withdrawn": "has taken it back",
    }[outcome]
    assert expected in mail.text
    assert expected in mail.html
    assert "Does it still concern you?" in mail.text


def test_what_was_written_down_for_somebody_can_be_corrected(composer: Composer) -> None:
    told = conversation(recorded_by="Jonas Weber")
    mail = composer.compose(domain.receipt(told, "e", OUTBOUND, NOW, "The <scanner> squeaks.")[0])
    assert mail.subject == "Jonas Weber wrote down what you told them [7K3M-9QXT]"
    assert "The <scanner> squeaks." in mail.text
    assert "The &lt;scanner&gt; squeaks." in mail.html
    for words in (mail.text, mail.html):
        assert "Ines Marchetti has your feedback and will answer you by Wednesday 25 November" in words
        assert f"{PAGE}/correct" in words


def test_who_withdrew_is_told_so_and_asked_nothing(composer: Composer) -> None:
    mail = composer.compose(closing("withdrawn"))
    assert mail.subject == "You withdrew your feedback [7K3M-9QXT]"
    for words in (mail.text, mail.html):
        assert "Nothing more will be done about it" in words
        assert PAGE in words
        assert "/rate" not in words


def test_an_outcome_of_something_imported_says_when_it_was_said(composer: Composer) -> None:
    told = conversation(said_at=datetime(2025, 3, 2, 23, 30, tzinfo=UTC))
    mail = composer.compose(domain.outcome(told, 1, WORDS | {"outcome": "done"}, OUTBOUND, NOW)[0])
    for words in (mail.text, mail.html):
        assert "This is about what you told us on 3 March 2025." in words
    assert "This is about" not in composer.compose(closing("done")).text


def test_a_message_of_an_earlier_version_still_leaves(composer: Composer) -> None:
    words = {name: value for name, value in closing("declined").words.items() if name not in ("said_at", "time_zone")}
    mail = composer.compose(replace(closing("declined"), words=words, reply_to=None, thread=None))
    assert "Answer on your page and say why." in mail.text
    assert "simply answer this mail" not in mail.text


def test_the_same_message_is_the_same_mail_byte_for_byte(composer: Composer) -> None:
    assert composer.compose(closing("done")).source == composer.compose(closing("done")).source


def test_a_mail_has_two_parts_with_the_same_words_and_says_that_a_program_wrote_it(composer: Composer) -> None:
    mail = composer.compose(closing("done", what_was_done="Größer, schneller: 25 € — fertig."))
    message = parsed(mail)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert all("Größer, schneller: 25 € — fertig." in part.get_content() for part in message.iter_parts())
    assert message["Message-ID"] == f"<3f0e7d9f-0000-4000-8000-000000000001.{REFERENCE}@liaise.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert mail.source.isascii()
    assert max(map(len, mail.source.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))) <= 76


def test_an_international_address_is_written_as_the_line_needs_it(composer: Composer) -> None:
    assert composer.compose(receipt(email="sam@münchen.example")).recipient == "sam@xn--mnchen-3ya.example"
    mail = composer.compose(receipt(email="jürgen@example.com", name=None))
    assert mail.recipient == "jürgen@example.com"
    assert "To: jürgen@example.com".encode() in mail.source


NAMES = ["Sam Field", "Dr. Müller-O'Neill", "J.R. Tolkien", "山田 太郎", "Anna (2nd floor)", "N" * 60]
NO_NAMES = [
    "you won, see http://evil.example/",
    "see www.evil",
    "WWW.EVIL",
    "win@evil",
    "evil.example",
    "a/b",
    "call 0301234567",
    "Sam\n\nCheap pills",
    "N" * 61,
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_greeted(composer: Composer, name: str) -> None:
    mail = composer.compose(receipt(name=name))
    assert mail.text.startswith(f"Hello {name},\n\n")


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_is_not_spoken_to_anybody(composer: Composer, name: str) -> None:
    told = replace(KIM, name=name)
    together = domain.outcome(conversation(), 1, WORDS | {"outcome": "done"}, OUTBOUND, NOW, to=told)[0]
    for message in (receipt(name=name), question("Which?", name=name), together):
        mail = composer.compose(message)
        assert mail.text.startswith("Hello,\n\n")
        assert name not in mail.text
        assert "<p>Hello,</p>" in re.sub(r"<p [^>]*>", "<p>", mail.html)
        assert parsed(mail)["To"].addresses[0].display_name == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_greeting_and_what_it_is_about_stand_alone(composer: Composer, language: str, ending: str) -> None:
    for said_at, paragraphs in ((None, 1), (datetime(2025, 3, 2, tzinfo=UTC), 1 if ending == "withdrawn" else 2)):
        told = conversation(language=language, said_at=said_at)
        mail = composer.compose(domain.outcome(told, 1, WORDS | {"outcome": ending}, OUTBOUND, NOW)[0])
        first = mail.text.split("\n\n")[:paragraphs]
        assert [paragraph.count("\n") for paragraph in first] == [0] * paragraphs
        assert first[0].endswith("Sam Field,") or first[0].endswith("Sam Field:")
        assert ("2025" in first[-1]) is (paragraphs == 2)
        assert not mail.text.split("\n\n")[paragraphs].startswith("\n")


def test_every_mail_to_the_submitter_ends_with_the_proof_that_it_reached_them(composer: Composer) -> None:
    written_down = domain.receipt(conversation(recorded_by="Jonas"), "e", OUTBOUND, NOW, "It squeaks.")[0]
    for message in (receipt(), written_down, question("Which?"), *(closing(outcome) for outcome in ENDINGS)):
        mail, link = composer.compose(message), f"{PAGE}/profile?proof=proof-of-f"
        assert f"\n\nWhat would you like to hear, and how?\n{link}\n\n{SITE}\n" in mail.text
        assert f'href="{link}"' in mail.html
    joined = domain.joined(conversation(), KIM, 2, "e", OUTBOUND, NOW)[0]
    together = domain.outcome(conversation(), 1, WORDS | {"outcome": "done"}, OUTBOUND, NOW, to=KIM)[0]
    for message in (joined, together):
        assert "proof" not in composer.compose(message).source.decode()
