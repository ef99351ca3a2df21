"""A browser for every test here; without Chromium the tests say so and are skipped."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from services.chassis.embedded_store import EmbeddedStore
from tests import skips

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.site import Site
    from tests.browser.visitor import Visitor

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 20_000
"""Milliseconds that a busy machine may take to show something."""

Visit = Callable[..., "Visitor"]
"""A new visitor, signed in when an address is given; the rest are options of the browser's context."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """One browser serves the tests of this folder, so they stay in one worker."""
    item.add_marker(pytest.mark.browser)
    item.add_marker(pytest.mark.xdist_group("browser"))


# Not for the session: while it is open, asyncio sees a running loop in this thread, and other tests start loops.
@pytest.fixture(scope="package")
def chromium() -> "Iterator[Browser]":
    """The one browser."""
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        skips.missing("Playwright is not installed; `make browser` installs it.")
    if not CHROMIUM.exists():
        skips.missing(f"{CHROMIUM} is missing; on Debian or Ubuntu: apt install chromium")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(chromium: "Browser", store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Site]":
    """A fresh install for the tests of one file."""
    from tests.browser.site import serve

    with serve(store, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def visit(chromium: "Browser", site: "Site") -> Iterator[Visit]:
    """People with browsers; at the end none of them may have a console message or have asked another host."""
    visitors: list[Visitor] = []
    with ExitStack() as stack:
        yield lambda email=None, at=None, **options: _arrive(chromium, at or site, email, options, stack, visitors)
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


def _arrive(
    chromium: "Browser",
    site: "Site",
    email: str | None,
    options: dict[str, Any],
    stack: ExitStack,
    visitors: "list[Visitor]",
) -> "Visitor":
    from tests.browser.visitor import Visitor

    size = {"width": 1280, "height": 900}
    given = {"viewport": size, "locale": "en-GB", "reduced_motion": "reduce", "color_scheme": "light"}
    context = chromium.new_context(**given | options)  # type: ignore[arg-type]
    stack.callback(context.close)
    context.set_default_timeout(PATIENCE)
    if email:
        context.add_cookies([{"name": "liaise_session", "value": site.cookie(email), "url": site.url}])
    visitors.append(Visitor(site, context))
    return visitors[-1]
