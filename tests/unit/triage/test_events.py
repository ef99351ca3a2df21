"""What triage does with what it hears, delivered once, twice and in the wrong order."""

import re
from datetime import timedelta
from typing import Any

import pytest

from services.chassis import metrics
from services.chassis.errors import NotFound, NotYet
from services.contracts.notify import NotificationFailed, NotificationSent
from services.triage.domain import answering, untold
from services.triage.store import watch_cases
from tests import builders

GOOD = "The supplier stopped making this part, so it cannot be repaired."


def kinds(triage: Any, case_id: str) -> list[str]:
    return [kind for kind, _ in triage.said(case_id)]


def test_one_case_per_feedback_with_owner_and_promises(triage: Any) -> None:
    message = triage.hear(builders.submitted())
    triage.again(message)
    case = triage.case(message.subject)
    assert (case.owner.id, case.state, case.submitter_name) == ("ines", "new", "Sam Field")
    assert case.text == "The printer on the third floor has been broken for two weeks."
    assert case.outcome_due.isoformat() == "2026-12-07T16:00:00+00:00"
    assert kinds(triage, case.id) == ["triage.case_opened"]
    row = triage.cases.documents.find_one({"_id": case.id})
    assert "sam@example.com" not in str(row)


def test_an_unknown_unit_goes_to_the_fallback(triage: Any) -> None:
    case = triage.submit(unit="nowhere")
    assert (case.unit, case.owner.id) == ("it", "ines")
    assert triage.said(case.id)[0][1]["unit"] == "it"


def test_a_liaison_who_left_is_stood_in_for(triage: Any) -> None:
    triage.accounts.set_active("priya", False)
    assert triage.submit(unit="people").owner.id == "ines"


def test_open_cases_of_people_who_left_are_found(triage: Any) -> None:
    def ownerless() -> list[str]:
        return list(triage.cases.ownerless(answering(triage.units.all(), triage.accounts.active().values())))

    case = triage.submit(unit="people")
    assert ownerless() == []
    watch_cases(triage.cases, triage.units, triage.accounts, triage.clock)
    assert "liaise_cases_ownerless 0.0" in metrics.exposition().decode()
    triage.accounts.set_active("priya", False)
    assert ownerless() == [case.id]
    assert "liaise_cases_ownerless 1.0" in metrics.exposition().decode()
    assert "1 open case belongs to" in triage.browser("ada@example.com").get("/triage/").text


def test_open_cases_of_people_who_cannot_see_them_are_found(triage: Any) -> None:
    case = triage.submit(unit="finance")  # jonas's, who has nothing to do with people
    triage.cases.documents.update_one({"_id": case.id}, {"$set": {"unit": "people"}})
    watch_cases(triage.cases, triage.units, triage.accounts, triage.clock)
    assert "liaise_cases_ownerless 1.0" in metrics.exposition().decode()
    assert "1 open case belongs to" in triage.browser("ada@example.com").get("/triage/").text


def test_an_ended_case_whose_message_nobody_knows_of_is_shown(triage: Any) -> None:
    case, other = triage.submit(text="Nobody told me"), triage.submit(unit="finance")
    api, browser = triage.api(), triage.browser("ines@example.com")
    watch_cases(triage.cases, triage.units, triage.accounts, triage.clock)
    for ended in (case, other):
        api("POST", f"/v1/cases/{ended.id}/done", json={"what_was_done": GOOD})
    triage.clock.advance(timedelta(minutes=4))
    assert "no closing message yet" not in browser.get("/triage/").text
    triage.clock.advance(timedelta(minutes=2))
    assert "1 ended case has no closing message yet." in browser.get("/triage/").text, "finance is not hers"
    assert "liaise_cases_ended_untold 2.0" in metrics.exposition().decode()
    assert "Nobody told me" in browser.get("/triage/?view=untold").text
    triage.hear(NotificationSent(feedback=case.id, kind="receipt", channel="email"))
    assert triage.cases.count(untold(triage.clock.now())) == 2
    triage.hear(NotificationFailed(feedback=case.id, kind="outcome", closure=1, channel="email", reason="smtp-550"))
    triage.hear(NotificationSent(feedback=other.id, kind="outcome", closure=1, channel="page"))
    assert "no closing message yet" not in browser.get("/triage/").text
    assert "Everybody has been told" in browser.get("/triage/?view=untold").text
    assert "liaise_cases_ended_untold 0.0" in metrics.exposition().decode()
    api("POST", f"/v1/cases/{case.id}/reopen")
    api("POST", f"/v1/cases/{case.id}/done", json={"what_was_done": GOOD})
    triage.clock.advance(timedelta(minutes=6))
    assert [row.id for row in triage.cases.page(untold(triage.clock.now())).cases] == [case.id], "the second closure"


def test_a_reply_to_an_ended_case_is_seen(triage: Any) -> None:
    case = triage.submit(text="The lamp flickers")
    browser = triage.browser("ines@example.com")
    triage.api()("POST", f"/v1/cases/{case.id}/done", json={"what_was_done": GOOD})
    assert "No reply is unread" in browser.get("/triage/?view=replies").text
    triage.hear(builders.replied(text="It does it again."), case.id)
    page = browser.get("/triage/?view=replies").text
    assert "The lamp flickers" in page
    assert "new reply" in page
    assert re.search(r'view=replies"[^>]*>Replies <span class="number">1<', page)
    page = browser.send("/triage/", browser.form(f"/triage/cases/{case.id}", action="/seen")).text
    assert "The reply is marked as read." in page
    assert "No reply is unread" in browser.get("/triage/?view=replies").text
    assert triage.case(case.id).state == "done"
    answer = triage.api()("POST", f"/v1/cases/{case.id}/seen")
    assert answer.status_code == 409


def test_a_reply_answers_the_question_once(triage: Any) -> None:
    case = triage.submit()
    triage.api()("POST", f"/v1/cases/{case.id}/ask", json={"question": "Which of the two printers is it?"})
    message = triage.hear(builders.replied(), case.id)
    triage.again(message)
    case = triage.case(case.id)
    assert case.state == "in_progress"
    assert [entry.what for entry in case.timeline] == ["received", "asked", "replied"]
    assert case.timeline[-1].text == "The one by the lift."
    assert kinds(triage, case.id)[-1] == "triage.case_resumed"
    assert kinds(triage, case.id).count("triage.case_resumed") == 1


def test_a_submitter_reopens_an_ended_case_with_new_promises(triage: Any) -> None:
    case = triage.submit()
    triage.api()("POST", f"/v1/cases/{case.id}/done", json={"what_was_done": GOOD})
    triage.hear(builders.replied(text="It broke again."), case.id)
    assert triage.case(case.id).state == "done"
    triage.clock.advance(timedelta(days=1))
    triage.hear(builders.replied(text="It broke again.", reopen=True), case.id)
    case = triage.case(case.id)
    assert case.state == "reopened"
    assert case.due is not None
    assert case.due.isoformat() == "2026-11-26T16:00:00+00:00"
    assert triage.said(case.id)[-1] == (
        "triage.case_reopened",
        {
            "by_submitter": True,
            "owner": "ines",
            "owner_name": "Ines Marchetti",
            "answer_due": "2026-11-26T16:00:00+00:00",
            "outcome_due": "2026-12-08T16:00:00+00:00",
        },
    )
    triage.hear(builders.replied(text="And again.", reopen=True), case.id)
    assert kinds(triage, case.id).count("triage.case_reopened") == 1


def test_a_rating_is_shown_once(triage: Any) -> None:
    case = triage.submit()
    message = triage.hear(builders.rated(score=2, comment="Too slow."), case.id)
    triage.again(message)
    assert [(rating.score, rating.comment) for rating in triage.case(case.id).ratings] == [(2, "Too slow.")]
    page = triage.browser("ines@example.com").get(f"/triage/cases/{case.id}").text
    assert "Rated 2 of 5, bad." in page
    assert "Too slow." in page


def test_notifications_are_kept_once_each_and_do_not_make_a_form_stale(triage: Any) -> None:
    case = triage.submit()
    sent = NotificationSent(feedback=case.id, kind="receipt", channel="email")
    message = triage.hear(sent)
    triage.again(message)
    triage.hear(NotificationFailed(feedback=case.id, kind="outcome", closure=1, channel="email", reason="smtp-550"))
    after = triage.case(case.id)
    assert [(mail.kind, mail.reason) for mail in after.mails] == [("receipt", None), ("outcome", "smtp-550")]
    assert after.revision == case.revision
    page = triage.browser("ines@example.com").get(f"/triage/cases/{case.id}").text
    assert "The closing message could not be delivered (smtp-550)." in page


def test_a_notification_may_overtake_its_case(triage: Any) -> None:
    with pytest.raises(NotYet):
        triage.hear(NotificationSent(feedback="unknown", kind="receipt", channel="email"))


def test_a_reply_to_nothing_is_not_waited_for(triage: Any) -> None:
    with pytest.raises(NotFound):
        triage.hear(builders.replied())


def test_every_unit_is_told_of_at_the_start_and_only_then(triage: Any, process: Any) -> None:
    from services.triage import app

    app.migrate(process)
    for unit in ("it", "finance", "people"):
        assert kinds(triage, unit) == ["directory.unit_defined"]
    assert triage.said("it")[0][1]["fallback"] is True
    assert triage.said("finance")[0][1]["deputies"] == [{"id": "priya", "name": "Priya Raman"}]
