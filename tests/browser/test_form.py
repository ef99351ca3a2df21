"""Giving feedback: by keyboard alone, with a hasty finger, with mistakes, in German, on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.visitor import NARROW, NARROWEST, WIDE, Visitor

RECEIPT = re.compile(r"/t/\w+/received$")


def fill(page: Page, text: str, name: str = "", email: str = "") -> None:
    page.get_by_role("radio", name="A complaint").check()
    page.get_by_label("Which department is it about?").select_option("it")
    page.get_by_label("Your words").fill(text)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your e-mail").fill(email)


def send(visitor: Visitor, text: str) -> None:
    fill(visitor.open("/"), text)
    visitor.page.get_by_role("button", name="Send feedback").click()
    visitor.page.wait_for_url(RECEIPT)


def test_by_keyboard_alone_from_the_form_to_the_receipt(visit: Visit, site: Site) -> None:
    me = visit()
    me.open("/")
    me.keys("Tab")
    assert me.focused(".skip")
    me.keys("Enter", "Tab", "Space", "ArrowDown", "ArrowDown")
    chosen = me.page.locator("input[name=kind]:checked").input_value()
    me.keys("Tab")
    assert me.focused("select[name=unit]")
    me.page.keyboard.type("Fin")
    me.keys("Tab")
    me.page.keyboard.type("The receipts are lost again.")
    me.tab_to("#f-anonymous")
    me.keys("Tab", "Tab", "Tab")
    assert me.focused("#f-shared")
    me.keys("Tab")
    assert me.focused("summary")
    me.keys("Enter", "Tab", "Space", "ArrowRight", "Tab")
    assert me.focused("[data-send]")
    me.keys("Enter")
    me.page.wait_for_url(RECEIPT)
    (case,) = site.cases("receipts are lost again")
    assert (case["unit"], case["kind"], case["rating"]) == ("finance", chosen, 2)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_double_click_sends_one_feedback(visit: Visit, site: Site, script: bool) -> None:
    me = visit(java_script_enabled=script)
    for turn in range(10):
        words = f"doubleclick{turn}{'with' if script else 'without'}script"
        fill(me.open("/"), words)
        me.page.get_by_role("button", name="Send feedback").dblclick(no_wait_after=True)
        me.page.wait_for_url(RECEIPT)
        assert len(site.cases(words)) == 1


def test_a_mistake_loses_no_word_and_is_announced(visit: Visit) -> None:
    me = visit()
    page = me.open("/")
    page.get_by_label("Your words").fill("Forty minutes of careful words.")
    page.get_by_label("Your e-mail").fill("not an address")
    page.get_by_role("button", name="Send feedback").click()
    summary = page.locator("[data-problems]")
    expect(summary).to_be_focused()
    expect(summary).to_have_attribute("role", "alert")
    expect(page.get_by_label("Your words")).to_have_value("Forty minutes of careful words.")
    expect(page.get_by_label("Your e-mail")).to_have_value("not an address")
    for name in ("kind", "unit", "email"):
        link = summary.locator(f'a[href="#f-{name}"]')
        link.press("Enter")
        expect(page.locator(f"#f-{name}")).to_be_focused()
        field = page.locator(f'[aria-describedby~="f-{name}-error"][aria-invalid="true"]')
        expect(field).to_have_accessible_description(re.compile(link.inner_text()))


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_each_kind_asks_in_its_own_words(visit: Visit, script: bool) -> None:
    page = visit(java_script_enabled=script).open("/")
    words = page.get_by_label("Your words")
    expect(words).to_have_accessible_description(re.compile("^One or two sentences are enough.$"))
    ladder = page.get_by_text("The head of relationship takes it up")
    for kind, question in PROMPTS.items():
        page.get_by_role("radio", name=kind).check()
        expect(words).to_have_accessible_description(re.compile(f"^{re.escape(question)}"))
        expect(ladder).to_be_visible(visible=kind == "A complaint")
        expect(page.get_by_label("Others may read these words")).to_be_visible(
            visible=kind not in ("A complaint", "Praise")
        )


PROMPTS = {
    "A complaint": "What went wrong",
    "An idea": "What would be better",
    "A need": "What do you need, and what is it for?",
    "Praise": "What went well, and who should know?",
    "A question": "What do you need to know",
}


def test_at_most_five_fields_are_visible(visit: Visit) -> None:
    page = visit().open("/?unit=it&kind=idea")
    fields = page.locator("form.say").locator(
        "select, textarea, input:not([type=hidden], [type=radio], [type=checkbox])"
    )
    assert 1 + sum(field.is_visible() for field in fields.all()) == 5, "the kinds are one"


def test_the_chosen_department_says_who_reads_it_and_until_when(visit: Visit) -> None:
    page = visit().open("/")
    page.get_by_label("Which department is it about?").select_option("Network")
    expect(page.get_by_text("Ines Marchetti reads it. You hear from us by Wednesday 25 November.")).to_be_visible()
    page.get_by_label("Which department is it about?").select_option("I am not sure")
    expect(page.locator("#f-unit-promise")).to_be_empty()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_who_stays_anonymous_is_asked_for_nothing_more(visit: Visit, site: Site, script: bool) -> None:
    me = visit(java_script_enabled=script)
    words = f"anonymous{'with' if script else 'without'}script"
    fill(me.open("/"), words, "Mara Quist", "mara@")
    me.page.get_by_label("Stay anonymous").check()
    expect(me.page.get_by_label("Your name")).to_be_hidden()
    expect(me.page.get_by_label("Your e-mail")).to_be_hidden()
    me.page.get_by_role("button", name="Send feedback").click()
    me.page.wait_for_url(RECEIPT)
    assert "Mara" not in str(site.cases(words))


def test_a_reload_loses_no_word_and_can_be_undone(visit: Visit) -> None:
    page = visit().open("/?unit=it")
    fill(page, "Forty minutes of careful words.", "Mara Quist", "mara@example.com")
    page.get_by_label("Which department is it about?").select_option("Network")
    page.reload()
    expect(page.get_by_text("We kept what you had typed.")).to_be_visible()
    expect(page.get_by_label("Your words")).to_have_value("Forty minutes of careful words.")
    expect(page.get_by_label("Your e-mail")).to_have_value("mara@example.com")
    expect(page.get_by_label("Which department is it about?")).to_have_value("it/Network")
    expect(page.get_by_role("radio", name="A complaint")).to_be_checked()
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_label("Your words")).to_have_value("")
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_label("Your words")).to_have_value("Forty minutes of careful words.")
    page.get_by_role("button", name="Start again").click()
    page.reload()
    expect(page.get_by_label("Your words")).to_have_value("")
    expect(page.get_by_text("We kept what you had typed.")).to_have_count(0)


def test_what_was_sent_is_not_offered_again(visit: Visit) -> None:
    me = visit()
    send(me, "Sent is sent, and the draft is gone.")
    assert me.page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    expect(me.open("/").get_by_label("Your words")).to_have_value("")


def test_on_a_shared_computer_nothing_anonymous_outlives_its_tab(visit: Visit) -> None:
    me = visit()
    page = me.open("/")
    fill(page, "Words that only I may know.", "Mara Quist")
    page.get_by_label("Stay anonymous").check()
    page.reload()
    expect(page.get_by_label("Your words")).to_have_value("Words that only I may know.")
    assert "only I" not in page.evaluate("JSON.stringify(localStorage)")
    other = me.context.new_page()
    other.goto(me.site.url + "/")
    expect(other.get_by_label("Your words")).to_have_value("")
    page.get_by_role("button", name="Send feedback").click()
    page.wait_for_url(RECEIPT)
    assert "only I" not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")


def test_one_press_says_that_it_is_sending(visit: Visit) -> None:
    me = visit()
    page = me.open("/")
    fill(page, "Slow networks are a nuisance.")
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")  # as if it took for ever
    page.get_by_role("button", name="Send feedback").click()
    expect(page.locator("[data-state]")).to_have_text("Sending")
    expect(page.locator("[data-send]")).to_have_attribute("aria-disabled", "true")


def test_the_receipt_says_who_when_and_where(visit: Visit, site: Site) -> None:
    me = visit(permissions=["clipboard-read", "clipboard-write"])
    fill(me.open("/"), "The lift smells.", "Mara Quist", "mara@example.com")
    me.page.get_by_role("button", name="Send feedback").click()
    me.page.wait_for_url(RECEIPT)
    text = me.page.locator("main").inner_text()
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", text)
    assert "Ines Marchetti" in text
    assert "Wednesday 25 November" in text
    link = me.page.get_by_label("Link to your page").input_value()
    assert link.startswith(site.url + "/t/")
    me.page.get_by_role("button", name="Copy").click()
    expect(me.page.get_by_text("Copied")).to_be_visible()
    assert me.page.evaluate("navigator.clipboard.readText()") == link
    me.page.goto(link)
    expect(me.page.get_by_text("The lift smells.")).to_be_visible()


def test_german_is_a_third_longer_and_still_fits(visit: Visit) -> None:
    me = visit(locale="de-DE")
    me.open("/")
    expect(me.page.locator("html")).to_have_attribute("lang", "de")
    for size in (WIDE, NARROW, NARROWEST):
        me.look(size)
        assert me.overflow() == []
    me.page.locator("button.button--primary").click()
    expect(me.page.locator("[data-problems]")).to_be_focused()
    assert me.overflow() == []


def test_the_language_can_be_changed_and_is_kept(visit: Visit) -> None:
    me = visit()
    me.open("/").get_by_role("link", name="Deutsch").click()
    expect(me.page.locator("html")).to_have_attribute("lang", "de")
    me.open("/")
    expect(me.page.locator("html")).to_have_attribute("lang", "de")


def test_nothing_moves_for_who_asked_for_no_motion(visit: Visit) -> None:
    still, usual = visit(), visit(reduced_motion="no-preference")
    moving = """() => [...document.querySelectorAll("*")].filter((one) => {
        const style = getComputedStyle(one);
        const lasts = (times) => times.split(",").some((time) => parseFloat(time) > 0.01);
        return lasts(style.transitionDuration) || lasts(style.animationDuration);
    }).length"""
    assert still.open("/").evaluate(moving) == 0
    assert usual.open("/").evaluate(moving) > 0
