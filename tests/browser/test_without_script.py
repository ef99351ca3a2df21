"""The whole loop in a browser that runs no script."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.site import INES, Site
from tests.browser.test_form import RECEIPT, fill


def test_from_the_form_to_the_declined_answer(visit: Visit, site: Site) -> None:
    me = visit(java_script_enabled=False)
    page = me.open("/")
    page.get_by_role("button", name="Send feedback").click()
    expect(page.get_by_role("alert")).to_contain_text("Please correct this first")
    fill(page, "I need a second screen.", "Tom Adeyemi")
    page.get_by_role("button", name="Send feedback").click()
    page.wait_for_url(RECEIPT)
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    page.get_by_role("link", name="See your page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have it")
    page.get_by_label("Your message").fill("A small one will do.")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_text("A small one will do.")).to_be_visible()
    site.drain()
    decline(visit, "I need a second screen.")
    site.drain()
    page.reload()
    expect(page.get_by_text("Yours would have been the ninth.").first).to_be_visible()
    page.get_by_role("radio", name=re.compile("^3")).check()
    page.get_by_role("button", name="Rate").click()
    expect(page.get_by_text("You rated the outcome 3 of 5")).to_be_visible()


def decline(visit: Visit, words: str) -> None:
    """A liaison signs in, finds the case, looks at the mail, declines; all of it without script."""
    page = visit(java_script_enabled=False).open("/triage/")
    page.get_by_label("E-mail").fill(INES)
    page.get_by_label("Password").fill("liaise-demo")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=words).click()
    page.get_by_role("link", name="Decline", exact=True).click()
    page.get_by_label("Reason").select_option("budget")
    page.get_by_role("button", name="Preview the mail").click()
    draft = page.get_by_label("Explanation").input_value()
    assert len(draft) > 20
    expect(page.get_by_role("article")).to_contain_text(draft)
    page.get_by_label("Explanation").fill("Yours would have been the ninth.")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("will read your explanation")).to_be_visible()
