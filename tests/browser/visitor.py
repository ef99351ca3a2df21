"""A person at a real browser, and everything the browser noticed meanwhile."""

import json
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from tests.browser.site import Site

WIDE, NARROW, NARROWEST = (1280, 900), (390, 844), (320, 640)
AXE_OPTIONS: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
AXE_COLORS: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
MOST_TABS = 80


class Visitor:
    """One page in a context of its own; `complaints` is empty when the browser had nothing to say."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site, self.context = site, context
        self.complaints: list[str] = []
        self.requests: list[Request] = []
        context.on("request", self._see)
        self.page: Page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def open(self, path: str) -> Page:
        """Go to a path of the site."""
        self.page.goto(self.site.url + path)
        return self.page

    @property
    def path(self) -> str:
        """Where the page is, without the site."""
        return self.page.url.removeprefix(self.site.url)

    def tab_to(self, selector: str) -> None:
        """Press Tab until the focus stands on it; fails when the keyboard cannot reach it."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.focused(selector):
                return
        raise AssertionError(f"Tab never reaches {selector} on {self.path}")

    def focused(self, selector: str) -> bool:
        """Whether the focus stands on what the selector names."""
        here: bool = self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector)
        return here

    def keys(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def transferred(self) -> int:
        """The bytes of all bodies this visitor was sent, as they came over the wire."""
        self.page.wait_for_load_state("load")
        return sum(request.sizes()["responseBodySize"] for request in self.requests if request.response())

    def overflow(self) -> list[str]:
        """What reaches beyond the right edge of a page that scrolls sideways; empty when it does not scroll."""
        found: list[str] = self.page.evaluate(
            """() => {
                const edge = document.documentElement.clientWidth;
                if (document.documentElement.scrollWidth <= edge) return [];
                const all = [...document.querySelectorAll("body *")];
                const out = all.filter((one) => one.getBoundingClientRect().right > edge + 1);
                return ["the page"].concat(out.slice(0, 6).map((one) => one.outerHTML.slice(0, 120)));
            }"""
        )
        return found

    def look(self, size: tuple[int, int], scheme: Any = "light") -> None:
        """Change the window and the colours."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(color_scheme=scheme)

    def violations(self, options: dict[str, Any] = AXE_OPTIONS) -> list[str]:
        """What axe finds on the page as it stands now, a line for each place."""
        if not self.page.evaluate("typeof window.axe === 'object'"):
            self._stop_listening()
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate(f"axe.run({json.dumps(options)})")["violations"]
        return [f"{one['id']}: {node['target']} {node['html'][:160]}" for one in found for node in one["nodes"]]

    def _stop_listening(self) -> None:
        """axe sets styles of its own, which our policy refuses: from here on the console is about axe."""
        self.page.remove_listener("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        # Chromium reports the status of a page that is an error on purpose (422, 404) as well.
        if message.text.startswith("Failed to load resource") and message.location["url"] == self.page.url:
            return
        self.complaints.append(f"{message.type}: {message.text} {message.location['url']}")

    def _see(self, request: Request) -> None:
        self.requests.append(request)
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and f"{parts.scheme}://{parts.netloc}" != self.site.url:
            self.complaints.append(f"asks another host: {request.url}")
