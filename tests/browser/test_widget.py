"""The widget on a page of another site with a strict policy of its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from services.chassis.embedded_store import EmbeddedStore, free_port
from services.feedback.store import open_stores, similar
from tests.browser.conftest import PATIENCE
from tests.browser.site import Site, serve
from tests.browser.visitor import NARROW, Visitor

WORDS = "The menu should say what is in the soup."


@dataclass
class Abroad:
    """A page of another site with our script in it, and what the browser complained of there."""

    site: Site
    page: Page
    complaints: list[str]

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    def open(self) -> FrameLocator:
        self.page.get_by_role("button", name="Feedback", exact=True).click()
        return self.frame


def markup(script: str) -> bytes:
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Intranet</title>
        <link rel="icon" href="data:,"><h1>Canteen</h1><p><a href="#soup">Monday: soup.</a></p>
        <script src="{script}" data-unit="it" data-kind="idea" async></script></html>""".encode()


@contextmanager
def intranet(port: int, product: str) -> Iterator[str]:
    """Another site (another host name and port), whose policy allows our script and frame and nothing else."""
    policy = f"default-src 'none'; img-src data:; script-src {product}; frame-src {product}"

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = markup(f"{product}/widget.js")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Pages)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def places(
    chromium: Browser, store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, str, str]]:
    """The product, a site that may show its form, and one that may not."""
    allowed = free_port()
    origins = f"http://localhost:{allowed}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similar, "REFRESH_SECONDS", -1.0)
        with serve(store, tmp_path_factory.mktemp("widget"), WIDGET_ORIGINS=origins) as site:
            with intranet(allowed, site.url) as one, intranet(free_port(), site.url) as other:
                yield site, one, other


@contextmanager
def visitor(chromium: Browser, site: Site, address: str, width: int = 1280) -> Iterator[Abroad]:
    context = chromium.new_context(viewport={"width": width, "height": 800}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    abroad = Abroad(site, context.new_page(), [])
    abroad.page.on("console", lambda message: abroad.complaints.append(message.text))
    abroad.page.on("pageerror", lambda error: abroad.complaints.append(str(error)))
    abroad.page.goto(address)
    yield abroad
    context.close()


@pytest.fixture(params=[1280, 390])
def abroad(chromium: Browser, places: tuple[Site, str, str], request: pytest.FixtureRequest) -> Iterator[Abroad]:
    with visitor(chromium, places[0], places[1], request.param) as abroad:
        yield abroad
        assert abroad.complaints == []


def test_it_is_sent_from_another_site_without_a_cookie(abroad: Abroad) -> None:
    frame = abroad.open()
    expect(frame.get_by_role("radio", name="An idea")).to_be_checked()
    expect(frame.get_by_label("Which department is it about?")).to_have_value("it")
    words = f"{WORDS} At width {abroad.page.viewport_size}."
    frame.get_by_label("Your words").fill(words)
    frame.get_by_role("button", name="Send feedback").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Thank you, we have it")
    number = frame.locator(".code").first.inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", number)
    kept = open_stores(abroad.site.world.process.store("feedback")).feedbacks.find_numbered(number)
    assert kept
    assert (kept.feedback.channel, kept.feedback.text) == ("widget", words)
    assert abroad.page.context.cookies() == []
    link = frame.get_by_role("link", name="Open your page")
    assert link.get_attribute("rel") == "noopener"
    with abroad.page.context.expect_page() as opened:
        link.click()
    expect(opened.value.get_by_text(words)).to_be_visible()


def test_the_keyboard_reaches_it_and_escape_leads_back(abroad: Abroad) -> None:
    page = abroad.page
    button = page.get_by_role("button", name="Feedback", exact=True)
    expect(button).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Give feedback")).to_be_visible()
    expect(abroad.frame.get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(abroad.frame.get_by_role("radio", name="An idea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Close").click()
    expect(button).to_be_focused()


def test_closing_keeps_what_was_typed(abroad: Abroad) -> None:
    abroad.open().get_by_label("Your words").fill("Half a sentence")
    abroad.page.get_by_role("button", name="Close").click()
    expect(abroad.open().get_by_label("Your words")).to_have_value("Half a sentence")


def test_mistakes_are_told_in_the_frame(abroad: Abroad) -> None:
    frame = abroad.open()
    frame.get_by_label("Your e-mail").fill("nobody")
    frame.get_by_role("button", name="Send feedback").click()
    expect(frame.locator("[data-problems]")).to_be_focused()
    expect(frame.get_by_label("Your e-mail")).to_have_value("nobody")
    abroad.complaints.clear()  # Chromium reports the status of an answer that is an error on purpose


def test_what_others_said_is_joined_from_there(abroad: Abroad) -> None:
    wish = f"Wider bicycle racks beside the loading ramp, please, for {abroad.page.viewport_size}."
    abroad.site.world.browser().submit("/", kind="idea", unit="it", text=wish)
    frame = abroad.open()
    frame.get_by_label("Your words").fill("Could there be wider racks for a bicycle at the loading ramp")
    frame.get_by_role("button", name=f"Me too: {wish}").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Your voice is added")


def test_it_adds_no_name_to_the_page(abroad: Abroad) -> None:
    expect(abroad.page.get_by_role("button", name="Feedback", exact=True)).to_be_visible()
    names = """() => {
        const clean = document.createElement("iframe");
        document.body.append(clean);
        const usual = new Set(Object.getOwnPropertyNames(clean.contentWindow));
        clean.remove();
        return Object.getOwnPropertyNames(window).filter((name) => !usual.has(name) && isNaN(name));
    }"""
    assert abroad.page.evaluate(names) == []


def test_a_site_that_is_not_named_cannot_frame_it(chromium: Browser, places: tuple[Site, str, str]) -> None:
    site, _, other = places
    with visitor(chromium, site, other) as abroad:
        frame = abroad.open()
        expect(frame.locator("form")).to_have_count(0)
        assert any("frame-ancestors" in complaint for complaint in abroad.complaints)


def test_nobody_can_frame_the_form_itself(chromium: Browser, places: tuple[Site, str, str]) -> None:
    site, one, _ = places
    with visitor(chromium, site, one) as abroad:
        abroad.page.evaluate(
            "(url) => { const f = document.createElement('iframe'); f.src = url; document.body.append(f); }", site.url
        )
        expect(abroad.frame.locator("form")).to_have_count(0)


def test_the_frame_is_clean(chromium: Browser, places: tuple[Site, str, str]) -> None:
    site, _, _ = places
    context = chromium.new_context(locale="en-GB", reduced_motion="reduce")
    me = Visitor(site, context)
    me.look(NARROW)
    me.open("/widget?unit=it&kind=complaint")
    assert me.transferred() < 100_000
    assert me.overflow() == []
    assert me.violations() == []
    assert me.complaints == []
    context.close()
