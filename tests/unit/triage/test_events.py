"""What triage does with what it hears, delivered once, twice and in the wrong order."""

from datetime import timedelta
from typing import Any

import pytest

from services.chassis import metrics
from services.chassis.errors import NotFound, NotYet
from services.contracts.notify import NotificationFailed, NotificationSent
from services.triage.store import watch_ownerless
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
    case = triage.submit(unit="people")
    assert triage.cases.ownerless(triage.accounts.active()) == []
    watch_ownerless(triage.cases, triage.accounts)
    assert "liaise_cases_ownerless 0.0" in metrics.exposition().decode()
    triage.accounts.set_active("priya", False)
    assert triage.cases.ownerless(triage.accounts.active()) == [case.id]
    assert "liaise_cases_ownerless 1.0" in metrics.exposition().decode()
    assert "1 open case belongs to" in triage.browser("ada@example.com").get("/triage/").text


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
