"""What a stranger writes is shown as words, wherever it is shown: no script runs, nothing is asked of another host.

That nobody else is asked and that no message or dialog appears is checked of every visitor, see conftest.
"""

import pytest
from playwright.sync_api import Page, expect

from services.feedback import app as feedback
from tests.browser.conftest import Visit
from tests.browser.site import ADA, Said, Site
from tests.running import send_mail

PAYLOADS = (
    "<script>window.__xss=1</script>",
    "<img src=x onerror=window.__xss=2>",
    "<img src=https://canary.invalid/a.png>",
    '"><svg onload=window.__xss=3>',
    "' autofocus onfocus=window.__xss=4 x='",
    "</textarea></title></style><script>window.__xss=5</script>",
    "</p></li><style>@import url(https://canary.invalid/a.css)</style>",
    "<a href=javascript:window.__xss=6>click me</a> javascript:window.__xss=7",
    "<iframe srcdoc='<script>parent.__xss=8</script>'></iframe>",
    "<form action=https://canary.invalid><button autofocus>Win</button></form>",
    "<base href=https://canary.invalid/><meta http-equiv=refresh content='0;url=https://canary.invalid'>",
    "<div hx-get=https://canary.invalid hx-trigger=load data-hx-on:load=window.__xss=9>x</div>",
    "{{ 7 * 7 }}{% print 1 %}${7*7}",
    "\u202egnp.exe \u200b\U0001f600",
)
EVERYTHING = "\n".join(PAYLOADS)
A_NAME = "\"><svg onload=window.__xss=10> ' <b hx-get=/x>"


@pytest.fixture(scope="module")
def said(site: Site) -> list[Said]:
    """Feedback that carries the payloads in each field a stranger can fill, through the doors that strangers use."""
    victims = [site.say(EVERYTHING, email="canary@example.com")]
    victims += [site.say(payload, name=payload[:100], email="name@example.com") for payload in PAYLOADS[:4]]
    victims.append(site.say(name=A_NAME))
    mail_it(site)
    site.work(victims[0], "ask", question=EVERYTHING)
    site.world.browser().submit(f"{victims[0].track}", text=EVERYTHING)
    site.drain()
    return victims


def mail_it(site: Site) -> None:
    """One by mail, where the subject is the title."""
    mail = feedback.create_mail(site.world.process)
    mail.start()
    try:
        port = site.world.process.settings.mail_port
        send_mail(port, "m@example.com", "it@liaise.example", PAYLOADS[1] + PAYLOADS[2] + PAYLOADS[11], EVERYTHING)
    finally:
        mail.stop()


def harmless(page: Page) -> None:
    assert page.evaluate("[document, ...document.querySelectorAll('iframe')].length") > 0
    assert page.evaluate("window.__xss") is None
    foreign = "script:not([src^='/assets/'])"
    assert page.locator(f"main :is({foreign}, [onerror], [onload], [onfocus], a[href^='javascript:'])").count() == 0


def test_on_the_queue_and_on_every_case(visit: Visit, site: Site, said: list[Said]) -> None:
    page = visit(ADA).open("/triage/")
    expect(page.locator(".queue__row")).to_have_count(len(said) + 1)
    harmless(page)
    cases = [row.get_attribute("href") for row in page.locator(".queue__row").all()]
    for case in cases:
        page.goto(f"{site.url}{case}?do=decline")
        page.get_by_label("Explanation").fill(EVERYTHING)
        expect(page.locator("#preview")).to_contain_text(PAYLOADS[0])
        harmless(page)


def test_beside_the_queue_where_htmx_puts_it(visit: Visit, said: list[Said]) -> None:
    page = visit(ADA).open("/triage/?view=open")
    for row in page.locator(".queue__row").all():
        row.click()
        expect(page.locator(f'#case [data-case="{str(row.get_attribute("href")).rsplit("/", 1)[1]}"]')).to_be_visible()
        harmless(page)


def test_on_the_tracking_page(visit: Visit, said: list[Said]) -> None:
    me = visit()
    for one in said:
        harmless(me.open(one.track))
        harmless(me.open(f"{one.track}/received"))
    harmless(me.open(said[0].track))
    expect(me.page.get_by_text("You replied")).to_be_visible()
    assert me.page.locator("main").inner_text().count(PAYLOADS[0]) >= 3


def test_in_every_mail_in_every_view(visit: Visit, site: Site, said: list[Said]) -> None:
    page = visit().open("/mailbox/")
    harmless(page)
    mails = [link.get_attribute("href") for link in page.locator(".inbox a").all()]
    assert len(mails) >= len(said)
    for mail in mails:
        for view in ("html", "text", "source"):
            page.goto(f"{site.url}{mail}?view={view}")
            harmless(page)
        page.goto(f"{site.url}{mail}/body")
        assert page.evaluate("window.__xss") is None
        assert page.locator(":is(script, [onerror], [onload], [onfocus], img, form)").count() == 0


def test_on_the_form_that_comes_back_with_errors(visit: Visit) -> None:
    page = visit().open(f"/?unit={PAYLOADS[3]}&kind={PAYLOADS[3]}")
    page.get_by_label("Your words").fill(EVERYTHING)
    page.get_by_label("Your name").fill(A_NAME)
    page.get_by_role("button", name="Send feedback").click()
    expect(page.get_by_label("Your words")).to_have_value(EVERYTHING)
    harmless(page)


def test_in_the_search_and_its_chips(visit: Visit, said: list[Said]) -> None:
    page = visit(ADA).open("/triage/")
    page.locator("#search").fill(PAYLOADS[3])
    page.locator("#search").press("Enter")
    expect(page.get_by_role("link", name="Remove filter")).to_contain_text(PAYLOADS[3])
    harmless(page)
