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
from services.contracts.triage import OUTCOMES, REASONS
from services.notify import domain
from services.notify.channels import Mail, TransportError
from services.notify.composing import Composer
from services.notify.domain import Conversation, Notification, Outbound
from services.notify.rendering import Renderer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SITE = "https://feedback.example"
PAGE = f"{SITE}/t/{'t' * 43}"
OUTBOUND = Outbound(
    channel="email", domain="liaise.example", identify=lambda *_: "3f0e7d9f-0000-4000-8000-000000000001"
)
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
BECAUSE = {"en": r"We (could|did) not do this, because ", "de": r"Wir (konnten|haben) das nicht (tun|getan), weil "}
CONTEST = {"en": "If you see it differently", "de": "Wenn Sie das anders sehen"}
INSTEAD = {"en": "What you can do instead", "de": "Was Sie stattdessen tun können"}
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
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
    return Composer(Renderer(SITE, "Europe/Berlin"), "Liaise <answers@liaise.example>")


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


def test_the_same_message_is_the_same_mail_byte_for_byte(composer: Composer) -> None:
    assert composer.compose(closing("done")).source == composer.compose(closing("done")).source


def test_a_mail_has_two_parts_with_the_same_words_and_says_that_a_program_wrote_it(composer: Composer) -> None:
    mail = composer.compose(closing("done", what_was_done="Größer, schneller: 25 € — fertig."))
    message = parsed(mail)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert all("Größer, schneller: 25 € — fertig." in part.get_content() for part in message.iter_parts())
    assert message["Message-ID"] == "<3f0e7d9f-0000-4000-8000-000000000001@liaise.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert mail.source.isascii()
    assert max(map(len, mail.source.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))) <= 76


def test_an_international_address_is_written_as_the_line_needs_it(composer: Composer) -> None:
    assert composer.compose(receipt(email="sam@münchen.example")).recipient == "sam@xn--mnchen-3ya.example"
    mail = composer.compose(receipt(email="jürgen@example.com", name=None))
    assert mail.recipient == "jürgen@example.com"
    assert "To: jürgen@example.com".encode() in mail.source
