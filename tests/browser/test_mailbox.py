"""What the product sent, as a newcomer meets it: the closing mail, and the rating behind its link."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.site import INES, Site


def test_the_closing_mail_leads_to_the_rating(visit: Visit, site: Site) -> None:
    said = site.say(name="Lena Fuchs", email="lena@example.com")
    site.decline(said)
    me = visit()
    me.open("/mailbox/")
    me.tab_to(".inbox a")
    me.keys("Enter")
    mail = me.page.frame_locator("iframe")
    expect(mail.get_by_text("The lease of this printer ends in March")).to_be_visible()
    mail.locator('a[href*="score=4"]').click()
    me.page.wait_for_url(re.compile(rf"{said.track}/rate\?score=4"))
    me.page.get_by_role("button", name="Send my rating").click()
    expect(me.page.get_by_text("You rated the outcome 4 of 5")).to_be_visible()


def test_a_mail_can_be_read_as_text_and_as_source(visit: Visit, site: Site) -> None:
    site.say(name="Ravi Menon", email="ravi@example.com")
    site.drain()
    page = visit().open("/mailbox/")
    page.get_by_role("link").filter(has_text="ravi@example.com").first.click()
    page.get_by_role("link", name="Plain text").click()
    expect(page.locator(".mail__body")).to_contain_text("Hello Ravi Menon")
    page.get_by_role("link", name="Source").click()
    expect(page.locator("pre")).to_contain_text("Message-ID:")


def test_a_mail_appears_while_the_list_is_open(visit: Visit, site: Site) -> None:
    page = visit(INES).open("/mailbox/")
    site.say(name="Ola Nowak", email="ola@example.com")
    site.drain()
    expect(page.locator(".inbox").get_by_text("ola@example.com").first).to_be_visible()
