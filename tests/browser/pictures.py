"""`python -m tests.browser.pictures`: the README's picture, taken of a fresh install with the demo's feedback in it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.browser.conftest import CHROMIUM
from tests.browser.site import INES
from tests.forms import Browser
from tests.running import OverHttp, in_one_process

PICTURE = Path(__file__).parents[2] / "deploy" / "pictures" / "queue.png"
WORDS = "I need a second screen to reconcile statements side by side; I print one half of them today."
MORE = (
    ("it", "complaint", "Sam Field", "The printer on the third floor has been broken for two weeks."),
    ("it", "question", "", "Who may see what I write in the chat?"),
    ("people", "idea", "Lena Fuchs", "A room with a door, for calls, on every floor."),
    ("people", "complaint", "Ravi Menon", "My payslip shows the old address again."),
    ("it", "complaint", "", "The search in the wiki finds everything but what I look for."),
    ("it", "praise", "Nadia Haddad", "The new laptop came with everything on it. Thank you."),
    ("it", "need", "Tom Adeyemi", WORDS),
)


SIZE: ViewportSize = {"width": 1600, "height": 1000}


def main() -> None:
    """Start an install, fill it, take the picture, stop it."""
    with TemporaryDirectory() as folder, in_one_process(Path(folder), smtp_url="") as running:
        running.command("demo")
        for unit, kind, name, text in MORE:
            Browser(OverHttp(running.port)).submit("/", unit=unit, kind=kind, name=name, text=text)  # type: ignore[arg-type]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport=SIZE, device_scale_factor=0.8, locale="en-GB", reduced_motion="reduce")
            page.goto(f"http://127.0.0.1:{running.port}/triage/?view=open")
            _sign_in(page)
            _begin_to_decline(page)
            PICTURE.parent.mkdir(exist_ok=True)
            page.screenshot(path=PICTURE)
            browser.close()
    print(f"{PICTURE} ({PICTURE.stat().st_size // 1000} kB)")


def _sign_in(page: Page) -> None:
    page.get_by_label("E-mail").fill(INES)
    page.get_by_label("Password").fill("liaise-demo")
    page.get_by_role("button", name="Sign in").click()


def _begin_to_decline(page: Page) -> None:
    page.get_by_role("link").filter(has_text=WORDS).click()
    expect(page.locator("#case")).to_contain_text(WORDS)
    page.keyboard.press("x")
    page.get_by_label("Reason").select_option("budget")
    page.get_by_label("Explanation").fill(
        "This year's budget for screens is spent, and yours would have been the ninth."
    )
    page.get_by_label("What they can do instead").fill(
        "Two desks with two screens are free on the second floor, any day."
    )


if __name__ == "__main__":
    main()
