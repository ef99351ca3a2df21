"""Mails nobody could read: kept whole, seen by admins, tried again, thrown away."""

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from flask import session

from services.chassis import identity
from services.chassis.errors import Unavailable
from services.feedback.mail.parsing import unreadable
from services.feedback.mail.taking import Delivery, Taker
from services.feedback.store import mails
from tests.forms import Browser, Form
from tests.unit.feedback.conftest import Room
from tests.unit.feedback.mail_receiving.conftest import SENDER, Post, mail, reference

PAGE = "/intake/quarantine"
ADA = identity.Identity("ada", "Ada", identity.ADMIN)
INES = identity.Identity("ines", "Ines", identity.LIAISON, ("it",))


@pytest.fixture
def browse(room: Room) -> Callable[[identity.Identity], Browser]:
    """A browser with a session of this person; signing in is triage's."""

    @room.app.get("/testing/sign-in/<who>")
    def sign_in(who: str) -> str:
        identity.sign_in({"ada": ADA, "ines": INES}[who])
        assert session
        return ""

    def browser(who: identity.Identity) -> Browser:
        one = room.browser()
        one.get(f"/testing/sign-in/{who.account}")
        return one

    return browser


def deep(subject: str = "Nested", depth: int = 60) -> bytes:
    """Parts within parts, deeper than anybody writes."""
    inner: EmailMessage = mail("Hello")
    for _ in range(depth):
        outer = EmailMessage()
        outer.make_mixed()
        outer.attach(inner)
        inner = outer
    inner["From"], inner["Subject"] = f"Amara <{SENDER}>", subject
    return bytes(inner)


def again(browser: Browser) -> Form:
    """The other button of the same form."""
    form = browser.form(PAGE, action="take")
    return replace(form, action=form.action.removesuffix("take") + "again")


def small_again(post: Post) -> Taker:
    """A post room whose parser cannot read anything."""
    settings = post.room.process.settings
    return Taker(settings, post.room.clock, post.room.stores, lambda content, _: unreadable(content, "It is odd."))


def test_a_mail_that_cannot_be_read_is_kept_whole_once_with_the_reason(post: Post) -> None:
    content = deep()
    taken = [post.take(content, "it@liaise.example") for _ in range(3)]
    assert [(one.outcome, one.repeated) for one in taken] == [
        ("quarantine", False), ("quarantine", True), ("quarantine", True),
    ]  # fmt: skip
    [row] = post.room.stores.quarantine.newest(10)
    assert (row.sender, row.subject, row.size) == (SENDER, "Nested", len(content))
    assert "deep" in row.reason
    assert (row.envelope_sender, row.recipients) == (SENDER, ("it@liaise.example",))
    assert post.room.stores.quarantine.content(row.id) == content
    assert post.stored() == []


def test_a_large_one_is_kept_whole_too_and_thrown_away_whole(post: Post) -> None:
    content = mails.SMALL * b"x" + b"\r\n"
    small_again(post).take(Delivery(content=content))
    quarantine = post.room.stores.quarantine
    [row] = quarantine.newest(10)
    assert quarantine.content(row.id) == content
    quarantine.remove(row.id)
    assert (quarantine.count(), quarantine.content(row.id)) == (0, None)
    assert quarantine.collection.database["quarantine.chunks"].count_documents({}) == 0


def test_a_full_quarantine_makes_servers_wait_and_loses_nothing(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mails, "MOST", 1)
    first = deep("first")
    post.take(first)
    assert post.take(first).repeated
    with pytest.raises(Unavailable):
        post.take(deep("second"))
    assert post.take(mail("Others go on.")).outcome == "feedback"


def test_a_defect_of_ours_costs_nobody_their_words(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(Taker, "_submit", broken)
        assert post.take(mail("Hello")).outcome == "quarantine"
    [row] = post.room.stores.quarantine.newest(10)
    assert "ZeroDivisionError" in row.reason


def test_admins_see_what_lies_there_and_nobody_else_does(post: Post, browse: Callable[..., Browser]) -> None:
    assert "No mail waits here" in browse(ADA).get(PAGE).text
    post.take(deep("<script>alert(1)</script>"))
    post.room.later(hours=1)
    post.take(deep("Second"))
    page = browse(ADA).get(PAGE).text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert page.index("Second") < page.index("&lt;script&gt;")
    assert "2 mails wait" in page
    assert browse(INES).get(PAGE).status_code == 403
    [row, _] = post.room.stores.quarantine.newest(10)
    for path in (PAGE, f"{PAGE}/{row.id}.eml"):
        assert post.room.app.test_client().get(path).status_code == 302
        assert browse(INES).get(path).status_code == 403


def test_the_bytes_are_downloaded_and_never_shown(post: Post, browse: Callable[..., Browser]) -> None:
    content = deep()
    post.take(content)
    [row] = post.room.stores.quarantine.newest(10)
    answer = browse(ADA).get(f"{PAGE}/{row.id}.eml")
    assert answer.data == content
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert browse(ADA).get(f"{PAGE}/unknown.eml").status_code == 404


def test_another_try_makes_the_feedback_and_leads_to_it(post: Post, browse: Callable[..., Browser]) -> None:
    content = bytes(mail("The scanner is dead.", To="x@liaise.example"))
    small_again(post).take(Delivery(content=content, sender=SENDER, recipients=("hr+complaint@liaise.example",)))
    ada = browse(ADA)
    [row] = post.room.stores.quarantine.newest(10)
    page = ada.send(PAGE, again(ada))
    [feedback] = post.stored()
    assert (feedback.text, feedback.unit, feedback.kind) == ("The scanner is dead.", "hr", "complaint")
    assert f'href="/triage/cases/{feedback.id}"' in page.text
    assert feedback.number in page.text
    assert post.room.stores.quarantine.count() == 0
    assert post.take(content, "it@liaise.example").repeated
    assert ada.client.post(f"{PAGE}/{row.id}/again").status_code == 400


def test_what_still_cannot_be_read_stays(post: Post, browse: Callable[..., Browser]) -> None:
    post.take(deep())
    ada = browse(ADA)
    page = ada.send(PAGE, again(ada))
    assert "still cannot be read" in page.text
    assert post.room.stores.quarantine.count() == 1


def test_thrown_away_it_is_gone_and_twice_is_not_found(post: Post, browse: Callable[..., Browser]) -> None:
    post.take(deep())
    ada = browse(ADA)
    form = ada.form(PAGE, action="discard")
    assert "gone for good" in ada.send(PAGE, form).text
    assert ada.send(PAGE, form).status_code == 404
    assert post.room.stores.quarantine.count() == 0


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"Subject": "Vacation"}, "I am on vacation from Monday and the tool will not let me record it."),
        ({"Subject": "Mail delivery problem"}, "Delivery has failed to these recipients: boss@example.com. Help!"),
        ({"From": "Abuse <abuse@example.com>"}, "This is an abuse report about the man at the desk."),
        ({"From": "no-reply@example.com", "List_Unsubscribe": "<mailto:u@example.com>"}, "An idea of Amara."),
        ({"From": "answers@liaise.example"}, "The desk passes on that the VPN drops."),
    ],
    ids=["absence", "bounce", "complaint", "newsletter", "own"],
)
def test_what_only_reads_like_a_machines_waits_and_can_be_taken(
    post: Post, browse: Callable[..., Browser], headers: dict[str, str], text: str
) -> None:
    content = bytes(mail(text, **headers))
    assert [post.take(content, "it@liaise.example").outcome for _ in range(2)] == ["quarantine", "quarantine"]
    [row] = post.room.stores.quarantine.newest(10)
    assert row.reason.startswith("It reads like a")
    assert post.stored() == []
    ada = browse(ADA)
    assert "stays here" in ada.send(PAGE, again(ada)).text
    page = ada.send(PAGE, ada.form(PAGE, action="take"))
    [feedback] = post.stored()
    assert (feedback.text, feedback.unit) == (text, "it")
    assert feedback.number in page.text
    twice = post.take(content, "it@liaise.example")
    assert (twice.outcome, twice.repeated) == ("feedback", True)
    assert (post.room.stores.quarantine.count(), post.reports()) == (0, [])


def test_in_a_conversation_that_a_signature_proves_it_is_a_reply_at_once(post: Post) -> None:
    first = post.first()
    away = mail(
        "I am on vacation, and it still drops.", Subject="Vacation", To=f"reply+{reference(first)}@liaise.example"
    )
    suppressed = mail("No, it drops.", To=f"reply+{reference(first)}@liaise.example", X_Auto_Response_Suppress="All")
    assert [post.take(one).outcome for one in (away, suppressed)] == ["reply", "reply"]
    assert post.take(away).repeated
    assert [entry.text for entry in post.feedback(first.id).history if entry.kind == "reply"] == [
        "I am on vacation, and it still drops.", "No, it drops.",
    ]  # fmt: skip
    assert post.room.stores.quarantine.count() == 0


def test_a_number_alone_puts_nothing_doubtful_into_a_conversation(post: Post) -> None:
    first = post.first()
    note = mail("I am on vacation.", Subject=f"Out of office: [{first.number}] VPN")
    assert post.take(note).outcome == "quarantine"
    assert len(post.feedback(first.id).history) == 1


def test_what_cannot_be_read_cannot_be_taken_either(post: Post, browse: Callable[..., Browser]) -> None:
    post.take(deep())
    ada = browse(ADA)
    assert "still cannot be read" in ada.send(PAGE, ada.form(PAGE, action="take")).text
    assert (post.room.stores.quarantine.count(), post.stored()) == (1, [])
    form = ada.form(PAGE, action="take")
    assert browse(INES).client.post(form.action, data=form.values).status_code in (400, 403)


def test_who_writes_through_a_group_that_sends_in_our_name_is_answered(post: Post) -> None:
    through = {"Reply_To": SENDER, "Precedence": "list", "List_Post": "<mailto:answers@liaise.example>"}
    for headers in (through, {"Reply_To": SENDER}, {"X_Original_From": f"Amara <{SENDER}>"}):
        taken = post.take(mail("The VPN drops.", From="\"'Amara' via IT\" <answers@liaise.example>", **headers))
        assert (taken.outcome, taken.feedback and taken.feedback.email) == ("feedback", SENDER)
