"""The pages of the secret link and of the code: read by anybody, by keyboard, small and dark, and telling nobody."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from services.chassis import ids
from services.feedback import handlers
from services.feedback.domain import Submission
from services.feedback.handlers import SubmitFeedback
from services.feedback.store import open_stores
from tests.browser.conftest import Visit
from tests.browser.site import Said, Site
from tests.browser.visitor import AXE_COLORS, NARROW, NARROWEST, WIDE, Visitor
from tests.conftest import SECRET_KEY

CODE = re.compile(r"\d{4}(-\d{4}){4}")
LONG = "Donaudampfschifffahrtsgesellschaftskapitaen " * 6


def recorded(site: Site) -> Said:
    """What a liaison wrote down for Sam."""
    process = site.world.process
    stores = open_stores(process.store("feedback"))
    said = Submission(channel="liaison", text=LONG, unit="it", email="sam@example.com", recorded_by="Jonas Berg")
    receipt = handlers.submit_feedback(
        SubmitFeedback(said=said, scope="record"),
        stores.feedbacks,
        stores.units,
        process.settings.secret_key.reveal(),
        process.clock.now(),
    )
    return Said(receipt.feedback.id, receipt.feedback.number, f"/t/{receipt.tracking_token}")


def proof(said: Said) -> str:
    """What the link at the end of each mail to the submitter carries."""
    return ids.signed_reference(SECRET_KEY, "profile", said.id)


def withdraw(site: Site, said: Said) -> None:
    site.world.browser().submit(f"{said.track}/withdraw", why="It works again.")


@pytest.fixture(scope="module")
def said(site: Site) -> dict[str, Said]:
    """A feedback in each state that these pages have."""
    names = ("new", "declined", "contested", "reopened", "withdrawn", "withdrawing")
    said = {name: site.say(LONG, name="Sam", email=f"{name}@example.com") for name in names}
    said["anonymous"] = site.say("Nobody knows who I am.", unit="people")
    for name in ("declined", "contested", "reopened"):
        site.decline(said[name])
    for name in ("reopened", "contested"):
        site.world.browser().submit(said[name].track, text="I have the offer.", contest="yes")
        if name == "reopened":
            site.drain()
    withdraw(site, said["withdrawn"])
    said["recorded"] = recorded(site)
    site.drain()
    withdraw(site, said["withdrawing"])
    return said


def send(me: Visitor) -> None:
    me.page.locator("main form button.button--primary, main form button.button--danger").first.click()
    expect(me.page.locator("[data-problems]")).to_be_focused()


def contest_nothing(me: Visitor) -> None:
    me.page.get_by_role("button", name="Contest it").click()
    expect(me.page.locator("[data-problems]")).to_be_focused()


def unfold(me: Visitor) -> None:
    for summary in me.page.locator("main summary").all():
        summary.click()


def nothing(me: Visitor) -> None:
    """The page as it comes."""


@dataclass(frozen=True)
class Look:
    """One page in one state: whose it is, where, and what they do first."""

    name: str
    path: str = ""
    act: Callable[[Visitor], None] = nothing


LOOKS = {
    "receipt with a code": Look("anonymous", "/received"),
    "receipt": Look("new", "/received"),
    "code": Look("", "/back"),
    "wrong code": Look("", "/back", send),
    "profile": Look("new", "/profile?proof={proof}"),
    "profile without a proof": Look("new", "/profile"),
    "profile of nobody": Look("anonymous", "/profile"),
    "about to withdraw": Look("new", "/withdraw"),
    "being withdrawn": Look("withdrawing"),
    "withdrawn": Look("withdrawn"),
    "recorded": Look("recorded", act=unfold),
    "about to correct": Look("recorded", "/correct"),
    "declined": Look("declined"),
    "contested without words": Look("declined", act=contest_nothing),
    "being contested": Look("contested"),
    "reopened": Look("reopened"),
    "anonymous": Look("anonymous", act=unfold),
}


@pytest.mark.parametrize("name", LOOKS)
def test_everybody_can_read_it(visit: Visit, said: dict[str, Said], name: str) -> None:
    look = LOOKS[name]
    me = visit()
    me.open(said[look.name].track + look.path.format(proof=proof(said[look.name])) if look.name else look.path)
    look.act(me)
    for size in (WIDE, NARROW, NARROWEST):
        me.look(size)
        assert me.overflow() == [], size
    me.look(NARROW)
    assert me.violations() == []
    me.look(WIDE, "dark")
    assert me.violations(AXE_COLORS) == []


def test_the_code_is_shown_copied_written_down_and_leads_back(visit: Visit, site: Site) -> None:
    me = visit(permissions=["clipboard-read", "clipboard-write"])
    page = me.open(site.say("The boss shouts.", unit="people").track + "/received")
    code = page.locator(".code--large").inner_text()
    assert CODE.fullmatch(code)
    page.get_by_role("region", name="Your code").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code
    expect(page.get_by_role("button", name="Print this page")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".code--large")).to_be_visible()

    other = visit()
    other.open("/")
    other.page.get_by_role("contentinfo").get_by_role("link", name="I have a code").click()
    other.tab_to("input[name=code]")
    other.page.keyboard.type(code.replace("-", " "))
    other.keys("Enter")
    expect(other.page.get_by_text("The boss shouts.")).to_be_visible()


def test_taking_it_back_and_changing_ones_mind_by_keyboard(visit: Visit, site: Site) -> None:
    said = site.say(name="Sam", email="sam@example.com")
    site.drain()
    me = visit()
    page = me.open(said.track)
    me.tab_to("a[href$='/withdraw']")
    me.keys("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Withdraw this feedback?")
    me.tab_to("button.button--danger")
    me.keys("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("You withdrew it")
    site.drain()
    page.reload()
    expect(page.get_by_text("Ended, as you wished")).to_be_visible()
    page.get_by_label("Your message").fill("It broke once more.")
    page.get_by_label("I changed my mind").check()
    page.get_by_role("button", name="Send message").click()
    site.drain()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is being worked on")


def test_two_questions_are_answered_by_keyboard(visit: Visit, site: Site) -> None:
    me = visit()
    said = site.say(name="Tom", email="tom.two@example.com")
    page = me.open(f"{said.track}/profile?proof={proof(said)}")
    me.tab_to("input[name=wants]")
    me.keys("ArrowDown", "ArrowDown", "Tab", "ArrowDown", "Tab", "Enter")
    expect(page.get_by_text("We send no more e-mail")).to_be_visible()
    me.open(f"{said.track}/profile?proof={proof(said)}")
    expect(page.get_by_role("radio", name="Only the outcome")).to_be_checked()
    expect(page.get_by_role("radio", name="Only on my page")).to_be_checked()


def test_a_link_that_leads_away_tells_nobody_where_it_was(site: Site, chromium: Browser) -> None:
    heard: list[dict[str, str]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(dict(self.headers))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """It says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    said = site.say()
    site.work(said, "done", what_was_done="It stands in the news.", link=f"http://127.0.0.1:{server.server_port}/news")
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.goto(site.url + said.track)
        page.get_by_role("link", name="Read more about the change").click()
        page.wait_for_url("**/news")
    finally:
        context.close()
        server.shutdown()
    assert heard
    # Chromium asks the listener for an icon as well, and names the listener's own page as where it was.
    assert "Referer" not in heard[0]
    assert [headers for headers in heard if site.url in str(headers) or said.track in str(headers)] == []
