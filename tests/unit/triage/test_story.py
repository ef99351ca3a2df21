"""A case on its way, through the pages, as a liaison lives it."""

from typing import Any

EXPLANATION = "The supplier stopped making this part, so the printer cannot be repaired."


def test_a_liaison_declines_with_reason_and_words(triage: Any) -> None:
    case = triage.submit()
    browser = triage.browser("ines@example.com")
    assert case.text in browser.get("/triage/").text
    page = browser.get(f"/triage/cases/{case.id}")
    assert case.text in page.text
    assert "Sam Field" in page.text
    assert "sam@example.com" not in page.text

    page = browser.send(f"/triage/cases/{case.id}", browser.form(f"/triage/cases/{case.id}", action="/acknowledge"))
    assert "Sam Field will see that you are on it." in page.text

    form = f"/triage/cases/{case.id}?do=decline"
    page = browser.submit(form, reason="", explanation="")
    assert page.status_code == 422
    page = browser.submit(form, reason="budget", explanation="Too short")
    assert page.status_code == 422
    assert "20 letters or more" in page.text, page.text[3000:]
    assert "Too short" in page.text

    page = browser.submit(form, reason="budget", explanation=EXPLANATION, alternative="Use the one on floor two.")
    assert page.status_code == 200
    assert "Declined. Sam Field will read your explanation." in page.text
    assert triage.case(case.id).state == "declined"
    assert [kind for kind, _ in triage.said(case.id)] == [
        "triage.case_opened",
        "triage.case_acknowledged",
        "triage.case_closed",
    ]
