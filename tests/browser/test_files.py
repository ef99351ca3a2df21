"""Files in a real browser: listed, taken out, named when they are too large, and never run when they come back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.chassis import ids
from services.feedback.store import open_stores
from tests.browser.conftest import Visit
from tests.browser.site import INES, Site
from tests.browser.visitor import NARROW, WIDE

HOSTILE = b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.__xss=1'><script>window.__xss=2</script></svg>"
PAGE = b"<!doctype html><script>window.__xss=3;new Image().src='https://canary.invalid/'</script>"
NAMES = ['"><img src=x onerror=window.__xss=4>.png', "<script>window.__xss=5</script>.html", "a\u202egnp.svg"]
File = dict[str, str | bytes]


def file(name: str, content: bytes = b"\x89PNG\r\n\x1a\n", kind: str = "image/png") -> File:
    return {"name": name, "mimeType": kind, "buffer": content}


def fill(page: Page, *files: File) -> None:
    page.get_by_label("A complaint").check()
    page.get_by_label("Which department is it about?").select_option("it")
    page.get_by_label("Your words").fill("The printer on the third floor is broken, see the pictures.")
    page.get_by_label("Your name").fill("Sam Field")
    page.get_by_text("Add files").click()
    page.get_by_label("Files").set_input_files(files)  # type: ignore[arg-type]


def send(page: Page) -> None:
    page.locator("[data-send]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, we have it")


def test_chosen_files_are_listed_and_may_be_taken_out_again(visit: Visit) -> None:
    page = visit().open("/")
    fill(page, file("one.png"), file("two.png"), file("empty.png", b""))
    page.get_by_label("Files").set_input_files([file("film.mp4", b"x" * 10_000_001)])  # type: ignore[list-item]
    rows = page.locator("[data-list] li")
    expect(rows).to_have_count(4)
    expect(rows.nth(2)).to_contain_text("It is empty and will not be kept.")
    expect(rows.nth(3)).to_contain_text("It is larger than 10 MB and will not be kept.")
    expect(page.locator("[data-files] [role=status]")).to_have_text("Files that will be sent: 2")
    page.get_by_role("button", name="Remove film.mp4").click()
    page.get_by_role("button", name="Remove one.png").press("Enter")
    expect(rows).to_have_count(2)
    send(page)
    expect(page.get_by_role("link", name="two.png")).to_be_visible()
    expect(page.get_by_text("Not kept:")).to_have_count(1)
    expect(page.get_by_role("link", name="one.png")).to_have_count(0)


def test_without_script_the_browsers_own_field_does(visit: Visit) -> None:
    page = visit(java_script_enabled=False).open("/")
    fill(page, file("one.png"), file("setup.exe"))
    page.get_by_role("button", name="Send feedback").last.click()
    expect(page.get_by_role("link", name="one.png")).to_be_visible()
    expect(page.get_by_text("setup.exe")).to_be_visible()
    expect(page.get_by_text("Programs are not taken.")).to_be_visible()


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_is_saved_and_never_run(visit: Visit, site: Site, name: str, tmp_path: Path) -> None:
    visitor = visit()
    page = visitor.open("/")
    fill(page, file(name, HOSTILE, "image/svg+xml"), file("page.html", PAGE, "text/html"))
    send(page)
    page.get_by_role("link", name="See your page").click()
    saved(page, tmp_path)
    site.drain()
    kept = open_stores(site.world.process.store("feedback")).feedbacks.find_tracked(ids.digest(visitor.path[3:]))
    assert kept
    staff = visit(INES).open(f"/triage/cases/{kept.feedback.id}")
    saved(staff, tmp_path)


def saved(page: Page, folder: Path) -> None:
    """Every file on the page is offered as a download, and the page is still the page."""
    links = page.locator("a[href*='/files/']")
    assert links.count() == 2
    for index in range(2):
        with page.expect_download() as download:
            links.nth(index).click()
        download.value.save_as(folder / "saved")
        assert (folder / "saved").read_bytes() in (HOSTILE, PAGE)
    assert page.evaluate("window.__xss") is None
    # Without the link's own `download`, as when somebody pastes the address.
    address = links.first.evaluate("link => link.href")
    with page.expect_download():
        page.evaluate("address => { window.location = address; }", address)
    assert page.evaluate("window.__xss") is None


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_list_fits_and_is_accessible(visit: Visit, size: tuple[int, int]) -> None:
    visitor = visit()
    visitor.look(size)
    page = visitor.open("/")
    fill(page, file("a" * 140 + ".png"), file("b.png"), file("empty.png", b""))
    assert visitor.overflow() == []
    visitor.tab_to("[data-list] button")
    send(page)
    assert visitor.overflow() == []
    assert visitor.violations() == []
    page.go_back()
    page.locator("details:has(#f-files)").evaluate("one => { one.open = true; }")
    page.get_by_label("Files").set_input_files([file("empty.png", b"")])  # type: ignore[list-item]
    assert visitor.violations() == []
