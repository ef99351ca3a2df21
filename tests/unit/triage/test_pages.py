"""The pages: who may open what, forms that lose nothing, text that stays text."""

import re
from typing import Any

import pytest
from werkzeug.routing import Rule

GOOD = "The supplier stopped making this part, so it cannot be repaired."
EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'{{7*7}}"


def filled(rule: Rule, case_id: str) -> str:
    """The address of a route with plausible values."""
    values = {"case_id": case_id, "unit_id": "it", "account_id": "priya", "move": "deactivate", "name": "tokens.css"}
    return re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda match: values[match[1]], rule.rule)


def routes(triage: Any, method: str) -> list[Rule]:
    """The staff's page routes of this method."""
    public = ("/v1/", "/assets", "/health", "/metrics", "/sign-", "/style")
    return [
        rule
        for rule in triage.app.url_map.iter_rules()
        if rule.methods and method in rule.methods and not rule.rule.startswith(public)
    ]


def test_every_state_changing_page_wants_a_token_and_a_sign_in(triage: Any) -> None:
    case = triage.submit()
    changing = [filled(rule, case.id) for rule in triage.app.url_map.iter_rules() if _changes(rule)]
    assert len(changing) == 9 + 2 + 1 + 1 + 1 + 1
    signed_in = triage.browser("ada@example.com")
    for path in changing:
        assert signed_in.client.post(path, data={"what_was_done": GOOD}).status_code == 400, path
    stranger = triage.browser()
    token = stranger.form("/sign-in", "email").values["csrf_token"]
    for path in changing:
        if not path.startswith("/sign-"):
            answer = stranger.client.post(path, data={"csrf_token": token, "what_was_done": GOOD})
            assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/sign-in"), path
    assert triage.case(case.id) == case


def _changes(rule: Rule) -> bool:
    return bool(rule.methods and "POST" in rule.methods and not rule.rule.startswith("/v1/"))


@pytest.mark.parametrize(
    ("who", "case", "directory"),
    [
        ("ada@example.com", 200, 200),
        ("priya@example.com", 200, 403),
        ("jonas@example.com", 404, 403),
        (None, 302, 302),
    ],
)
def test_who_may_open_what(triage: Any, who: str | None, case: int, directory: int) -> None:
    case_id = triage.submit(unit="people").id
    browser = triage.browser(who)
    for rule in routes(triage, "GET"):
        path = filled(rule, case_id)
        expected = directory if path.startswith("/triage/directory") else case if "/cases/" in path else 200
        expected = 302 if who is None else expected
        assert browser.client.get(path).status_code == expected, path


def test_the_other_units_liaison_cannot_move_a_case_by_form(triage: Any) -> None:
    case = triage.submit(unit="people")
    jonas = triage.browser("jonas@example.com")
    token = jonas.form("/triage/", action="/sign-out").values["csrf_token"]
    for move in ("acknowledge", "ask", "done", "decline", "duplicate", "assign", "note", "seen", "reopen"):
        data = {"csrf_token": token, "what_was_done": GOOD, "question": GOOD, "text": GOOD, "owner": "ada", "of": "x"}
        data |= {"reason": "budget", "explanation": GOOD}
        assert jonas.client.post(f"/triage/cases/{case.id}/{move}", data=data).status_code == 404, move
        assert jonas.client.post(f"/triage/cases/{case.id}/{move}", data=data | {"preview": "1"}).status_code == 404
    assert triage.case(case.id) == case


def test_what_submitters_write_stays_text(triage: Any) -> None:
    case = triage.submit(text=EVIL + "\n" + EVIL, title=EVIL, name=EVIL, service=EVIL)
    from tests import builders

    triage.hear(builders.replied(text=EVIL), case.id)
    triage.hear(builders.rated(comment=EVIL), case.id)
    browser = triage.browser("ines@example.com")
    pages = ["/triage/", f"/triage/?case={case.id}", f"/triage/?q={EVIL}", f"/triage/cases/{case.id}"]
    pages += [
        f"/triage/cases/{case.id}?do={move}" for move in ("ask", "done", "decline", "assign", "note", "duplicate")
    ]
    pages += [
        f"/triage/cases/{case.id}?do=ask&back=/triage/?q={EVIL}",
        f"/triage/?view={EVIL}&unit={EVIL}&state={EVIL}",
    ]
    for path in pages:
        text = browser.get(path).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "49" not in re.sub(r"[\w.-]{20,}|\d{2}:\d{2}|[0-9A-Z]{4}-[0-9A-Z]{4}", "", text.split("<main")[1]), path
    assert "&lt;script&gt;" in browser.get(f"/triage/cases/{case.id}").text


def test_a_stale_form_is_refused_and_keeps_what_was_typed(triage: Any) -> None:
    case = triage.submit()
    url = f"/triage/cases/{case.id}?do=done"
    browser = triage.browser("ines@example.com")
    form = browser.form(url, "what_was_done")
    triage.api()("POST", f"/v1/cases/{case.id}/note", json={"text": "Wait for me."})
    page = browser.send(url, form, what_was_done=GOOD)
    assert page.status_code == 409
    assert "Somebody changed this case since you opened it." in page.text
    assert GOOD in page.text
    assert "Wait for me." in page.text
    assert triage.case(case.id).state == "new"
    again = browser.form(url, "what_was_done")
    assert browser.send(url, again, what_was_done=GOOD).status_code == 200
    assert triage.case(case.id).state == "done"


@pytest.mark.parametrize("version", ["9" * 5000, "0", "x", "\u00b2"])
def test_a_version_that_is_none_is_a_stale_form(triage: Any, version: str) -> None:
    case = triage.submit()
    url = f"/triage/cases/{case.id}?do=done"
    browser = triage.browser("ines@example.com")
    page = browser.send(url, browser.form(url, "what_was_done"), what_was_done=GOOD, version=version)
    assert page.status_code == 409
    assert GOOD in page.text


def test_a_form_for_a_move_that_is_over_says_so(triage: Any) -> None:
    case = triage.submit()
    url = f"/triage/cases/{case.id}"
    browser = triage.browser("ines@example.com")
    form = browser.form(url, action="/acknowledge")
    browser.send(url, form)
    page = browser.send(url, form)
    assert page.status_code == 409
    assert [kind for kind, _ in triage.said(case.id)].count("triage.case_acknowledged") == 1


def test_the_preview_shows_the_mail_and_changes_nothing(triage: Any) -> None:
    case = triage.submit()
    url = f"/triage/cases/{case.id}?do=decline"
    browser = triage.browser("ines@example.com")
    form = browser.form(url, "explanation", "preview")
    page = browser.send(url, form, reason="budget", preview="1")
    assert page.status_code == 200
    assert page.text.count("There is no budget for this in the current year.") >= 3
    page = browser.send(url, form, reason="budget", explanation=GOOD, alternative="Use the other one.", preview="1")
    assert "What you can do instead: Use the other one." in page.text
    assert triage.case(case.id) == case
    page = browser.send(url, form, reason="budget", explanation="There is no budget for this in the current year.")
    assert page.status_code == 422
    assert "This is the draft as it stood." in page.text
    assert triage.case(case.id) == case


@pytest.mark.parametrize("words", ["", "  ", "too short", "\u200b" * 30])
def test_no_form_closes_a_case_without_words(triage: Any, words: str) -> None:
    case = triage.submit()
    browser = triage.browser("ines@example.com")
    url = f"/triage/cases/{case.id}"
    token = browser.form(url, action="/acknowledge").values
    for move, fields in (
        ("decline", {"reason": "budget", "explanation": words}),
        ("decline", {"reason": "", "explanation": GOOD}),
        ("decline", {}),
        ("done", {"what_was_done": words}),
        ("duplicate", {"of": words}),
        ("duplicate", {"of": case.number}),
    ):
        answer = browser.client.post(f"{url}/{move}", data=token | fields)
        assert answer.status_code == 422, (move, fields)
    assert triage.case(case.id) == case


def test_every_form_of_the_case_page_does_its_work(triage: Any) -> None:
    case, original = triage.submit(), triage.submit(text="The first report of it.")
    url = f"/triage/cases/{case.id}"
    browser = triage.browser("ines@example.com")
    browser.submit(f"{url}?do=note", text="Only for us.")
    page = browser.submit(f"{url}?do=assign", owner="jonas")
    assert "Given to Jonas Berg." in page.text
    page = browser.submit(f"{url}?do=ask", question="Which one is it?")
    assert "Your question is on its way to Sam Field." in page.text
    assert "Only staff see this" in page.text
    page = browser.submit(f"{url}?do=done", what_was_done=GOOD, link="")
    assert triage.case(case.id).state == "done"
    browser.send(url, browser.form(url, action="/reopen"))
    assert triage.case(case.id).state == "reopened"
    browser.submit(f"{url}?do=duplicate", of=original.number)
    assert triage.case(case.id).state == "duplicate"
    assert original.number in browser.get(url).text


def test_the_queue_shows_views_filters_and_the_case_beside(triage: Any) -> None:
    browser = triage.browser("ines@example.com")
    assert "No case is waiting" in browser.get("/triage/").text
    printer = triage.submit()
    triage.submit(text="Coffee is cold", kind="idea", unit="people")
    hidden = triage.submit(text="Where is the money", unit="finance")
    page = browser.get("/triage/").text
    assert "Coffee is cold" in page
    assert hidden.text not in page
    assert '<span class="number">2</span>' in page
    page = browser.get("/triage/?kind=idea").text
    assert "Coffee is cold" in page
    assert printer.text not in page
    assert "Remove filter" in page
    assert printer.text in browser.get("/triage/?q=PRINT").text
    assert "Nothing fits these filters" in browser.get("/triage/?q=zebra").text
    assert "Coffee is cold" not in browser.get("/triage/?view=mine").text
    page = browser.get(f"/triage/?case={printer.id}").text
    assert "Problem from Sam Field" in page
    assert "Problem from Sam Field" not in browser.get(f"/triage/?case={hidden.id}").text
    beside = browser.get(f"/triage/cases/{printer.id}", headers={"HX-Request": "true", "HX-Target": "case"}).text
    assert "<html" not in beside
    assert printer.text in beside


def test_after_a_move_one_is_back_where_one_was(triage: Any) -> None:
    case = triage.submit()
    browser = triage.browser("ines@example.com")
    for back, expected in (
        (f"/triage/?view=new&case={case.id}", f"/triage/?view=new&case={case.id}"),
        ("https://evil.example/", f"/triage/cases/{case.id}"),
        ("//evil.example/", f"/triage/cases/{case.id}"),
        ("/sign-out", f"/triage/cases/{case.id}"),
    ):
        form = browser.form(f"/triage/cases/{case.id}?do=note", "text")
        data = form.values | {"text": "Again.", "back": back}
        answer = browser.client.post(form.action, data=data)
        assert (answer.status_code, answer.headers["Location"]) == (303, expected)
