"""While somebody types, what others have said; "me too" by hand, by keyboard, and without script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from services.feedback.store import similar
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_form import RECEIPT
from tests.browser.visitor import AXE_COLORS, NARROW, NARROWEST, WIDE

LIGHT_ENOUGH = 100_000
WISH = "Please let us book meeting rooms from the phone."
MINE = "I would like to book a meeting room with my phone"
VOICE = re.compile(r"/v/\w{64}$")


@pytest.fixture(autouse=True)
def _at_once(site: Site) -> Iterator[None]:
    """One shared wish, and each question reads anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similar, "REFRESH_SECONDS", -1.0)
        if not site.cases("book meeting rooms from"):
            site.world.browser().submit("/", kind="idea", unit="people", text=WISH, email="sam@example.com")
        yield


def write(page: Page, text: str) -> None:
    page.get_by_role("radio", name="An idea").check()
    page.get_by_label("Which department is it about?").select_option("I am not sure")
    page.get_by_label("Your words").press_sequentially(text)


def test_while_typing_the_same_wish_appears_and_me_too_joins_it(visit: Visit, site: Site) -> None:
    me = visit()
    page = me.open("/")
    write(page, MINE)
    expect(page.get_by_role("heading", name="Others have said something like it")).to_be_visible()
    expect(page.locator("#similar-count")).to_have_text(re.compile(r"^\d similar wish(es)? below your words$"))
    page.get_by_label("Your name").fill("Mara Quist")
    before = len(site.cases(""))
    page.get_by_role("button", name=f"Me too: {WISH}").click()
    page.wait_for_url(VOICE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your voice is added")
    expect(page.get_by_text(WISH)).to_be_visible()
    assert len(site.cases("")) == before, "nothing new came in"
    for size in (WIDE, NARROW, NARROWEST):
        me.look(size)
        assert me.overflow() == []
    assert me.violations() == []
    expect(me.open("/").get_by_label("Your words")).to_have_value("")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('liaise-draft'))") == []


def test_who_gives_an_address_leaves_nothing_behind_and_sees_no_link(visit: Visit) -> None:
    page = visit().open("/")
    write(page, MINE)
    page.get_by_label("Your e-mail").fill("mara@example.com")
    page.get_by_role("button", name=f"Me too: {WISH}").click()
    page.wait_for_url(re.compile(r"/joined$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. You are counted.")
    assert page.locator("a[href*='/v/'], a[href*='/t/']").count() == 0
    assert page.evaluate("JSON.stringify(localStorage)").find("mara@") == -1


def test_something_else_shows_nothing_and_what_is_deleted_goes(visit: Visit) -> None:
    page = visit().open("/")
    write(page, MINE)
    expect(page.locator(".similar")).to_be_visible()
    page.get_by_label("Your words").fill("The heating in the lobby is too cold in winter.")
    expect(page.locator(".similar")).to_have_count(0)
    expect(page.locator("#similar-count")).to_be_empty()


def test_enter_in_a_field_sends_and_does_not_join(visit: Visit, site: Site) -> None:
    page = visit().open("/")
    write(page, f"{MINE}, entersends")
    expect(page.locator(".similar")).to_be_visible()
    page.get_by_label("Your name").press("Enter")
    page.wait_for_url(RECEIPT)
    assert len(site.cases("entersends")) == 1


def test_by_keyboard_me_too_comes_right_after_the_words(visit: Visit) -> None:
    me = visit()
    write(me.open("/"), MINE)
    expect(me.page.locator(".similar")).to_be_visible()
    me.page.get_by_label("Your words").focus()
    me.keys("Tab")
    assert me.focused("[name=reference]")
    me.keys("Enter")
    me.page.wait_for_url(VOICE)


def test_without_script_a_button_looks_and_me_too_joins(visit: Visit) -> None:
    page = visit(java_script_enabled=False).open("/")
    page.get_by_role("radio", name="A need").check()
    page.get_by_label("Which department is it about?").select_option("people")
    page.get_by_label("Your words").fill(MINE)
    page.get_by_label("Your name").fill("Tom Adeyemi")
    page.get_by_role("button", name="See whether others have said it").click()
    expect(page.get_by_text("Nothing is sent yet.")).to_be_visible()
    expect(page.get_by_label("Your words")).to_have_value(MINE)
    expect(page.get_by_label("Your name")).to_have_value("Tom Adeyemi")
    expect(page.get_by_role("radio", name="A need")).to_be_checked()
    page.get_by_role("button", name="Me too").click()
    page.wait_for_url(VOICE)


@pytest.mark.parametrize("size", [WIDE, NARROW, NARROWEST])
def test_it_fits_is_light_and_axe_finds_nothing(visit: Visit, size: tuple[int, int]) -> None:
    me = visit()
    me.look(size)
    write(me.open("/?kind=complaint"), MINE)
    expect(me.page.locator(".similar")).to_be_visible()
    assert me.transferred() < LIGHT_ENOUGH
    assert me.overflow() == []
    assert me.violations() == []
    me.page.get_by_role("radio", name="A complaint").check()
    me.page.get_by_label("Stay anonymous").check()
    assert me.violations() == []
    me.look(size, "dark")
    assert me.violations(AXE_COLORS) == []
