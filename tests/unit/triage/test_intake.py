"""What intake says beyond the words: files, whole mails, doubtful senders, voices, second thoughts."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.contracts import files
from services.contracts.notify import NotificationFailed, NotificationSent
from services.triage.domain import by_submitter
from tests import builders

GOOD = "The supplier stopped making this part, so it cannot be repaired."
PHOTO = files.File(id="f1", name="jam.jpg", content_type="image/jpeg", size=48_200, sha256="0" * 64)


def page(triage: Any, case_id: str) -> str:
    return str(triage.browser("ines@example.com").get(f"/triage/cases/{case_id}").text)


def kinds(triage: Any, case_id: str) -> list[str]:
    return [kind for kind, _ in triage.said(case_id)]


def test_files_and_the_whole_mail_are_one_click_away(triage: Any) -> None:
    said = {"channel": "email", "full_text": "It jams.\n> On Monday you wrote", "files": files.dump([PHOTO])}
    case = triage.submit(text="It jams.", **said)
    triage.hear(builders.replied(text="Again.", full_text="Again.\n-- \nSam", files=files.dump([PHOTO])), case.id)
    text = page(triage, case.id)
    assert text.count(f'href="/intake/files/{case.id}/f1">jam.jpg</a>') == 2
    assert "48.2 kB" in text
    assert text.count("Show the whole mail") == 2
    assert "&gt; On Monday you wrote" in text
    answer = triage.api()("GET", f"/v1/cases/{case.id}").get_json()
    assert answer["files"] == [{"id": "f1", "name": "jam.jpg", "content_type": "image/jpeg", "size": 48_200}]
    assert (answer["full_text"], answer["timeline"][-1]["full_text"]) == (said["full_text"], "Again.\n-- \nSam")
    listed = triage.api()("GET", "/v1/cases").get_json()["items"][0]
    assert "full_text" not in listed


def test_a_sender_nobody_could_confirm_is_marked(triage: Any) -> None:
    sure, unsure = triage.submit(verified=True), triage.submit(verified=False)
    assert "Sender not confirmed" not in page(triage, sure.id)
    assert "Sender not confirmed" in page(triage, unsure.id)
    assert "could not confirm that this mail comes from the address" in page(triage, unsure.id)
    assert triage.api()("GET", f"/v1/cases/{unsure.id}").get_json()["verified"] is False


@pytest.mark.parametrize("doubt", [{"verified": False}, {"sender": "other@example.net", "verified": True}])
def test_a_doubtful_reply_is_shown_and_decides_nothing(triage: Any, doubt: dict[str, Any]) -> None:
    case = triage.submit()
    triage.api()("POST", f"/v1/cases/{case.id}/ask", json={"question": "Which of the two printers is it?"})
    triage.hear(builders.replied(text="The blue one.", **doubt), case.id)
    after = triage.case(case.id)
    assert (after.state, after.unread_since is not None) == ("waiting", True)
    assert "triage.case_resumed" not in kinds(triage, case.id)
    text = page(triage, case.id)
    assert "The blue one." in text
    if "sender" in doubt:
        assert "From another address" in text
        assert "other@example.net" in text
        assert after.timeline[-1].who is None, "it may be anybody"
    else:
        assert "Sender not confirmed" in text
    triage.hear(builders.replied(text="The blue one, it is me."), case.id)
    assert triage.case(case.id).state == "in_progress"


def test_what_a_liaison_wrote_down_says_who_and_for_whom(triage: Any) -> None:
    case = triage.submit(channel="liaison", recorded_by="Jonas Weber")
    text = page(triage, case.id)
    assert "Jonas Weber wrote this down for Sam Field." in text
    assert "by word of mouth" in text


def test_an_imported_feedback_says_when_it_was_said_where_the_unit_is(triage: Any) -> None:
    case = triage.submit(channel="import", said_at=datetime(2025, 3, 2, 23, 30, tzinfo=UTC))
    text = page(triage, case.id)
    assert "Said on 3 March 2025, imported." in text
    assert "by import" in text


def test_voices_are_counted_and_named(triage: Any) -> None:
    case = triage.submit(shared=True)
    triage.clock.advance(timedelta(minutes=1))
    first = triage.hear(builders.joined(voices=2), case.id)
    triage.again(first)
    triage.hear(builders.joined(voices=3, name=None, email=None), case.id)
    after = triage.case(case.id)
    assert (after.voices, after.revision) == (3, case.revision), "a form that is open stays good"
    assert [entry.what for entry in after.timeline] == ["received", "joined", "joined"]
    text = page(triage, case.id)
    assert "<b>3 voices</b>" in text
    assert "Kim Wood and 1 other say the same." in text
    assert "Shared: others can read this, join, and read how it ends." in text
    for move in ("done", "decline"):
        assert "Whoever joined, or joins later, reads these words too." in page(triage, f"{case.id}?do={move}")
    assert "3 voices · The printer on the third floor" in triage.browser("ines@example.com").get("/triage/").text
    assert triage.api()("GET", "/v1/cases").get_json()["items"][0]["voices"] == 3
    row = triage.cases.documents.find_one({"_id": case.id})
    assert "kim@example.com" not in json.dumps(row, default=str)


def test_a_correction_replaces_the_words_and_keeps_the_former(triage: Any) -> None:
    case = triage.submit(channel="liaison", recorded_by="Jonas Weber", text="The printer on floor three squeaks.")
    message = triage.hear(builders.corrected(text="It is the scanner on floor four."), case.id)
    triage.again(message)
    after = triage.case(case.id)
    assert after.text == "It is the scanner on floor four."
    assert [(entry.what, entry.text) for entry in after.timeline[1:]] == [
        ("corrected", "The printer on floor three squeaks.")
    ]
    text = page(triage, case.id)
    assert "Sam Field put the words right." in text
    assert "Show the former words" in text
    ines = triage.browser("ines@example.com")
    assert f"/triage/cases/{case.id}" in ines.get("/triage/?view=open&q=scanner").text
    assert f"/triage/cases/{case.id}" not in ines.get("/triage/?view=open&q=squeaks").text
    stale = triage.api()("POST", f"/v1/cases/{case.id}/acknowledge", headers={"If-Match": f'"{case.revision}"'})
    assert stale.status_code == 412, "who answers has to read the new words first"


def test_former_words_are_kept_while_there_is_room_and_the_first_always(
    triage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = triage.submit(channel="liaison", recorded_by="Jonas Weber", text="The printer squeaks.")
    monkeypatch.setattr(by_submitter, "KEPT_MOST", 30)
    for words in ("It is the scanner.", "The scanner on floor four.", "The one on floor five."):
        triage.hear(builders.corrected(text=words), case.id)
    after = triage.case(case.id)
    assert after.text == "The one on floor five."
    assert [entry.text for entry in after.timeline[1:]] == ["The printer squeaks.", "It is the scanner.", None]
    assert page(triage, case.id).count("Show the former words") == 2


def test_a_submitter_withdraws_and_may_come_back(triage: Any) -> None:
    case = triage.submit()
    message = triage.hear(builders.withdrawn(why="It works again."), case.id)
    triage.again(message)
    after = triage.case(case.id)
    assert (after.state, after.is_open, after.closures, after.answered_at) == ("withdrawn", False, 1, None)
    assert kinds(triage, case.id) == ["triage.case_opened", "triage.case_closed"]
    closed = triage.said(case.id)[-1][1]
    assert (closed["outcome"], closed["by_name"], closed["closure"]) == ("withdrawn", "", 1)
    assert closed["explanation"] is None
    text = page(triage, case.id)
    assert "Sam Field withdrew it" in text
    assert "It works again." in text
    ines = triage.browser("ines@example.com")
    for view in ("view=ended", "state=withdrawn"):
        assert f"/triage/cases/{case.id}" in ines.get(f"/triage/?{view}").text
    assert f"/triage/cases/{case.id}" not in ines.get("/triage/").text
    found = triage.api()("GET", "/v1/cases?state=withdrawn").get_json()["items"]
    assert [(one["id"], one["outcome"]["why"]) for one in found] == [(case.id, "It works again.")]

    triage.hear(builders.replied(text="It broke again.", reopen=True), case.id)
    assert triage.case(case.id).state == "reopened"


def test_withdrawing_what_has_ended_changes_nothing(triage: Any) -> None:
    case = triage.submit()
    triage.api()("POST", f"/v1/cases/{case.id}/done", json={"what_was_done": GOOD})
    before = triage.case(case.id)
    message = triage.hear(builders.withdrawn(), case.id)
    assert triage.case(case.id) == before
    triage.api()("POST", f"/v1/cases/{case.id}/reopen")
    triage.again(message)
    assert triage.case(case.id).state == "reopened", "an old wish does not end what was opened since"


def test_the_messages_of_others_are_told_apart(triage: Any) -> None:
    case = triage.submit()
    triage.api()("POST", f"/v1/cases/{case.id}/done", json={"what_was_done": GOOD})
    closing = {"feedback": case.id, "kind": "outcome", "closure": 1, "channel": "email"}
    triage.hear(NotificationSent(**closing, voice="v1"))
    assert triage.case(case.id).untold_since is not None, "the submitter was told nothing yet"
    triage.hear(NotificationFailed(**closing, voice="v2", reason="smtp-550"))
    text = page(triage, case.id)
    assert "The closing message for somebody who joined could not be delivered (smtp-550)." in text
    assert "Find another way" not in text
    triage.hear(NotificationSent(**closing))
    assert triage.case(case.id).untold_since is None


def test_a_message_that_came_back_is_the_last_word(triage: Any) -> None:
    case = triage.submit()
    about = {"feedback": case.id, "kind": "receipt", "channel": "email"}
    sent = triage.hear(NotificationSent(**about), "n1")
    triage.hear(NotificationFailed(**about, reason="bounced-5.1.1"), "n1")
    triage.again(sent)
    assert [mail.reason for mail in triage.case(case.id).mails] == ["bounced-5.1.1"]
    text = page(triage, case.id)
    assert "The receipt came back undelivered (5.1.1)." in text
    assert "Find another way to tell Sam Field." in text


def test_staff_can_record_what_somebody_told_them(triage: Any) -> None:
    case = triage.submit()
    ines = triage.browser("ines@example.com")
    for where in ("/triage/", f"/triage/cases/{case.id}"):
        text = ines.get(where).text
        assert 'href="/intake/record" data-key="r"' in text
        assert text.count('data-key="r"') == 1
        assert "<dd>Record what somebody told you</dd>" in text
