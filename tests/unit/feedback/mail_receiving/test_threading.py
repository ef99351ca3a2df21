"""A mail that answers ours goes where it belongs, and nobody can put words into somebody else's conversation."""

from email.message import EmailMessage
from typing import Any

import pytest

from services.chassis import ids
from services.feedback.domain import Feedback, room
from services.feedback.domain.moves import HISTORY_LONGEST
from services.feedback.mail import saying
from tests import builders
from tests.unit.feedback.mail_receiving.conftest import FAIL, PASS, SENDER, Post, mail, our_message_id, reference

STRANGER = "Sam <sam@elsewhere.example>"


def replies(post: Post, feedback: Feedback) -> list[Any]:
    return [entry for entry in post.feedback(feedback.id).history if entry.kind == "reply"]


def close(post: Post, feedback: Feedback, outcome: str) -> None:
    if outcome == "declined":
        post.room.hear(builders.declined(explanation=post.room.seal("No money.")), feedback.id)
    else:
        post.room.hear(builders.done(what_was_done=post.room.seal("Replaced.")), feedback.id)


@pytest.mark.parametrize("way", ["address", "In-Reply-To", "References", "thread"])
def test_a_signed_reference_leads_to_the_conversation(post: Post, way: str) -> None:
    first = post.first()
    answer = mail("Since Monday.", Subject="no number here")
    if way == "address":
        taken = post.take(answer, f"reply+{reference(first).upper()}@liaise.example")
    elif way == "thread":
        answer["References"] = f"<{reference(first)}@liaise.example>"
        taken = post.take(answer)
    else:
        answer[way] = f"<other@example.com> {our_message_id(first)}" if way == "References" else our_message_id(first)
        taken = post.take(answer)
    assert (taken.outcome, taken.repeated) == ("reply", False)
    [entry] = replies(post, first)
    assert (entry.text, entry.sender, entry.reopen) == ("Since Monday.", None, False)
    assert len(post.stored()) == 1


def test_a_reference_that_a_program_encoded_is_read(post: Post) -> None:
    first = post.first()
    answer = EmailMessage()
    answer["From"], answer["Subject"] = SENDER, "no number here"
    answer["In-Reply-To"] = our_message_id(first)
    answer.set_content("Since Monday.")
    assert b"=?utf-8?q?" in bytes(answer)
    assert post.take(answer).outcome == "reply"


@pytest.mark.parametrize("known", ["envelope", "header"])
def test_our_address_in_copy_takes_no_new_mail_away_from_its_unit(post: Post, known: str) -> None:
    first = post.first()
    copy = f"reply+{reference(first)}@liaise.example"
    for text, envelope in (("My payslip.", ("hr@liaise.example",)), ("Again.", ("hr@liaise.example", copy))):
        new = mail(text, To="hr@liaise.example", Cc=copy, Subject="Payslip")
        taken = post.take(new, *(envelope if known == "envelope" else ()))
        assert taken.feedback
        assert (taken.outcome, taken.feedback.unit) == ("feedback", "hr")
    assert replies(post, first) == []
    answer = mail("Since Monday.", To="hr@liaise.example", Cc=copy, In_Reply_To=our_message_id(first))
    assert post.take(answer, "hr@liaise.example", copy).outcome == "reply"


def test_a_mail_without_an_envelope_answers_by_its_header_and_an_address_elsewhere_is_no_unit(post: Post) -> None:
    first = post.first()
    answer = mail("Since Monday.", To=f"reply+{reference(first)}@liaise.example", Cc="hr@elsewhere.example")
    assert post.take(answer).outcome == "reply"


def test_a_mail_to_two_conversations_is_in_both(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [post.first(Subject="VPN"), post.first(Subject="Printer")]
    to = [f"reply+{reference(one)}@liaise.example" for one in both]
    for repeated in (False, True):
        taken = post.take(mail("About both.", Message_ID="<both@example.com>"), *to)
        assert (taken.outcome, taken.repeated) == ("reply", repeated)
    assert [[entry.text for entry in replies(post, one)] for one in both] == [["About both."]] * 2
    monkeypatch.setattr("services.feedback.mail.taking.is_full", lambda feedback: feedback.id == both[1].id)
    assert post.take(mail("More.", Message_ID="<more@example.com>"), *to).outcome == "feedback"
    assert [entry.text for entry in replies(post, both[0])] == ["About both.", "More."]


def test_a_reply_shows_what_is_new_and_keeps_all_of_it(post: Post) -> None:
    first = post.first()
    quoted = "Since Monday.\n\nOn Mon, 23 Nov 2026 at 09:00, Liaise <answers@liaise.example> wrote:\n> Since when?\n"
    post.take(mail(quoted, In_Reply_To=our_message_id(first)))
    [entry] = replies(post, first)
    assert entry.text == "Since Monday."
    assert "> Since when?" in entry.full_text


def test_from_another_address_it_is_added_and_says_so(post: Post) -> None:
    first = post.first()
    close(post, first, "declined")
    post.take(mail("Me too, and open it again.", From=STRANGER, In_Reply_To=our_message_id(first)))
    [entry] = replies(post, first)
    assert (entry.sender, entry.reopen) == ("sam@elsewhere.example", False)
    [event] = [event for event in post.events(first.id) if event["type"] == "feedback.replied"]
    assert event["data"]["reopen"] is False


@pytest.mark.parametrize("forged", ["a" * 42, "", "z" * 42])
def test_a_guessed_reference_leads_nowhere_and_the_words_are_not_lost(post: Post, forged: str) -> None:
    first = post.first()
    other = "q" if reference(first).endswith("a") else "a"
    for taken in (
        post.take(mail("1", From=STRANGER), f"reply+{forged}@liaise.example"),
        post.take(mail("2", From=STRANGER, In_Reply_To=f"<x.{forged}@liaise.example>")),
        post.take(
            mail("3", From=STRANGER, In_Reply_To=f"<x.{ids.signed_reference('another', 'reply', first.id)}@l.e>")
        ),
        post.take(mail("4", From=STRANGER, In_Reply_To=f"<x.{reference(first)[:-1]}{other}@liaise.example>")),
    ):
        assert taken.outcome == "feedback"
    assert replies(post, first) == []
    assert len(post.stored()) == 5


def test_a_reference_to_what_is_gone_is_a_new_feedback(post: Post) -> None:
    gone = ids.signed_reference(post.room.process.settings.secret_key.reveal(), "reply", ids.random_id())
    assert post.take(mail("Hello?"), f"reply+{gone}@liaise.example").outcome == "feedback"


def test_the_number_in_the_subject_is_enough_for_the_submitter_alone(post: Post) -> None:
    first = post.first()
    subject = f"Re: [{first.number}] VPN"
    assert post.take(mail("Since Monday.", Subject=subject)).outcome == "reply"
    assert post.take(mail("I am not Amara.", Subject=subject, From=STRANGER)).outcome == "feedback"
    assert post.take(mail("Nor am I.", Subject=subject, From=STRANGER, Reply_To=SENDER)).outcome == "feedback"
    assert [entry.text for entry in replies(post, first)] == ["Since Monday."]


def test_a_number_and_a_from_that_nobody_confirmed_say_something_and_reopen_nothing(post: Post) -> None:
    first = post.first()
    close(post, first, "declined")
    assert post.take(mail("Open it again.", Subject=f"Re: [{first.number}] VPN")).outcome == "reply"
    [entry] = replies(post, first)
    assert (entry.reopen, entry.verified) == (False, False)
    assert post.take(mail("I need it.", In_Reply_To=our_message_id(first))).outcome == "reply"
    assert replies(post, first)[1].reopen, "the signed reference proves that our mail reached them"


def test_a_sender_our_server_could_not_confirm_attaches_nothing_by_number(proving: Post) -> None:
    first = proving.first(Authentication_Results=PASS)
    subject = f"Re: [{first.number}] VPN"
    assert proving.take(mail("Close it.", Subject=subject, Authentication_Results=FAIL)).outcome == "feedback"
    assert proving.take(mail("Hi", Subject=subject, Authentication_Results=PASS)).outcome == "reply"
    [forged] = [one for one in proving.stored() if one.text == "Close it."]
    assert forged.verified is False


def test_nobody_attaches_to_the_anonymous_by_number(post: Post) -> None:
    said = post.room.submit(submitter=None, anonymous=True)
    assert post.take(mail("Mine.", Subject=f"[{said['number']}]")).outcome == "feedback"


def test_whoever_answers_for_the_anonymous_is_not_named_and_decides_nothing(post: Post) -> None:
    said = post.feedback(post.room.submit(submitter=None, anonymous=True)["id"])
    close(post, said, "declined")
    assert post.take(mail("More.", In_Reply_To=our_message_id(said))).outcome == "reply"
    [entry] = replies(post, said)
    assert (entry.sender, entry.verified, entry.reopen) == (None, False, False)


@pytest.mark.parametrize(
    ("outcome", "results", "reopens"),
    [("declined", PASS, True), ("declined", FAIL, False), ("done", PASS, False)],
    ids=["confirmed", "forged", "done"],
)
def test_the_submitter_contests_a_decline_by_answering_it(
    proving: Post, outcome: str, results: str, reopens: bool
) -> None:
    first = proving.first(Authentication_Results=PASS)
    close(proving, first, outcome)
    answer = mail("I need it all the same.", In_Reply_To=our_message_id(first), Authentication_Results=results)
    proving.take(answer)
    [entry] = replies(proving, first)
    assert (entry.reopen, entry.verified) == (reopens, results == PASS)
    assert [event["data"]["reopen"] for event in proving.events(first.id) if "reply_id" in event["data"]] == [reopens]


def test_the_same_answer_after_the_case_was_reopened_is_still_one(post: Post) -> None:
    first = post.first()
    close(post, first, "declined")
    answer = mail("I need it all the same.", In_Reply_To=our_message_id(first))
    assert not post.take(answer).repeated
    post.room.hear(builders.reopened(), first.id, seq=2)
    assert post.take(answer).repeated
    assert len(replies(post, first)) == 1
    assert len(post.stored()) == 1


def test_what_a_full_conversation_does_not_take_is_a_new_feedback(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    first = post.first()
    for number in range(HISTORY_LONGEST - 2):
        assert post.take(mail(f"{number}", In_Reply_To=our_message_id(first))).outcome == "reply"
    more = mail("One more.", In_Reply_To=our_message_id(first))
    assert post.take(more).outcome == "reply"
    late = mail("Too much.", In_Reply_To=our_message_id(first))
    assert [post.take(late).repeated for _ in range(2)] == [False, True]
    assert sorted(one.text for one in post.stored()) == ["The VPN drops.", "Too much."]


def test_a_conversation_of_very_long_mails_ends_before_the_document_does(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BYTES_MOST", 1_268)
    first = post.first()
    assert post.take(mail("word " * 250, In_Reply_To=our_message_id(first))).outcome == "reply"
    assert post.take(mail("More.", In_Reply_To=our_message_id(first))).outcome == "feedback"


def test_files_of_a_reply_are_kept_with_it(post: Post) -> None:
    first = post.first()
    answer = mail("See here.", In_Reply_To=our_message_id(first))
    answer.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="log.pdf")
    answer.add_attachment(b"MZ\0", maintype="application", subtype="pdf", filename="fix.exe")
    for _ in range(2):
        post.take(answer)
    [entry] = replies(post, first)
    assert [file.name for file in entry.files] == ["log.pdf"]
    assert entry.text == "See here.\n\n[Not kept: fix.exe, this type is not taken.]"
    assert len(post.room.stores.files.of_feedback(first.id)) == 1


def test_a_mailbox_has_its_unit_and_the_header_names_one_where_no_envelope_does(post: Post) -> None:
    hr = "hr@liaise.example"
    for text, taken in {
        "mailbox": post.take(mail("mailbox", To=hr), unit="it", sender=None),
        "header": post.take(mail("header", To=f"x@liaise.example, {hr}"), sender=None),
        "envelope": post.take(mail("envelope", To="it@liaise.example"), hr),
        "ours first": post.take(mail("ours first", To="it@elsewhere.example", Cc=hr), sender=None),
        "unknown mailbox": post.take(mail("unknown mailbox", To=hr), unit="gone", sender=None),
        "tag": post.take(mail("tag", To="hr+complaint@liaise.example"), unit="it", sender=None),
    }.items():
        assert taken.feedback, text
    found = {one.text: (one.unit, one.kind) for one in post.stored()}
    assert found == {
        "mailbox": ("it", "question"),
        "header": ("hr", "question"),
        "envelope": ("hr", "question"),
        "ours first": ("hr", "question"),
        "unknown mailbox": ("hr", "question"),
        "tag": ("it", "complaint"),
    }


def test_a_very_long_mail_in_any_script_fits_into_its_event(post: Post) -> None:
    whole = ("😀" * 60 + "\n") * 1_600 + "> " + "😀" * 30_000
    taken = post.take(mail(whole))
    assert taken.feedback
    [event] = post.events(taken.feedback.id)
    size = len(event["data"]["text"].encode()) + len((event["data"]["full_text"] or "").encode())
    assert size <= saying.BYTES_MOST
