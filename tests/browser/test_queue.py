"""A liaison who never touches the mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.site import INES, Said, Site
from tests.browser.visitor import NARROW, Visitor


@pytest.fixture(scope="module", autouse=True)
def cases(site: Site) -> list[Said]:
    said = [site.say(f"The {color} printer is broken.") for color in ("red", "white", "heliotrope", "black", "green")]
    site.drain()
    return said


@pytest.fixture
def me(visit: Visit) -> Visitor:
    me = visit(INES)
    me.open("/triage/")
    return me


def open_case(me: Visitor, site: Site) -> Said:
    """A new case, reached and opened by keys."""
    said = site.say("A case of its own.", name="Mara Quist", email="mara@example.com")
    site.drain()
    me.open("/triage/")
    for _ in range(40):
        me.keys("j")
        if me.focused(f'[href="{said.case}"]'):
            break
    me.keys("Enter")
    expect(me.page.locator(f'[data-case="{said.id}"]')).to_be_visible()
    return said


def row(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('href')"))


def test_j_and_k_move_and_enter_opens_beside_the_list(me: Visitor) -> None:
    me.keys("j")
    first = row(me.page)
    me.keys("j")
    second = row(me.page)
    assert first != second
    me.keys("k", "k", "k")
    assert row(me.page) == first
    me.keys("j", "Enter")
    beside = me.page.locator("#case [data-case]")
    expect(beside).to_have_attribute("data-case", second.rsplit("/", 1)[1])
    assert "case=" in me.path
    me.page.reload()
    expect(beside).to_be_visible()
    me.keys("k")
    assert row(me.page) == first


def test_a_acknowledges(me: Visitor, site: Site) -> None:
    said = open_case(me, site)
    me.keys("a")
    expect(me.page.get_by_text("Mara Quist will see that you are on it.")).to_be_visible()
    expect(me.page.locator("#case .badge")).to_have_text("Acknowledged")
    assert site.cases(said.number)[0]["state"] == "acknowledged"


def test_q_asks(me: Visitor, site: Site) -> None:
    said = open_case(me, site)
    me.keys("q")
    expect(me.page.get_by_label("Your question")).to_be_focused()
    me.page.keyboard.type("Which one?")
    expect(me.page.locator("#preview")).to_contain_text("Which one?")
    me.keys("Tab", "Enter")
    expect(me.page.get_by_text("Your question is on its way to Mara Quist.")).to_be_visible()
    assert site.cases(said.number)[0]["state"] == "waiting"


def test_x_declines_and_shows_the_mail_while_it_is_written(me: Visitor, site: Site) -> None:
    said = open_case(me, site)
    me.keys("x")
    page = me.page
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("There is no m")
    me.keys("Tab")
    explanation = page.get_by_label("Explanation")
    expect(explanation).to_be_focused()
    draft = explanation.input_value()
    assert draft
    expect(page.locator("#preview")).to_contain_text(draft)
    me.keys("Control+a")
    page.keyboard.type("The ninth screen this year.")
    expect(page.locator("#preview [data-show=explanation]")).to_have_text("The ninth screen this year.")
    me.keys("Tab")
    page.keyboard.type("Two desks are free.")
    expect(page.locator("#preview")).to_contain_text("What you can do instead: Two desks are free.")
    me.keys("Tab", "Tab", "Enter")
    expect(page.get_by_text("Declined. Mara Quist will read your explanation.")).to_be_visible()
    site.drain()
    expect(visit_tracking(page, site, said).get_by_text("The ninth screen this year.").first).to_be_visible()


def visit_tracking(page: Page, site: Site, said: Said) -> Page:
    page.goto(site.url + said.track)
    return page


def test_a_decline_without_reason_cannot_be_sent(me: Visitor, site: Site) -> None:
    said = open_case(me, site)
    me.keys("x")
    expect(me.page.get_by_label("Reason")).to_be_focused()
    me.page.get_by_role("button", name="Decline").press("Enter")
    expect(me.page.get_by_label("Reason")).to_be_focused()
    assert site.cases(said.number)[0]["state"] == "new"


def test_d_closes_as_done(me: Visitor, site: Site) -> None:
    said = open_case(me, site)
    me.keys("d")
    expect(me.page.get_by_label("What was done")).to_be_focused()
    me.page.keyboard.type("We replaced the drum.")
    expect(me.page.locator("#preview")).to_contain_text("We replaced the drum.")
    me.tab_to("#panel button")
    me.keys("Enter")
    expect(me.page.get_by_text("Closed as done. Mara Quist will read what you wrote.")).to_be_visible()
    assert site.cases(said.number)[0]["state"] == "done"


def test_n_keeps_a_note_that_only_staff_see(me: Visitor, site: Site) -> None:
    said = open_case(me, site)
    me.keys("n")
    expect(me.page.get_by_role("textbox", name="Note")).to_be_focused()
    me.page.keyboard.type("He is the director's nephew.")
    me.keys("Tab", "Enter")
    expect(me.page.locator(".message--note")).to_contain_text("Only staff see this")
    site.drain()
    expect(visit_tracking(me.page, site, said).get_by_text("nephew")).to_have_count(0)


def test_question_mark_shows_the_keys_and_escape_hides_them(me: Visitor) -> None:
    me.keys("j")
    before = row(me.page)
    me.keys("?")
    expect(me.page.get_by_role("dialog", name="Keys")).to_be_visible()
    me.keys("j", "Escape")
    expect(me.page.get_by_role("dialog")).to_be_hidden()
    assert row(me.page) == before


def test_slash_searches_and_letters_in_a_field_stay_letters(me: Visitor) -> None:
    me.keys("/")
    assert me.focused("#search")
    me.page.keyboard.type("jaqx?")
    expect(me.page.locator("#search")).to_have_value("jaqx?")
    me.keys("Control+a")
    me.page.keyboard.type("heliotrope")
    me.keys("Enter")
    expect(me.page.locator(".queue__row")).to_have_count(1)
    assert "q=heliotrope" in me.path
    me.page.get_by_role("link", name="Remove filter heliotrope").press("Enter")
    assert me.page.locator(".queue__row").count() > 1


def test_what_is_typed_survives_a_colleague(me: Visitor, site: Site) -> None:
    said = open_case(me, site)
    me.keys("d")
    me.page.get_by_label("What was done").fill("We replaced the drum.")
    site.work(said, "acknowledge")
    me.page.get_by_role("button", name="Close as done").press("Enter")
    expect(me.page.get_by_text("Somebody changed this case since you opened it.")).to_be_visible()
    expect(me.page.get_by_label("What was done")).to_have_value("We replaced the drum.")


def test_on_a_phone_a_row_opens_the_case_as_a_page(visit: Visit, site: Site) -> None:
    me = visit(INES, viewport={"width": NARROW[0], "height": NARROW[1]}, has_touch=True)
    me.open("/triage/")
    first = me.page.locator(".queue__row").first
    address = first.get_attribute("href")
    first.tap()
    me.page.wait_for_url(f"{site.url}{address}")
    me.page.get_by_role("link", name="Done").tap()
    expect(me.page.get_by_label("What was done")).to_be_in_viewport()


def test_a_key_pressed_in_a_hurry_moves_once(me: Visitor, site: Site) -> None:
    said = open_case(me, site)
    me.keys("a", "a")
    expect(me.page.locator("#case .badge")).to_have_text("Acknowledged")
    assert site.cases(said.number)[0]["state"] == "acknowledged"


def test_enter_on_the_open_case_goes_into_it(me: Visitor, site: Site) -> None:
    open_case(me, site)
    me.keys("Enter")
    assert me.focused("#case")
    me.keys("Tab", "Tab")
    assert me.focused("#case [data-key=a]")


def test_single_keys_can_be_switched_off_and_stay_off(me: Visitor) -> None:
    me.page.get_by_role("button", name="Keys").press("Enter")
    me.page.get_by_label("Single keys work").press("Space")
    me.keys("Escape")
    me.page.reload()
    me.keys("j", "?", "/")
    assert me.focused("body")
    me.page.get_by_role("button", name="Keys").press("Enter")
    me.page.get_by_label("Single keys work").press("Space")
    me.keys("Escape", "j")
    assert me.focused(".queue__row")
