"""The submitter's page: where it is, what became of it, and the two things they can say to it."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.site import Site


def test_the_outcome_can_be_read_contested_and_rated(visit: Visit, site: Site) -> None:
    said = site.say(name="Tom Adeyemi", email="tom@example.com")
    site.decline(said)
    me = visit()
    page = me.open(said.track)
    expect(page.get_by_role("heading", level=1)).to_have_text("We could not do this")
    outcome = page.get_by_role("region").filter(has=page.get_by_text("What you can do instead")).first
    expect(outcome).to_contain_text("The lease of this printer ends in March")
    expect(outcome).to_contain_text("The printer on the second floor takes your badge as well.")
    me.tab_to("input[name=score]")
    me.keys("Space", "ArrowRight", "ArrowRight", "ArrowRight", "Tab", "Enter")
    expect(page.get_by_text("Your answer counts")).to_be_visible()
    expect(page.get_by_text("You rated the outcome 4 of 5")).to_be_visible()
    page.get_by_label("Why is it wrong?").fill("The second floor is an hour away.")
    page.get_by_role("button", name="Contest it").click()
    expect(page.get_by_text("Your reply is with")).to_be_visible()
    site.drain()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is being worked on")


def test_a_question_is_on_top_and_its_answer_reaches_the_case(visit: Visit, site: Site) -> None:
    said = site.say()
    site.work(said, "ask", question="Which printer is it?")
    me = visit()
    page = me.open(said.track)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is a question for you")
    me.tab_to("textarea")
    page.keyboard.type("The one by the lift.")
    me.tab_to("main form .actions button")
    me.keys("Enter")
    expect(page.get_by_text("Your reply is with")).to_be_visible()
    site.drain()
    assert site.cases(said.number)[0]["state"] == "in_progress"


def test_an_empty_reply_is_refused_in_words(visit: Visit, site: Site) -> None:
    page = visit().open(site.say().track)
    page.get_by_role("button", name="Send message").click()
    expect(page.locator("[data-problems]")).to_be_focused()
    expect(page.get_by_label("Your message")).to_have_attribute("aria-invalid", "true")


def test_following_the_rating_link_counts_nothing_before_the_button(visit: Visit, site: Site) -> None:
    said = site.say()
    site.work(said, "done", what_was_done="We replaced the drum.")
    me = visit()
    for _ in range(3):
        me.open(f"{said.track}/rate?score=2")
    expect(me.page.get_by_role("radio", name=re.compile("^2"))).to_be_checked()
    expect(visit().open(said.track).get_by_role("heading", name="How did we do?")).to_be_visible()
    me.page.get_by_role("button", name="Send my rating").click()
    expect(me.page.get_by_text("You rated the outcome 2 of 5")).to_be_visible()
    expect(me.page.get_by_role("heading", name="What should have been different?")).to_be_visible()
