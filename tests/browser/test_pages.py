"""Every page in each of its states: axe finds nothing, nothing is cut off, no complaint by the browser, and light."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from services.chassis.embedded_store import EmbeddedStore
from tests.browser.conftest import Visit
from tests.browser.site import ADA, INES, Said, Site, serve
from tests.browser.test_insights import fill_a_year
from tests.browser.visitor import AXE_COLORS, NARROW, NARROWEST, WIDE, Visitor

LONG = "Donaudampfschifffahrtsgesellschaftskapitaen " * 6
LIGHT_ENOUGH = 100_000


@dataclass
class Stage:
    """An install where nothing happened yet, and one with a case in each state."""

    empty: Site
    filled: Site
    said: dict[str, Said]


@pytest.fixture(scope="module")
def stage(site: Site, store: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    said = {name: site.say(LONG, name=f"Reader of {name}", email=f"{name}@example.com") for name in WORKED}
    for name, (action, words) in WORKED.items():
        if action == "decline":
            site.decline(said[name])
        elif action:
            site.work(said[name], action, **words)
    said["anonymous"] = site.say("Nobody knows who I am.", unit="people")
    for number in range(60):
        site.say(f"{number} of many who wait, each with a sentence of the usual length about the printers.")
    site.drain()
    fill_a_year(site)
    with serve(store, tmp_path_factory.mktemp("empty")) as empty:
        yield Stage(empty, site, said)


WORKED: dict[str, tuple[str, dict[str, str]]] = {
    "new": ("", {}),
    "acknowledged": ("acknowledge", {}),
    "waiting": ("ask", {"question": "Which printer is it?"}),
    "done": ("done", {"what_was_done": "We replaced the drum.", "link": "https://example.com/drum"}),
    "declined": ("decline", {}),
}


def send_nothing(me: Visitor) -> None:
    me.page.locator("main form button.button--primary").last.click()
    expect(me.page.locator("[data-problems]")).to_be_focused()


def write_a_decline(me: Visitor) -> None:
    me.page.get_by_label("Reason").select_option("budget")
    me.page.get_by_label("What they can do instead").fill("Two desks are free.")


def unfold(me: Visitor) -> None:
    for summary in me.page.locator("main summary").all():
        summary.click()


def refuse(me: Visitor) -> None:
    me.page.get_by_label("E-mail").fill(INES)
    me.page.get_by_label("Password").fill("wrong")
    me.page.get_by_role("button", name="Sign in").click()
    expect(me.page.get_by_role("alert")).to_be_visible()


def show_keys(me: Visitor) -> None:
    me.keys("?")
    expect(me.page.get_by_role("dialog")).to_be_visible()


def open_a_mail(me: Visitor) -> None:
    me.page.locator(".inbox a").first.click()
    expect(me.page.frame_locator("iframe").locator("a").first).to_be_visible()


def nothing(me: Visitor) -> None:
    """The page as it comes."""


@dataclass(frozen=True)
class Look:
    """One page in one state: who sees it, where (a name in braces is a feedback), and what they do first."""

    path: str
    who: str | None = None
    act: Callable[[Visitor], None] = nothing
    empty: bool = False


LOOKS = {
    "form": Look("/", act=unfold),
    "form with errors": Look("/", act=send_nothing),
    "receipt": Look("{new}/received"),
    "receipt of nobody": Look("{anonymous}/received"),
    "tracking new": Look("{new}", act=unfold),
    "tracking acknowledged": Look("{acknowledged}"),
    "tracking waiting": Look("{waiting}"),
    "tracking done": Look("{done}"),
    "tracking declined": Look("{declined}"),
    "rating": Look("{done}/rate?score=4"),
    "not found": Look("/nothing-here"),
    "sign-in": Look("/sign-in"),
    "sign-in refused": Look("/sign-in", act=refuse),
    "queue empty": Look("/triage/", INES, empty=True),
    "queue filled": Look("/triage/?unit=it&kind=complaint", INES),
    "queue keys": Look("/triage/", INES, show_keys),
    "queue with a case": Look("/triage/?case=[waiting]", INES),
    "case": Look("/triage/cases/[waiting]", INES, unfold),
    "case declined": Look("/triage/cases/[declined]", INES, unfold),
    "case being declined": Look("/triage/cases/[new]?do=decline", INES, write_a_decline),
    "case being closed": Look("/triage/cases/[new]?do=done", INES),
    "directory": Look("/triage/directory", ADA),
    "unit": Look("/triage/directory/units/it", ADA),
    "messages empty": Look("/notify/", ADA, empty=True),
    "messages": Look("/notify/", ADA),
    "mailbox empty": Look("/mailbox/", empty=True),
    "mailbox": Look("/mailbox/"),
    "mail": Look("/mailbox/", act=open_a_mail),
    "insights empty": Look("/insights/", ADA, empty=True),
    "insights": Look("/insights/", ADA, unfold),
    "journeys": Look("/insights/journeys?measure=overdue&unit=finance", ADA),
}


def go(visit: Visit, stage: Stage, look: Look) -> Visitor:
    """Bring a visitor to the page in its state."""
    me = visit(look.who, stage.empty if look.empty else stage.filled)
    path = look.path
    for name, said in stage.said.items():
        path = path.replace(f"{{{name}}}", said.track).replace(f"[{name}]", said.id)
    me.open(path)
    look.act(me)
    return me


@pytest.mark.parametrize("name", LOOKS)
def test_everybody_can_use_it(visit: Visit, stage: Stage, name: str) -> None:
    me = go(visit, stage, LOOKS[name])
    assert me.complaints == []
    assert me.site.url in me.page.url
    for size in (WIDE, NARROW):
        me.look(size)
        assert me.overflow() == []
        assert me.violations() == []
        me.look(size, "dark")
        assert me.violations(AXE_COLORS) == []
    me.look(NARROWEST)
    assert me.overflow() == []


@pytest.mark.parametrize(
    "name", ["form", "receipt", "tracking declined", "queue with a case", "case being declined", "insights"]
)
def test_each_stop_of_the_keyboard_can_be_seen(visit: Visit, stage: Stage, name: str) -> None:
    me = go(visit, stage, LOOKS[name])
    me.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    for _ in range(40):
        me.keys("Tab")
        assert me.page.evaluate(HOW_IT_LOOKS) in ("seen", "end"), me.page.evaluate("document.activeElement.outerHTML")


HOW_IT_LOOKS = """() => {
    const here = document.activeElement;
    if (here === document.body || here.tagName === "IFRAME") return "end";
    const ringed = [here, here.closest(".choice")].filter(Boolean);
    const ring = ringed.some((one) => {
        const style = getComputedStyle(one);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
    const box = here.getBoundingClientRect();
    const [x, y] = [box.left + Math.min(box.width / 2, 20), box.top + Math.min(box.height / 2, 10)];
    const top = document.elementFromPoint(x, y);
    const shown = top && (here.contains(top) || top.contains(here) || top.closest("label")?.contains(here));
    return ring && shown ? "seen" : `ring ${ring}, in view ${Boolean(shown)}`;
}"""


@pytest.mark.parametrize("name", ["form", "tracking declined", "queue filled", "queue with a case"])
def test_a_first_visit_costs_less_than_100_kb(visit: Visit, stage: Stage, name: str) -> None:
    me = go(visit, stage, LOOKS[name])
    assert me.transferred() < LIGHT_ENOUGH
